"""Serves assistants by the Model Context Protocol. docs/assistants.md."""

from __future__ import annotations

import logging
import re
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims import assistants

# Requests that wait at once, by HTTP; more are told to come later (503).
AT_ONCE = 50


class Command(BaseCommand):
    help = (
        "Serves assistants (Model Context Protocol): they search claims, match statements and read verdicts, "
        "of what is public, and change nothing. On standard input and output, or by HTTP."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--http",
            metavar="HOST:PORT",
            help="Serve by HTTP at /mcp there, such as 127.0.0.1:8765, and not on standard input and output.",
        )

    def handle(self, *, http: str | None, **options: Any) -> None:
        if not assistants.is_installed():
            raise CommandError(
                "The server for assistants takes the extra `mcp`: pip install '.[mcp]' installs it."
            )
        # What is asked is nobody's business in a log.
        logging.getLogger("mcp").setLevel(logging.WARNING)
        if http is None:
            from claims.assistants.server import build

            build().run("stdio")
        else:
            self.serve(*_place(http))

    def serve(self, host: str, port: int) -> None:
        import uvicorn

        from claims.assistants.server import PATH, http_app

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host, port), family=family)
        except OSError as error:
            raise CommandError(
                f"Nothing can be served on port {port} of {host}: {error}."
            ) from error
        shown = f"[{host}]" if ":" in host else host
        with listening:
            port = listening.getsockname()[1]
            self.stdout.write(f"Serving assistants on http://{shown}:{port}{PATH} until Ctrl-C.")
            self.stdout.flush()
            config = uvicorn.Config(
                http_app(shown),
                log_config=None,
                log_level="warning",
                access_log=False,
                limit_concurrency=AT_ONCE,
                server_header=False,
            )
            uvicorn.Server(config).run(sockets=[listening])


def _place(http: str) -> tuple[str, int]:
    """Host and port of HOST:PORT. CommandError for anything else."""
    found = re.fullmatch(
        r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]]+)):(?P<port>[0-9]{1,5})", http
    )
    if not found or int(found["port"]) > 65535:
        raise CommandError(
            f"--http is {http!r}: give an address and a port, such as 127.0.0.1:8765."
        )
    return found["six"] or found["host"], int(found["port"])
