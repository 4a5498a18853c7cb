import json

import msgspec
import pytest

from incidents.intake.formats import columns, generic_csv, suggesting
from incidents.intake.formats.columns import Columns
from incidents.intake.formats.converting import NotOfFormat
from tests.intake.formats.cases import accepted, given

BARE = {
    "external_id": {"text": "row {#}"},
    "occurred_at": {"constant": "2026-11-01T10:00:00Z"},
    "generation.messages.user": {"column": "text"},
}


def mapped(row, number=1, **fields):
    """Apply the smallest mapping and these fields to a row."""
    mapping = msgspec.convert({"fields": BARE | fields}, Columns)
    return accepted(columns.apply(mapping, {"text": "Tea?"} | row, number=number)[0])


def nested(depth):
    """Make a rule that asks another that asks another."""
    return {"column": "text", "otherwise": nested(depth - 1)} if depth else {"column": "text"}


def errors_of(row, **fields):
    with pytest.raises(NotOfFormat) as raised:
        mapped(row, **fields)
    return raised.value.errors


def test_what_a_row_does_not_say_is_left_out():
    row = {"model": "", "user": "", "score": "", "bad": ""}
    fields = {
        "generation.model": {"column": "model"},
        "actor.external_id": {"column": "user"},
        "actor.kind": {"constant": "user"},
        "scores.spam": {"column": "score"},
        "labels.spam": {"column": "bad"},
    }

    alert = mapped(row, **fields)

    assert alert == {
        "external_id": "row 1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "detector",
        "generation": {"messages": [{"role": "user", "content": "Tea?"}]},
    }


@pytest.mark.parametrize(
    ("rule", "cell", "made"),
    [
        ({"column": "c"}, "0.5", 0.5),
        ({"column": "c"}, " 1e-2 ", 0.01),
        ({"column": "c"}, "TRUE", True),
        ({"column": "c", "values": {"high": 0.9, "low": 0.1}}, "high", 0.9),
        ({"column": "c", "scale": {"from": [0, 100], "to": [0, 1]}}, "25", 0.25),
        ({"column": "c", "scale": {"from": [1, -1], "to": [0, 1]}}, "-1", 1.0),
        ({"column": "c", "at_least": 3}, "3", True),
        ({"column": "c", "only_if": {"c": ["2"]}, "otherwise": {"constant": 7}}, "3", 7.0),
    ],
)
def test_a_score_is_made_of_a_cell(rule, cell, made):
    assert mapped({"c": cell}, **{"scores.spam": rule})["scores"] == {"spam": made}


@pytest.mark.parametrize(
    ("rule", "cell", "moment"),
    [
        ({}, "2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00Z"),
        ({"zone": "Europe/Berlin"}, "2026-11-01 10:00", "2026-11-01T09:00:00Z"),
        ({"time": "unix"}, "1793527200", "2026-11-01T10:00:00Z"),
        ({"time": "unix_ms"}, "1793527200500", "2026-11-01T10:00:00.500000Z"),
        ({"time": "%d/%m/%Y %H:%M", "zone": "UTC"}, "01/11/2026 10:00", "2026-11-01T10:00:00Z"),
    ],
)
def test_a_time_is_read_as_the_mapping_says(rule, cell, moment):
    assert mapped({"c": cell}, occurred_at={"column": "c", **rule})["occurred_at"] == moment


def test_messages_stand_in_the_order_of_their_numbers_else_of_their_roles():
    row = {"a": "First.", "b": "Second.", "s": "Be kind.", "r": "Fine."}
    said = {
        "generation.messages.system": {"column": "s"},
        "generation.messages.1.user": {"column": "b"},
        "generation.messages.assistant": {"column": "r"},
        "generation.messages.0.user": {"column": "a"},
    }

    messages = mapped(row, **said)["generation"]["messages"]

    assert [message["content"] for message in messages] == ["First.", "Second.", "Be kind.", "Tea?", "Fine."]


def test_a_cell_may_name_several_categories():
    alert = mapped({"c": "spam; hate ;spam;"}, flagged={"column": "c", "separator": ";"}, labels={"column": "c"})

    assert alert["flagged"] == ["spam", "hate"]
    assert alert["labels"] == {"spam; hate ;spam;": True}


