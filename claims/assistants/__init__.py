"""A server for assistants: search, match, read a verdict (https://modelcontextprotocol.io).

`asking` is what may be asked, `answers` what is said; `reading` and `briefs` make it from rows, `phrases` has
the sentences, `wording` the text; `tools` are the three questions, `server` speaks the protocol. Nothing here
writes. The SDK is an extra: pip install '.[mcp]'. docs/assistants.md.
"""

from importlib.util import find_spec


def is_installed() -> bool:
    """Whether the SDK is there."""
    return find_spec("mcp") is not None
