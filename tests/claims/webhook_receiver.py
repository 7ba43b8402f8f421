"""A receiver of webhooks on this machine, for tests: keeps what it is sent, and answers as it is told to."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hook"
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []  # for the next requests; 204 afterwards
        self.headers: dict[str, str] = {}
        self.body = b""

    @property
    def ids(self) -> list[str]:
        return [headers["Webhook-Id"] for headers, _ in self.seen]


@contextmanager
def receiver():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.seen.append((dict(self.headers), body))
            self.send_response(here.answers.pop(0) if here.answers else 204)
            for name, value in here.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # nobody reads it to the end
                self.wfile.write(here.body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
