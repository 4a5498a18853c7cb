"""A real HTTP receiver for webhooks: keeps every request, and verifies it as a customer would."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    """One request as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:
        """Return the payload, or raise ``WebhookVerificationError`` when the signature does not hold."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Use as ``with Receiver() as receiver:``. ``answers`` are the next statuses to give; after them 200."""

    def __init__(self, answers: tuple[int, ...] = ()) -> None:
        self.received: list[Received] = []
        self._answers = list(answers)
        self._text = b""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def say(self, text: str) -> None:
        """Answer with ``text`` from now on."""
        self._text = text.encode()

    def wait_for(self, count: int, seconds: float = 30) -> list[Received]:
        """Return what came in once there are ``count`` requests."""
        deadline = time.monotonic() + seconds
        while len(self.received) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.received)} of {count} requests came in within {seconds} s")
            time.sleep(0.02)
        return list(self.received)

    def _take(self, request: Received) -> int:
        with self._lock:
            self.received.append(request)
            return self._answers.pop(0) if self._answers else 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver._take(Received(self.path, headers, body)))
                self.send_header("content-length", str(len(receiver._text)))
                self.end_headers()
                self.wfile.write(receiver._text)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Stay quiet: the test reads ``received``."""

        return Handler
