import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.harness.receiver import Receiver
from trust.outgoing import http


@contextmanager
def raw_receiver(*parts: bytes, pause: float = 0.0) -> Iterator[str]:
    """A receiver that answers with these very bytes, part by part; yields its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _address = server.accept()
        with line:
            line.recv(65536)
            try:
                for part in parts:
                    line.sendall(part)
                    time.sleep(pause)
            except OSError:
                return  # the client hung up

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    server.close()
    thread.join(5)


def test_a_post_arrives_with_its_body_and_headers(receiver: Receiver):
    answer = http.post(receiver.url, body=b'{"a":1}', headers={"webhook-id": "1"})

    [request] = receiver.received
    assert (answer.status_code, answer.fault, answer.is_received) == (200, "", True)
    assert (request.path, request.body, request.headers["webhook-id"]) == ("/hook", b'{"a":1}', "1")
    assert request.headers["host"] == receiver.url.split("/")[2]


def test_a_redirect_is_not_followed(receiver: Receiver):
    head = f"HTTP/1.1 302 Found\r\nLocation: {receiver.url}\r\nContent-Length: 0\r\n\r\n"

    with raw_receiver(head.encode()) as url:
        answer = http.post(url, body=b"", headers={})

    assert (answer.status_code, answer.is_received) == (302, False)
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, receiver: Receiver):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert http.post(receiver.url, body=b"", headers={}).status_code == 200


def test_a_drip_of_bytes_does_not_outlast_the_deadline():
    with raw_receiver(*[b"H"] * 40, pause=0.05) as url:
        answer = http.post(url, body=b"", headers={}, deadline=0.3)

    assert answer.fault == "too_slow"
    assert 300 <= answer.duration_ms < 900


def test_a_yes_stands_even_if_the_text_after_it_is_cut():
    with raw_receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b"x"] * 40, pause=0.05) as url:
        answer = http.post(url, body=b"", headers={}, deadline=0.3)

    assert (answer.status_code, answer.fault) == (200, "")


def test_at_most_a_kibibyte_of_the_answer_is_kept_as_text():
    long = b"\xff\0" + b"a" * 100_000

    with raw_receiver(b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n" % len(long), long) as url:
        answer = http.post(url, body=b"", headers={})

    assert len(answer.text) == 64 * 1024
    assert answer.text.startswith("\N{REPLACEMENT CHARACTER}" * 2 + "a")


def test_what_is_not_http_is_called_so():
    with raw_receiver(b"220 mail ready\r\n\r\n") as url:
        answer = http.post(url, body=b"", headers={})

    assert answer.fault == "not_http"


def test_a_closed_port_is_no_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert http.post(f"http://127.0.0.1:{port}/", body=b"", headers={}).fault == "no_connection"


def test_plain_http_where_encryption_is_expected_is_told(receiver: Receiver):
    answer = http.post(receiver.url.replace("http:", "https:"), body=b"", headers={})

    assert answer.fault == "tls"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("99999999", 86400), ("soon", None), ("-5", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0), ("", None)],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: Any):
    head = f"HTTP/1.1 429 Slow\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n"

    with raw_receiver(head.encode()) as url:
        answer = http.post(url, body=b"", headers={})

    assert (answer.retry_after.total_seconds() if answer.retry_after is not None else None) == seconds