@pytest.mark.parametrize(
    ("path", "rule", "sentence"),
    [
        ("scores.spam", {"column": "c"}, "“soon” is not a number."),
        ("labels.spam", {"column": "c"}, "“soon” is neither yes nor no; say what it stands for."),
        ("labels.spam", {"column": "c", "values": {"y": True}}, "The mapping does not know the value “soon”."),
        ("occurred_at", {"column": "c"}, "“soon” is not a time of this form."),
        ("occurred_at", {"column": "d"}, "“2026-11-01” does not say its time zone; name one."),
        ("occurred_at", {"column": "e", "time": "unix"}, "“1e30” is not a time of this form."),
        ("generation.model", {"column": "z"}, "The row has no column “z”."),
        ("generation", {"column": "c"}, "There is no such field of an alert."),
        ("scores.spam", {"one_of": {"f": 1, "g": 2}}, "Only one of these columns may be set: f, g."),
    ],
)
def test_a_cell_that_will_not_do_is_named_by_the_field_it_was_for(path, rule, sentence):
    row = {"c": "soon", "d": "2026-11-01", "e": "1e30", "f": "1", "g": "x"}

    assert errors_of(row, **{path: rule}) == {path: [sentence]}


def test_a_mapping_that_will_do_has_no_problems():
    assert columns.problems({"fields": BARE}, ["text"]) == []


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({}, "fields: This field is required."),
        ({"fields": BARE | {"scores.x": {"colum": "text"}}}, "fields.scores.x.colum: Unknown field."),
        ({"fields": BARE | {"verdict": {"column": "text"}}}, "verdict: there is no such field of an alert."),
        ({"fields": BARE | {"scores.": {"column": "text"}}}, "scores.: there is no such field of an alert."),
        ({"fields": BARE | {"kind": {"column": "kind"}}}, "kind: the file has no column “kind”."),
        ({"fields": BARE | {"comment": {"text": "{text} {note}"}}}, "comment: the file has no column “note”."),
        ({"fields": BARE | {"kind": {}}}, "kind: give exactly one of column, constant, text, one_of and digest."),
        (
            {"fields": BARE | {"kind": {"column": "text", "constant": "staff"}}},
            "kind: give exactly one of column, constant, text, one_of and digest.",
        ),
        (
            {"fields": BARE | {"scores.x": {"column": "text", "scale": {"from": [1, 1], "to": [0, 1]}}}},
            "scores.x: a scale needs two ends that differ.",
        ),
        (
            {"fields": BARE | {"occurred_at": {"column": "text", "zone": "Mars/Base"}}},
            "occurred_at: there is no time zone “Mars/Base”.",
        ),
        ({"fields": {"external_id": BARE["external_id"]}}, "occurred_at: say where this comes from."),
        ({"fields": BARE, "alerts": [{"fields": {}, "unless_empty": "n"}]}, "The file has no column “n”."),
        ({"fields": BARE, "alerts": [{"fields": {}}] * 21}, "alerts: Must hold at most 20."),
        ({"fields": {"kind": nested(40)}}, "Nested deeper than 32 levels."),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said(mapping, sentence):
    assert any(said.endswith(sentence) for said in columns.problems(mapping, ["text"]))


def test_alerts_of_one_row_need_a_generation_to_be_about():
    said = columns.problems({"fields": BARE, "alerts": [{"fields": {}}]}, ["text"])

    assert said == [
        "generation.external_id: required where a row is several alerts, so that they are about one generation."
    ]


def test_a_mapping_is_given_as_json_or_by_name():
    row = json.dumps({"text": "Tea?"}).encode()
    own = given(index=4, options={"mapping": json.dumps({"fields": BARE})})

    assert generic_csv.FORMAT.convert(row, own)[0]["external_id"] == "row 5"
    with pytest.raises(NotOfFormat) as unknown:
        generic_csv.FORMAT.convert(row, given(options={"mapping": "../secrets"}))
    assert list(unknown.value.errors) == ["mapping"]
    with pytest.raises(NotOfFormat) as broken:
        generic_csv.FORMAT.convert(row, given(options={"mapping": '{"fields": {"kind": 7}}'}))
    assert broken.value.errors == {"mapping.fields.kind": ["Must be an object."]}


def test_a_suggestion_fits_the_file_it_was_made_for():
    header = ["id", "Created At", "prompt", "Response", "toxicity_score", "is_spam", "user_id", "note"]
    row = dict(zip(header, ["7", "2026-11-01T10:00:00", "Tea?", "Yes.", "0.4", "no", "u-1", "Fine."], strict=True))

    mapping = suggesting.suggest(header, [row])

    assert columns.problems(mapping, header) == []
    assert accepted(columns.apply(msgspec.convert(mapping, Columns), row, number=1)[0]) == {
        "external_id": "7",
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "detector",
        "generation": {
            "messages": [{"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "Yes."}],
        },
        "actor": {"kind": "account", "external_id": "u-1"},
        "labels": {"spam": False},
        "scores": {"toxicity": 0.4},
        "score_kind": "probability",
    }


def test_a_suggestion_for_a_file_that_says_little_says_what_is_missing():
    mapping = suggesting.suggest(["prompt"], [{"prompt": "Tea?"}])

    assert columns.problems(mapping, ["prompt"]) == ["occurred_at: say where this comes from."]
