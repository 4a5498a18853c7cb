"""Every limit of what comes in: just within it is taken, just past it is refused and said where."""

import gzip
import json
import zlib

import pytest

from incidents.intake import parsers
from incidents.intake.formats import reading
from incidents.intake.models import Alert, Batch
from tests.intake.native import full, native

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


def deep(levels):
    value = 1
    for _level in range(levels):
        value = {"a": value}
    return value


def messages(*texts):
    return {"messages": [{"role": "user", "content": text} for text in texts]}


REFUSED = [
    ({"external_id": ""}, "external_id"),
    ({"external_id": "x" * 201}, "external_id"),
    ({"external_id": "a\nb"}, "external_id"),
    ({"external_id": "a\x9bb"}, "external_id"),
    ({"external_id": 5}, "external_id"),
    ({"external_id": None}, "external_id"),
    ({"occurred_at": None}, "occurred_at"),
    ({"occurred_at": "2026-11-01T10:00:00"}, "occurred_at"),
    ({"occurred_at": "yesterday"}, "occurred_at"),
    ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
    ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
    ({"kind": None}, "kind"),
    ({"kind": "gossip"}, "kind"),
    ({"generation": None}, "generation"),
    ({"generation": {}}, "generation.messages"),
    ({"generation": {"messages": []}}, "generation.messages"),
    ({"generation": {"external_id": "never seen"}}, "generation.messages"),
    ({"generation": messages(*["x"] * 501)}, "generation.messages"),
    ({"generation": messages("x" * (256 * 1024 + 1))}, "generation.messages.0.content"),
    ({"generation": messages("ok", "é" * (128 * 1024 + 1))}, "generation.messages.1.content"),
    ({"generation": messages("a\0b")}, "generation.messages.0.content"),
    ({"generation": messages("a\ud800b")}, "generation.messages.0.content"),
    ({"generation": {"messages": [{"role": "", "content": "x"}]}}, "generation.messages.0.role"),
    ({"generation": {"messages": [{"role": "user"}]}}, "generation.messages.0.content"),
    ({"generation": {"messages": [{"role": "user", "content": "x", "name": "y"}]}}, "generation.messages.0.name"),
    ({"generation": messages("x") | {"stage": "someday"}}, "generation.stage"),
    ({"generation": messages("x") | {"model": "m" * 201}}, "generation.model"),
    ({"generation": messages("x") | {"language": "l" * 36}}, "generation.language"),
    ({"generation": messages("x") | {"parameters": []}}, "generation.parameters"),
    ({"scores": {"hate": "high"}}, "scores.hate"),
    ({"scores": {"hate": 1e10}}, "scores.hate"),
    ({"scores": {"": 1}}, "scores."),
    ({"scores": {"c" * 121: 1}}, "scores." + "c" * 100),
    ({"scores": {f"c{n}": 0 for n in range(1001)}}, "scores"),
    ({"scores": {"hate": 1.5}, "score_kind": "probability"}, "scores.hate"),
    ({"thresholds": {"hate": -0.1}, "score_kind": "probability"}, "thresholds.hate"),
    ({"score_kind": "guess"}, "score_kind"),
    ({"flagged": "hate"}, "flagged"),
    ({"flagged": ["c" * 121]}, "flagged.0"),
    ({"flagged": ["c"] * 201}, "flagged"),
    ({"labels": {"hate": 1}}, "labels.hate"),
    ({"spans": [{"message": 0, "start": 3, "end": 3}]}, "spans.0.end"),
    ({"spans": [{"message": 0, "start": 0, "end": 999}]}, "spans.0.end"),
    ({"spans": [{"message": 1, "start": 0, "end": 1}]}, "spans.0.message"),
    ({"spans": [{"message": 0, "start": -1, "end": 1}]}, "spans.0.start"),
    ({"comment": "x" * 20_001}, "comment"),
    ({"comment": "a\0b"}, "comment"),
    ({"sampling_rate": 0}, "sampling_rate"),
    ({"sampling_rate": 1.01}, "sampling_rate"),
    ({"metadata": {"text": "x" * 64 * 1024}}, "metadata"),
    ({"metadata": {"n": 2**63}}, "metadata.n"),
    ({"metadata": {"n": 10**400}}, "metadata.n"),
    ({"metadata": {"a\0b": 1}}, "metadata"),
    ({"metadata": {"a": ["\udfff"]}}, "metadata.a.0"),
    ({"metadata": {f"k{n}": 0 for n in range(1001)}}, "metadata"),
    ({"metadata": deep(32)}, "metadata" + ".a" * 31),
    ({"detector": {"version": "1"}}, "detector.name"),
    ({"taxonomy": {"name": "t" * 61}}, "taxonomy.name"),
    ({"actor": {"kind": "robot", "external_id": "r"}}, "actor.kind"),
    ({"actor": {"kind": "account"}}, "actor.external_id"),
    ({"actor": {"kind": "user", "external_id": "u", "identifiers": {"ip": 5}}}, "actor.identifiers.ip"),
    ({"actor": {"kind": "user", "external_id": "u", "parent": {"kind": "user", "external_id": "u"}}}, "actor.parent"),
    ({"surprise": 1}, "surprise"),
    ({"generation": messages("x") | {"surprise": 1}}, "generation.surprise"),
]


