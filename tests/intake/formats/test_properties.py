"""Whatever a provider sends: what is valid keeps every category, what is mangled is said to be, nothing else fails."""

import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.intake.formats import reading
from incidents.intake.formats.converting import NotOfFormat
from tests.intake.formats.cases import CASES, accepted

RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.slug}: {case.name}")

category_names = st.text("abcdefghijklmnopqrstuvwxyzABC019_-/éß禁", min_size=1, max_size=40)


def found(record, path):
    """Return the holder of a path and its key there, or None where the record does not go that far."""
    *before, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in before:
        try:
            record = record[part]
        except (KeyError, IndexError, TypeError):
            return None
    has = last in record if isinstance(record, dict) else isinstance(record, list) and last < len(record)
    return (record, last) if has else None


@st.composite
def valid(draw, case):
    """Draw a record within the specification, and the unknown categories that it was given."""
    record, said = deepcopy(case.record), []
    for path in case.optional:
        if (place := found(record, path)) and draw(st.booleans()):
            del place[0][place[1]]
    for path, values in case.choices.items():
        if place := found(record, path):
            place[0][place[1]] = draw(st.sampled_from(values))
    for path, (least, most) in case.numbers.items():
        if place := found(record, path):
            place[0][place[1]] = draw(st.floats(least, most, allow_subnormal=False))
    for path, value in case.open.items():
        if place := found(record, path):
            said.append(draw(category_names))
            holder = place[0][place[1]]
            if isinstance(holder, list):
                holder.append(json.loads(json.dumps(value).replace("?", said[-1])))
            else:
                holder[said[-1]] = value
    return record, said


def categories_in(alerts):
    return {name for alert in alerts for part in ("flagged", "labels", "scores") for name in alert.get(part, [])}


@EVERY_CASE
@given(data=st.data())
@RELAXED
def test_any_valid_record_is_accepted_and_keeps_every_category(case, data):
    record, said = data.draw(valid(case))

    alerts = [accepted(alert) for alert in case.convert(record)]

    assert categories_in(alerts) >= set(said)
    assert len({alert["external_id"] for alert in alerts}) == len(alerts)


anything = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        2**63,
        10**400,
        1e308,
        -0.5,
        "",
        "\0",
        "\ud800",
        "\udfff",
        "𝔘",
        "x" * 300,
        [],
        {},
        [[]],
        {"": 0},
    ]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=8), part, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for name, part in parts:
        yield from places(part, (*path, name))


@st.composite
def replaced(draw, record):
    """Put anything at any place of the record, or under a new key beside it."""
    path = draw(st.sampled_from(list(places(record))))
    value = draw(anything)
    if not path:
        return json.dumps(value).encode()
    record = holder = deepcopy(record)
    for part in path[:-1]:
        holder = holder[part]
    is_new_key = isinstance(holder, dict) and draw(st.integers(0, 4)) == 0
    holder[draw(st.text(st.characters(), max_size=5)) if is_new_key else path[-1]] = value
    return json.dumps(record).encode()


@st.composite
def torn(draw, record):
    """Cut the bytes off, put other bytes into them, or nest them deeply."""
    body = json.dumps(record, ensure_ascii=False).encode()
    at = draw(st.integers(0, len(body)))
    middle = draw(
        st.sampled_from([b"", b"\xff", b"\xed\xa0\x80", b"\0", b'"', b"}", b"1e999", b"\\ud800", b"[" * 100_000])
        | st.binary(max_size=4)
    )
    return body[:at] + middle + (body[at + draw(st.integers(0, 3)) :] if draw(st.booleans()) else b"")


def errors_of(case, record):
    """Convert a record and judge its alerts: the errors that were said. Anything else that is raised fails the test."""
    try:
        alerts = case.convert(record)
    except NotOfFormat as reason:
        return [reason.errors]
    errors = []
    for alert in alerts:
        try:
            accepted(alert)
        except reading.Invalid as invalid:
            errors.append(invalid.errors)
    return errors


def assert_said(errors):
    for said in errors:
        assert said
        assert all(isinstance(path, str) and path and all(sentences) for path, sentences in said.items())


@EVERY_CASE
@given(data=st.data())
@RELAXED
def test_any_mangled_record_is_an_error_that_is_said_or_still_an_alert(case, data):
    body = data.draw(replaced(case.record) | torn(case.record))

    assert_said(errors_of(case, body))


@EVERY_CASE
def test_a_place_that_holds_a_deep_nest_is_an_error_or_still_an_alert(case):
    deep = json.loads("[" * 600 + "]" * 600)

    for path in list(places(case.record))[1:]:
        record = holder = deepcopy(case.record)
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = deep

        assert_said(errors_of(case, record))
