"""Ten thousand mangled bodies sent to a real server: every one gets an answer, and nobody else's alert is lost."""

import gzip
import http.client
import json
import random
from collections.abc import Callable

import pytest

from incidents.intake.formats.catalogue import FORMATS
from tests.harness.instance import Instance
from tests.intake.native import native

BODIES = 10_000
MOST_GROWTH = 200 * 2**20  # bytes of the web server, once it is warm: the largest body may be held twice

Mangle = Callable[[bytes, random.Random], bytes]


def cut(record: bytes, chance: random.Random) -> bytes:
    return record[: chance.randrange(1, len(record))]


def flipped(record: bytes, chance: random.Random) -> bytes:
    mangled = bytearray(record)
    for _flip in range(chance.randint(1, 6)):
        mangled[chance.randrange(len(mangled))] = chance.randrange(256)
    return bytes(mangled).replace(b"\n", b" ")


def of_other_types(record: bytes, chance: random.Random) -> bytes:
    others = (b"null", b"[]", b"{}", b"-1e999", b"true", b'"\\ud800"', b'"\\u0000"', b"1" + b"0" * 400)
    parts = record.split(b":")
    at = chance.randrange(1, len(parts)) if len(parts) > 1 else 0
    parts[at] = b" " + chance.choice(others) + parts[at][parts[at].find(b",") :]
    return b":".join(parts)


def deep(record: bytes, chance: random.Random) -> bytes:
    depth = chance.choice([33, 500, 20_000])
    return record[:-1] + b', "metadata": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


def not_utf8(record: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(record))
    return record[:at] + chance.choice([b"\xff", b"\xc3", b"\xed\xa0\x80"]) + record[at:]


MANGLES: tuple[Mangle, ...] = (cut, flipped, of_other_types, deep, not_utf8)


def bomb(chance: random.Random) -> bytes:
    """A few kilobytes that unpack to a hundred megabytes, or a gzip that is cut short."""
    packed = gzip.compress(b"\0" * chance.choice([10**7, 10**8]))
    return packed if chance.random() < 0.5 else packed[: len(packed) // 2]


@pytest.mark.long
def test_ten_thousand_mangled_bodies_get_an_answer_and_their_neighbours_are_kept(tmp_path):
    chance = random.Random(7)
    slugs = [slug for slug, known in FORMATS.items() if known.unit == "json"]
    sent = 0
    with Instance(tmp_path / "data") as trustdesk:
        key = trustdesk.manage(
            "create_api_key", "Fuzz", "--scope", "intake", "--alerts-per-minute", "0", "--requests-per-minute", "0"
        ).splitlines()[-1]
        connection = http.client.HTTPConnection("127.0.0.1", trustdesk.port, timeout=60)

        def post(body: bytes, query: str = "", **headers: str) -> tuple[int, dict]:
            names = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson", **headers}
            connection.request("POST", f"/api/v1/alerts{query}", body=body, headers=names)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

        for number in range(BODIES):
            if number == BODIES // 10:
                warm = trustdesk.memory_of("web")
            if number % 100 == 99:
                status, _answer = post(bomb(chance), **{"Content-Encoding": "gzip"})
                assert status in {400, 413}
                continue
            slug = chance.choice(slugs) if number % 2 else "native"
            mangled = chance.choice(MANGLES)(FORMATS[slug].example, chance)
            neighbour = json.dumps(native(external_id=f"kept-{number}")).encode()
            if slug == "native":
                status, answer = post(mangled + b"\n" + neighbour)
                sent += 1
                assert (status, answer["accepted"] >= 1) == (202, True)
            else:
                status, answer = post(mangled, f"?format={slug}")
                assert status == 202, answer
            assert answer["accepted"] or answer["duplicates"] or answer["rejected"] or not mangled.strip()
        assert trustdesk.memory_of("web") - warm < MOST_GROWTH
        connection.close()
        kept = trustdesk.query("select count(*) from intake_alert where external_id like 'kept-%'")
        log = trustdesk.logs()

    assert kept == [(sent,)]
    assert sent > 0
    assert "Traceback" not in log
