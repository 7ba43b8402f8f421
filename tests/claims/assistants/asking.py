"""The SDK's own client, asking our server in the process of the test: the tools see its transaction."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from mcp import Client

from claims.assistants.server import build


@async_to_sync
async def ask(tool: str, **arguments: Any) -> Any:
    """The result of one call, as the client has it."""
    async with Client(build()) as client:
        return await client.call_tool(tool, arguments)


def told(tool: str, **arguments: Any) -> tuple[dict[str, Any], str]:
    """The answer as data and as text."""
    result = ask(tool, **arguments)
    assert not result.is_error, result.content
    (text,) = result.content
    return result.structured_content, text.text


def refused(tool: str, **arguments: Any) -> str:
    """The sentence of an error."""
    result = ask(tool, **arguments)
    assert result.is_error
    assert result.structured_content is None
    (text,) = result.content
    return text.text
