"""A body that each endpoint takes, and whatever else may be sent instead."""

import gzip
import json
from typing import Any, Final

from hypothesis import strategies as st

CANARY: Final = "canary-5d1f"  # in every text that is sent, and never in a log

ATTACHMENT: Final = {
    "kind": "image",
    "media_type": CANARY,
    "sha256": "a1" * 32,
    "size": 7,
    "name": CANARY,
    "address": CANARY,
}
ALERT: Final = {
    "external_id": CANARY,
    "occurred_at": "2026-11-01T10:00:00Z",
    "kind": "detector",
    "detector": {"name": CANARY, "version": CANARY},
    "taxonomy": {"name": CANARY, "version": CANARY},
    "flagged": [CANARY],
    "labels": {CANARY: True},
    "scores": {CANARY: 0.93},
    "score_kind": "probability",
    "thresholds": {CANARY: 0.8},
    "spans": [{"message": 0, "start": 0, "end": 3, "category": CANARY, "score": 0.5}],
    "comment": CANARY,
    "generation": {
        "external_id": CANARY,
        "model": CANARY,
        "deployment": CANARY,
        "stage": "pilot",
        "use_case": CANARY,
        "language": "en",
        "parameters": {CANARY: CANARY},
        "messages": [
            {"role": "user", "content": CANARY, "attachments": [ATTACHMENT]},
            {"role": "assistant", "content": CANARY},
        ],
    },
    "actor": {
        "kind": "account",
        "external_id": CANARY,
        "identifiers": {"ip": CANARY},
        "tier": CANARY,
        "parent": {"kind": "organisation", "external_id": "org"},
    },
    "sampling_rate": 0.5,
    "metadata": {CANARY: [CANARY]},
}
NOTE: Final = {"text": CANARY}
DECISION: Final = {
    "round": "{round}",
    "fence": 1,
    "verdict": "violating",
    "violations": [
        {
            "clause": "{clause}",
            "version": 1,
            "severity": 2,
            "side": "prompt",
            "complied": True,
            "span": {"message": 0, "start": 0, "end": 3},
        }
    ],
    "note": CANARY,
}
PROPOSAL: Final = {
    "actor": {"kind": "account", "external_id": "acct_world"},
    "kind": "warning",
    "parameters": {"days": 30},
    "reason": CANARY,
    "decisions": [],
}
APPLICATION: Final = {
    "actor": {"kind": "organisation", "external_id": CANARY},
    "name": CANARY,
    "description": CANARY,
    "expected_volume": 20_000,
    "stage": "pilot",
    "contact": CANARY,
}
SHARE: Final = {
    "format": "stix",
    "tlp": "amber",
    "title": CANARY,
    "by_name": True,
    "reason": f"{CANARY} is why they need to know.",
}
TRAFFIC: Final = {
    "day": "2026-11-01",
    "generations": 1000,
    "actors": 40,
    "model": CANARY,
    "deployment": CANARY,
    "stage": "pilot",
    "language": "en",
}
VALID: Final[dict[str, Any]] = {
    "POST /api/v1/alerts": ALERT,
    "POST /api/v1/traffic": TRAFFIC,
    "POST /api/v1/queues/{queue}/claim": {},
    "POST /api/v1/items/{held}/decisions": DECISION,
    "POST /api/v1/items/{held}/notes": NOTE,
    "POST /api/v1/enforcement-actions": PROPOSAL,
    "POST /api/v1/use-cases": APPLICATION,
    "POST /api/v1/actors/share": {**SHARE, "actor": {"kind": "account", "external_id": "acct_world"}, "whom": "linked"},
    "POST /api/v1/incidents/{incident}/share": {**SHARE, "format": "misp"},
}

NUMBERS: Final = [0, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 0.5, 1e308, True]
TEXTS: Final = [
    "",
    "\0",
    f"{CANARY}\0",
    "\ud800",
    "\u202e\u200b",
    "a\u0301" * 3000,
    "x" * 70_000,
    "1e999999",
    "2026-11-01",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "NaN",
    "../../etc/passwd",
    "' or 1=1 --",
    "{{ 7 * 7 }}",
]
ODD_JSON: Final = [
    b"",
    b"null",
    b"NaN",
    b'{"round": 1e400}',
    b"[" * 2000,
    b'{"a":' * 2000,
    b'{"a": 1, "a": 2}',
    b'"\\ud800"',
    b'{"\\u0000": 1}',
    b'{"note": "\\u0000"}',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"[[[[]]]]",
    b"1" * 5000,
    b"{}\n{}\n",
    b"\x1f\x8b\x08",
]
CONTENT_TYPES: Final = [
    "application/json",
    "application/x-ndjson",
    "application/json; charset=utf-16",
    "application/json; charset=\xff",  # no server lets a NUL through in a header
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "text/csv",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/xml",
    "",
    "/",
    "x" * 500,
]
ENCODINGS: Final = ["", "gzip", "x-gzip", "deflate", "br", "gzip, gzip", "identity"]

leaves = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.integers(), st.floats(), st.text()
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def spoiled(draw: st.DrawFn, body: Any) -> Any:
    """A body like ``body`` with one part replaced, taken out or added."""
    places = list(_places(body))
    if not places or draw(st.integers(0, 9)) == 0:
        return draw(values)
    path = draw(st.sampled_from(places))
    copy = json.loads(json.dumps(body))
    inside = copy
    for step in path[:-1]:
        inside = inside[step]
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "remove":
            del inside[path[-1]]
        case "add" if isinstance(inside, dict):
            inside[draw(st.text(max_size=30))] = draw(values)
        case _:
            inside[path[-1]] = draw(values)
    return copy


@st.composite
def requests(draw: st.DrawFn, body: Any) -> tuple[bytes, str, str]:
    """Return (bytes, content type, content encoding): mostly JSON that is nearly right, else anything at all."""
    if draw(st.integers(0, 2)):
        sent = json.dumps(draw(spoiled(body))).encode()
        return sent, "application/json", ""
    raw = draw(
        st.one_of(st.sampled_from(ODD_JSON), st.binary(max_size=200), values.map(lambda v: json.dumps(v).encode()))
    )
    if draw(st.booleans()):
        raw = gzip.compress(raw)[: draw(st.integers(1, 400))]
    return raw, draw(st.sampled_from(CONTENT_TYPES)), draw(st.sampled_from(ENCODINGS))


def _places(part: Any, path: tuple[Any, ...] = ()) -> Any:
    """Walk the paths of everything inside ``part``."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inside:
        yield (*path, name)
        yield from _places(value, (*path, name))
