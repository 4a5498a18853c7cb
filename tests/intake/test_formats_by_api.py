"""Providers' formats through the whole of intake: chosen, mapped, stored, kept as they came."""

import json

import pytest

from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.models import Alert, AlertPayload, Batch, Payload
from tests.intake.native import native

pytestmark = pytest.mark.django_db

EVALUATION = b'{"prompt": "What tea goes well with rain?",  "S": 0}'
CSV = b"external_id,occurred_at,generation.messages.user,scores.spam\na-1,2026-11-01T10:00:00Z,Buy our tea.,0.9\n"


def test_a_record_is_mapped_and_kept_as_it_came(post):
    answer = post(EVALUATION, query="?format=openai-moderation-eval")

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    alert = Alert.objects.get()
    assert alert.labels == {"S": False}
    payload = alert.payload_link.payload
    assert (bytes(payload.body), payload.format, payload.batch) == (EVALUATION, "openai-moderation-eval", alert.batch)
    assert Batch.objects.get().format == "openai-moderation-eval"


def test_a_native_alert_is_not_kept_twice(post):
    post(native())

    assert not Payload.objects.exists()


def test_a_record_with_several_alerts_is_kept_once(post):
    messages = [{"role": "user", "content": "One."}, {"role": "assistant", "content": "Two."}]
    envelope = {
        "external_id": "r-1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "generation": {"messages": messages},
        "payload": {
            "id": "modr-1",
            "model": "omni-moderation-2024-09-26",
            "results": [{"flagged": False, "categories": {"hate": False}, "category_scores": {"hate": 0.1}}] * 2,
        },
    }

    answer = post(envelope, query="?format=openai-moderation").json()

    assert (answer["accepted"], answer["rejected"]) == (2, [])
    assert AlertPayload.objects.count() == 2
    assert Payload.objects.count() == 1


def test_a_repeated_record_is_a_duplicate_that_does_not_differ(post):
    first = post(EVALUATION, query="?format=openai-moderation-eval").json()
    again = post(EVALUATION, query="?format=openai-moderation-eval").json()

    assert first["accepted"] == again["duplicates"] == 1
    assert again["differs"] == []
    assert Payload.objects.count() == 1


def test_a_record_that_is_not_of_its_format_rejects_none_of_its_neighbours(post):
    body = EVALUATION + b'\n{"prompt": 7}\n{broken\n'

    answer = post(body, content_type="application/x-ndjson", query="?format=openai-moderation-eval").json()

    assert answer["accepted"] == 1
    assert [(one["index"], *one["errors"]) for one in answer["rejected"]] == [(1, "prompt"), (2, "body")]


def test_a_format_that_does_not_exist_is_named(post):
    answer = post(native(), query="?format=gossip")

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"format": ["There is no format gossip."]}
    assert not Alert.objects.exists()


def test_csv_comes_in_by_its_content_type(post):
    answer = post(CSV, content_type="text/csv").json()

    assert (answer["accepted"], answer["rejected"]) == (1, [])
    alert = Alert.objects.get()
    assert (alert.external_id, alert.scores) == ("a-1", {"spam": 0.9})


@pytest.mark.parametrize("body", [b"", b"a,a\n1,2\n", b"a,b\n\xff,2\n", b'a,b\n"1,2\n'])
def test_what_is_no_csv_is_refused_whole(post, body):
    answer = post(body, content_type="text/csv")

    assert answer.status_code == 400
    assert not Batch.objects.exists()


@pytest.mark.parametrize("content_type", ["application/cloudevents+json", "application/cloudevents-batch+json"])
def test_events_come_in_by_their_content_type(post, content_type):
    event = {"specversion": "1.0", "id": "e-1", "source": "/detectors", "type": "trustdesk.alert.native"}
    event["data"] = {name: value for name, value in native().items() if name != "external_id"}

    answer = post([event] if "batch" in content_type else event, content_type=content_type).json()

    assert (answer["accepted"], answer["rejected"]) == (1, [])
    assert Alert.objects.get().external_id == "e-1"


def test_a_binary_event_comes_in_by_its_headers(post):
    data = {name: value for name, value in native().items() if name != "external_id"}
    headers = {"ce_specversion": "1.0", "ce_id": "e-2", "ce_source": "/detectors", "ce_type": "trustdesk.alert.native"}

    answer = post(data, **headers).json()

    assert (answer["accepted"], answer["rejected"]) == (1, [])
    assert Alert.objects.get().external_id == "e-2"


@pytest.mark.parametrize("slug", [slug for slug, known in FORMATS.items() if known.unit == "json"])
def test_the_example_of_every_format_comes_in(post, slug):
    answer = post(FORMATS[slug].example, query=f"?format={slug}").json()

    taken = [errors for one in answer["rejected"] for errors in one["errors"]]
    assert answer["accepted"] >= 1 or set(taken) == {"generation.messages"}, json.dumps(answer)
