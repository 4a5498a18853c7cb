import json

import pytest

from incidents.intake.formats import catalogue
from incidents.intake.formats.converting import NotOfFormat
from tests.intake.formats.cases import accepted, given

DATA = {"kind": "detector", "generation": {"messages": [{"role": "user", "content": "Which tea?"}]}}
EVENT = {
    "specversion": "1.0",
    "id": "event-1",
    "source": "/chat",
    "type": "trustdesk.alert.native",
    "time": "2026-11-01T10:00:00Z",
    "data": DATA,
}


def convert(record, **beside):
    return catalogue.FORMATS["cloudevents"].convert(json.dumps(record).encode(), given(**beside))


def test_what_the_data_says_itself_wins_over_the_event():
    data = DATA | {"external_id": "own", "occurred_at": "2026-11-01T09:00:00Z", "sampling_rate": 0.5}

    alert = accepted(convert(EVENT | {"data": data, "sampledrate": 10})[0])

    assert (alert["external_id"], alert["occurred_at"], alert["sampling_rate"]) == ("own", "2026-11-01T09:00:00Z", 0.5)


def test_records_of_one_binary_body_are_told_apart():
    headers = {"ce-id": "event-1", "ce-source": "/chat", "ce-specversion": "1.0", "ce-type": "trustdesk.alert.native"}
    headers["ce-time"] = "2026-11-01T10:00:00Z"

    first, second = (convert(DATA, headers=headers, index=index)[0] for index in (0, 1))

    assert (first["external_id"], second["external_id"]) == ("event-1", "event-1:1")


def test_text_is_taken_as_the_record_itself():
    assert accepted(convert(EVENT | {"data": json.dumps(DATA)})[0])["generation"] == DATA["generation"]


def test_the_format_may_be_an_option():
    alert = convert(EVENT | {"type": "org.example.judged"}, options={"data_format": "native"})[0]

    assert alert["external_id"] == "event-1"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"type": "org.example.judged"}, "type"),
        ({"type": "trustdesk.alert.gossip"}, "type"),
        ({"format": "cloudevents"}, "format"),
        ({"sampledrate": 0}, "sampledrate"),
        ({"time": None}, "time"),
        ({"data": None, "data_base64": "?"}, "data_base64"),
        ({"data": None, "dataref": "https://example.org/1"}, "dataref"),
        ({"data": DATA | {"verdict": 1}}, "data.verdict"),
        ({"data": "{"}, "data"),
    ],
)
def test_what_is_wrong_with_an_event_is_named_by_its_place(changes, path):
    with pytest.raises(NotOfFormat) as raised:
        convert(EVENT | changes)

    assert list(raised.value.errors) == [path]


def test_what_is_wrong_with_a_header_is_named_by_it():
    with pytest.raises(NotOfFormat) as raised:
        convert(DATA, headers={"ce-id": "event-1", "ce-specversion": "1.0", "ce-sampledrate": "often"})

    assert raised.value.errors.keys() == {"ce-source", "ce-type", "ce-sampledrate"}
