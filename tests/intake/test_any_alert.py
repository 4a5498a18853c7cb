"""Whatever a body holds: what is valid comes back exactly, what is not gets an error of its own, nothing fails."""

import json
from copy import deepcopy
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from incidents.intake import operations
from incidents.intake.models import Alert
from tests.intake.native import full

pytestmark = pytest.mark.django_db

RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
_numbers = count()

# What may be stored: any code point but NUL and lone surrogates, and the nasty ones often.
NASTY = "\u202e\u200b\u2066\ufeff\u0301\\\"'\t\n\r\x01\x7f\x85\ufdfa𝔘😀"
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from(NASTY))
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(-1e15, 1e15, allow_subnormal=False)
plain = st.none() | st.booleans() | numbers | texts
free_form = st.dictionaries(texts, st.recursive(plain, lambda part: st.lists(part) | st.dictionaries(texts, part)))
attachments = st.fixed_dictionaries(
    {"kind": st.sampled_from(["image", "audio", "video", "file"])},
    optional={
        "media_type": names,
        "sha256": st.text("0123456789abcdef", min_size=64, max_size=64),
        "size": st.integers(0, 2**53),
        "name": names,
        "address": names.filter(lambda name: not name.lower().lstrip().startswith("data:")),
    },
)
chances = st.floats(0, 1, allow_subnormal=False) | st.booleans()


@st.composite
def alerts(draw):
    said = st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant"]), "content": texts},
        optional={"attachments": st.lists(attachments, min_size=1, max_size=3)},
    )
    alert = {
        "external_id": f"any-{next(_numbers)}",
        "occurred_at": draw(st.datetimes().filter(lambda at: 1970 < at.year < 2199)).isoformat() + "Z",
        "kind": draw(st.sampled_from(["detector", "user_report", "partner_report", "staff", "random_sample"])),
        "generation": {"messages": draw(st.lists(said, min_size=1, max_size=5)), "parameters": draw(free_form)},
        "flagged": draw(st.lists(names, max_size=5)),
        "labels": draw(st.dictionaries(names, st.booleans(), max_size=5)),
        "scores": draw(st.dictionaries(names, chances, max_size=5)),
        "comment": draw(texts),
        "metadata": draw(free_form),
    }
    alert["generation"]["model"] = draw(names)
    return alert


@given(alert=alerts(), is_ascii=st.booleans())
@RELAXED
def test_a_valid_alert_comes_back_exactly(alert, is_ascii):
    record = json.dumps(alert, ensure_ascii=is_ascii).encode()

    first, again = operations.accept([record], source="any"), operations.accept([record], source="any")

    assert (first.rejected, first.accepted) == ([], 1)
    assert (again.duplicates, again.differs) == (1, [])
    stored = Alert.objects.select_related("generation__content").get(external_id=alert["external_id"])
    for name in ("kind", "flagged", "labels", "scores", "comment", "metadata"):
        assert getattr(stored, name) == alert[name]
    assert stored.generation.model == alert["generation"]["model"]
    assert stored.generation.content.messages == alert["generation"]["messages"]
    assert stored.generation.content.parameters == alert["generation"]["parameters"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), part, max_size=4),
    max_leaves=8,
)


def places(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for name, part in parts:
        yield from places(part, (*path, name))


@given(place=st.sampled_from(list(places(full()))[1:]), value=anything, is_gone=st.booleans())
@example(place=("metadata",), value={"a": 10**4000}, is_gone=False)
@example(place=("metadata",), value={"a": "\ud800"}, is_gone=False)
@RELAXED
def test_a_mangled_alert_is_taken_or_rejected_with_a_reason(post, place, value, is_gone):
    alert = deepcopy(full(external_id=f"mangled-{next(_numbers)}"))
    parent = alert
    for name in place[:-1]:
        parent = parent[name]
    if is_gone:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value

    answer = post(json.dumps([alert]).encode())

    assert answer.status_code in {202, 400}
    if answer.status_code == 202:
        said = answer.json()
        assert said["accepted"] + said["duplicates"] + len(said["rejected"]) == 1
        assert all(one["errors"] for one in said["rejected"])


@given(
    body=st.binary() | anything.map(lambda value: json.dumps(value).encode()) | st.text().map(str.encode),
    content_type=st.sampled_from(["application/json", "application/x-ndjson", "application/json; charset=utf-8"]),
    encoding=st.sampled_from(["", "gzip"]),
)
@RELAXED
def test_any_body_at_all_gets_an_answer(post, body, content_type, encoding):
    answer = post(body, content_type=content_type, Content_Encoding=encoding)

    assert answer.status_code in {202, 400, 413, 415}