@pytest.mark.parametrize(("change", "path"), REFUSED, ids=[f"{n}-{path[:40]}" for n, (_c, path) in enumerate(REFUSED)])
def test_a_record_past_a_limit_is_rejected_and_the_path_named(post, change, path):
    answer = post([native(**change), native()])

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    [rejected] = answer.json()["rejected"]
    assert path in rejected["errors"]
    assert all(rejected["errors"][path])


TAKEN = [
    {"external_id": "x" * 200},
    {"external_id": "\u202eid\u200b"},
    {"generation": messages(*["x"] * 500)},
    {"generation": messages("é" * (128 * 1024))},
    {"generation": messages("\x01\x02 \u202e\u200b \\ \t\r\n\\.")},
    {"generation": messages("")},
    {"scores": {"hate": True, "spam": 3}},
    {"scores": {"severity": 7}, "score_kind": "severity"},
    {"comment": "\x01"},
    {"comment": "a\tb\\N\nc\r\\."},
    {"flagged": ['with "quotes", {braces} and \\backslash', "NULL"]},
    {"metadata": deep(31)},
    {"metadata": {"n": 2**63 - 1, "m": -(2**63 - 1)}},
    {"sampling_rate": 1e-9},
    {"detector": None, "taxonomy": None},
]


@pytest.mark.parametrize("change", TAKEN, ids=range(len(TAKEN)))
def test_a_record_just_within_the_limits_is_taken_as_it_is(post, change):
    sent = native(**change)

    answer = post(sent)

    assert answer.json()["rejected"] == []
    alert = Alert.objects.select_related("generation__content").get()
    assert alert.external_id == sent["external_id"]
    assert alert.generation.content.messages == sent["generation"]["messages"]
    for name in change.keys() & {"scores", "comment", "flagged", "metadata", "sampling_rate"}:
        assert getattr(alert, name) == sent[name]


def test_a_record_over_one_mebibyte_is_rejected_and_its_neighbour_kept(post):
    big = native(generation=messages(*["x" * 250_000] * 5))

    answer = post([big, native()])

    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"][0]["errors"] == {"body": ["Larger than 1048576 bytes."]}


def test_a_megabyte_of_text_in_one_record_is_taken(post):
    sent = native(generation=messages(*["x" * 250_000] * 4))

    assert post(sent).json()["accepted"] == 1
    assert Alert.objects.get().generation.content.messages == sent["generation"]["messages"]


