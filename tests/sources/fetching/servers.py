"""Servers on this machine that answer byte by byte as a test says; and what was connected to meanwhile."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = bytes | Callable[[socket.socket, bytes, int], None]


class Server:
    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[bytes] = []  # the head of each request
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        return [head.split(b" ")[1].decode() for head in self.seen]


@contextmanager
def serving(
    answer: Answer, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, hear: bool = True
) -> Iterator[Server]:
    """`answer` is sent to whoever connects, or called with the connection, the head of the request and the
    number of the connection. With `hear` off, the request is not waited for."""
    listening = socket.create_server((host, 0))
    here = Server(listening.getsockname()[1])
    threads: list[threading.Thread] = []

    def attend(connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            if tls:
                connection = tls.wrap_socket(connection, server_side=True)
            head = b""
            while hear and b"\r\n\r\n" not in head:
                if not (came := connection.recv(65536)):
                    break
                head += came
            here.seen.append(head)
            if isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                answer(connection, head, number)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connection.settimeout(10)
                thread = threading.Thread(
                    target=attend, args=[connection, len(threads)], daemon=True
                )
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield here
    finally:
        here.ended.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # wakes whoever accepts
        listening.close()
        accepting.join(5)
        for thread in threads:
            thread.join(5)


class Connections:
    """What this process connects to, as Python's own audit sees it, whoever does it and how. What is not this
    machine is noted and then refused: no test leaves it, also where the guard does not hold."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int]] | None = None

    def audit(self, event: str, arguments: tuple) -> None:
        if event == "socket.connect" and self.made is not None:
            address = arguments[1]
            if isinstance(address, tuple):
                self.made.append(address[:2])
                if not address[0].startswith("127.") and address[0] not in ("0.0.0.0", "::1", "::"):
                    raise ConnectionRefusedError("not in a test")

    @contextmanager
    def watched(self) -> Iterator[list[tuple[str, int]]]:
        self.made = made = []
        try:
            yield made
        finally:
            self.made = None


connections = Connections()
sys.addaudithook(connections.audit)  # for ever: there is no way to take one away
