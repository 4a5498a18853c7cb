"""A real HTTP receiver for webhooks: keeps every request, and verifies it as a customer would."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
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
    status: int = 0
    is_late: bool = False

    def verified(self, secret: str) -> Any:
        """Return the payload, or raise ``WebhookVerificationError`` when the signature does not hold."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Use as ``with Receiver() as receiver:``. ``answers`` are the next statuses to give; after them 200.

    A pair is a status and the seconds that pass before it is given; a redirect leads back to the receiver.
    """

    def __init__(self, answers: tuple[int | tuple[int, float], ...] = ()) -> None:
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

    def answer(self, *answers: int | tuple[int, float]) -> None:
        """Give these answers next."""
        self._answers = list(answers)

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
            answer = self._answers.pop(0) if self._answers else 200
            status, seconds = answer if isinstance(answer, tuple) else (answer, 0.0)
            self.received.append(replace(request, status=status, is_late=seconds > 0))
        time.sleep(seconds)
        return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", "0"))
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # who sent it died on the way: it never came
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver._take(Received(self.path, headers, body))
                with suppress(OSError):  # whoever asked did not wait
                    self.send_response(status)
                    self.send_header("content-length", str(len(receiver._text)))
                    if 300 <= status < 400:
                        self.send_header("location", receiver.url)
                    self.end_headers()
                    self.wfile.write(receiver._text)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Stay quiet: the test reads ``received``."""

        return Handler