def test_more_records_than_allowed_are_refused_whole(post, monkeypatch):
    monkeypatch.setattr(parsers, "MOST_RECORDS", 3)

    assert post([native() for _number in range(3)]).status_code == 202
    for body, kind in [(b"[1,2,3,4]", "application/json"), (b"1\n2\n\n3\n4", "application/x-ndjson")]:
        assert post(body, content_type=kind).status_code == 413
    assert Alert.objects.count() == 3


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_over_the_limit_is_refused_whole(post, monkeypatch, encoding):
    monkeypatch.setattr(parsers, "MOST_COMPRESSED" if encoding else "MOST_UNPACKED", 1000)
    body = json.dumps(native(metadata={"noise": [str(n**5) for n in range(200)]})).encode()

    answer = post(gzip.compress(body) if encoding else body, Content_Encoding=encoding)

    assert answer.status_code == 413
    assert not Batch.objects.exists()


def test_a_bomb_is_refused_before_it_is_unpacked(post):
    bomb = gzip.compress(b"0" * (100 * MIB))

    answer = post(bomb, Content_Encoding="gzip")

    assert answer.status_code == 413


def test_a_body_that_unpacks_past_the_limit_is_refused(post, monkeypatch):
    monkeypatch.setattr(parsers, "MOST_UNPACKED", 2 * MIB)
    stored = zlib.compressobj(0, wbits=31)
    body = stored.compress(b" " * (3 * MIB)) + stored.flush()

    assert post(body, Content_Encoding="gzip").status_code == 413


def test_one_layer_of_gzip_is_unpacked_and_no_more(post):
    answer = post(gzip.compress(gzip.compress(b"[]")), Content_Encoding="gzip")

    assert answer.status_code == 400


def test_an_array_of_endless_commas_is_refused(post, monkeypatch):
    monkeypatch.setattr(parsers, "MOST_COMMAS", 10)

    assert post(b"[" + b"1," * 11 + b"1]").status_code == 413


def test_the_last_of_repeated_keys_wins(post):
    body = json.dumps(native()).encode()[:-1] + b', "kind": "staff"}'

    assert post(body).json()["accepted"] == 1
    assert Alert.objects.get().kind == "staff"


def test_a_thousand_unknown_fields_are_named_only_so_often(post):
    answer = post(native(**{f"field-{number}": 1 for number in range(900)} | {"x" * 5000: 1}))

    assert len(answer.json()["rejected"][0]["errors"]) == reading.MOST_PROBLEMS


def test_every_name_is_free_of_control_characters(post):
    """Walk all that the full alert says: what the decoder calls a name is refused with a control character in it."""
    for path, changed in with_control_characters(full()):
        answer = post(changed).json()
        taken = answer["accepted"] + answer["duplicates"] == 1
        assert taken == is_free_text(path), path


def is_free_text(path):
    return path[0] in {"comment", "metadata"} or path[:2] == ("generation", "parameters") or path[-1] == "content"


def with_control_characters(value, path=()):
    """Yield (path, copy) with a tab put into each text in turn, keys of free maps included."""
    if isinstance(value, str):
        yield path, value + "\t"
    elif isinstance(value, dict):
        for name, part in value.items():
            for inner, changed in with_control_characters(part, (*path, name)):
                yield inner, {**value, name: changed}
            if path and path[-1] in {"scores", "thresholds", "labels", "identifiers"}:
                yield (*path, name), {**{key: kept for key, kept in value.items() if key != name}, name + "\t": part}
    elif isinstance(value, list):
        for index, part in enumerate(value):
            for inner, changed in with_control_characters(part, (*path, index)):
                yield inner, [*value[:index], changed, *value[index + 1 :]]


@pytest.mark.parametrize(
    "number", ["9" * 10_000, "1e131073", "1e400", "-1e400", "NaN", "Infinity", "1" + "0" * 400 + ".5"]
)
@pytest.mark.parametrize(
    "place", ['"metadata": {"n": %s}', '"scores": {"n": %s}', '"external_id": %s', '"unknown": %s']
)
def test_a_number_beyond_measure_is_one_records_mistake(post, number, place):
    record = json.dumps(native()).encode()[:-1] + b", " + (place % number).encode() + b"}"

    answer = post(record + b"\n" + json.dumps(native()).encode(), content_type="application/x-ndjson")

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"][0]["errors"]
