import socket
from typing import Any

import pytest

from tests.harness.receiver import Receiver
from trust import environment
from trust.outgoing import guard, http

NOT_PUBLIC = [
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:53aa:64c::1",
    "2001:db8::1",
    "3fff::1",
    "fc00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
ODD_HOSTS = ["0177.0.0.1", "2130706433", "127.1", "0x7f000001", "0x7f.0.0.1", "127.0.0.0x1", "1.2.3"]
ODD_URLS = [
    "ftp://example.org/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://name:secret@example.org/",
    "https://@example.org/",
    "https://example.org/#part",
    "https://example.org:22/",
    "https://example.org:1023/",
    "https://example.org:0/",
    "https://example.org:99999/",
    "https://example.org:x/",
    "https://example.org\\@127.0.0.1/",
    "https://example.org/ HTTP/1.1",
    "https://example.org/\r\nHost: other",
    "https://bücher.example/",
    "https://[fe80::1%25eth0]/",
    "https://[::1/",
    f"https://example.org/{'a' * 500}",
]


@pytest.fixture(autouse=True)
def _no_network_is_opened(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []


def answer_with(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the resolver give ``answers``, one list of addresses for each look-up. Returns the names looked up."""
    waiting, asked = list(answers), []

    def resolve(host: str, port: int, **_options: Any) -> list[Any]:
        asked.append(host)
        addresses = waiting.pop(0)
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(guard.socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_with_an_address_that_is_not_public_is_refused(monkeypatch: pytest.MonkeyPatch, address: str):
    answer_with(monkeypatch, [address])

    with pytest.raises(guard.AddressRefused):
        guard.check("https://hooks.example.org/")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_let_through(monkeypatch: pytest.MonkeyPatch, address: str):
    answer_with(monkeypatch, [address])

    target = guard.check("https://hooks.example.org/in?x=1")

    assert target == guard.Target(True, "hooks.example.org", 443, "/in?x=1", (address,))


def test_one_private_address_among_public_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch):
    answer_with(monkeypatch, ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(guard.AddressRefused):
        guard.check("https://hooks.example.org/")


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_numbers_that_resolvers_read_as_addresses_are_refused(host: str, settings: Any):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]

    with pytest.raises(guard.AddressRefused):
        guard.check(f"https://{host}/")


@pytest.mark.parametrize("url", ODD_URLS)
def test_urls_that_are_not_plain_are_refused(url: str):
    with pytest.raises(guard.AddressRefused):
        guard.parts_of(url)


def test_plain_http_is_refused_even_on_a_public_address(monkeypatch: pytest.MonkeyPatch):
    answer_with(monkeypatch, ["8.8.8.8"])

    with pytest.raises(guard.AddressRefused):
        guard.check("http://hooks.example.org/")


@pytest.mark.parametrize("wrong", ["10.0.0.0/33", "10.0.0.1/8", "inside", "127.0.0.0/8, 1"])
def test_a_network_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, wrong: str):
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", wrong)

    with pytest.raises(environment.BadSetting, match="must hold networks"):
        environment.networks("WEBHOOK_ALLOWED_NETWORKS")


def test_an_opened_network_may_be_reached_by_plain_http(settings: Any):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]

    assert guard.check("http://127.0.0.1:8080/hook").addresses == ("127.0.0.1",)


def test_a_name_nobody_knows_is_not_found(monkeypatch: pytest.MonkeyPatch):
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(guard.socket, "getaddrinfo", fail)

    assert http.post("https://nowhere.example/", body=b"", headers={}).fault == "name_not_found"


def test_a_name_that_is_bound_anew_after_the_check_does_not_lead_inside(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
):
    asked = answer_with(monkeypatch, ["203.0.114.1"], ["127.0.0.1"])
    tried = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(http.socket, "create_connection", connect)

    answer = http.post(receiver.url.replace("http://127.0.0.1", "https://rebound.example"), body=b"", headers={})

    assert answer.fault == "no_connection"
    assert (asked, tried) == (["rebound.example"], ["203.0.114.1"])
    assert receiver.received == []
