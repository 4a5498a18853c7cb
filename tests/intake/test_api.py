import gzip
import json

import pytest

from incidents.intake import api
from incidents.intake.models import Alert, Batch
from tests.factories import make_api_key
from tests.intake.native import full, native
from trust import heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget_processing():
    api._processing.cache_clear()


def test_one_object_is_accepted(post):
    answer = post(full())

    batch = Batch.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "batch": batch.pk,
        "accepted": 1,
        "duplicates": 0,
        "differs": [],
        "rejected": [],
        "processing": "delayed",
    }


def test_an_array_is_accepted_and_an_empty_one_too(post):
    assert post([native(), native()]).json()["accepted"] == 2
    assert post([]).status_code == 202


def test_ndjson_counts_lines_that_are_not_blank(post):
    lines = [json.dumps(native()), "", "{broken", "  ", json.dumps(native()), "[]", ""]

    answer = post("\r\n".join(lines).encode(), content_type="application/x-ndjson")

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert [(one["index"], one["external_id"]) for one in answer.json()["rejected"]] == [(1, None), (3, None)]


def test_a_gzip_body_is_unpacked_with_all_its_members(post):
    members = [gzip.compress(json.dumps(native()).encode() + b"\n") for _member in range(2)]

    answer = post(b"".join(members), Content_Encoding="gzip", content_type="application/x-ndjson")

    assert answer.json()["accepted"] == 2


def test_a_bad_record_never_rejects_its_neighbours(post):
    answer = post(
        [native(), native(kind="gossip", generation={"messages": [{"role": "user", "content": 5}]}), native()]
    )

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    [rejected] = answer.json()["rejected"]
    assert rejected["index"] == 1
    assert set(rejected["errors"]) == {"kind", "generation.messages.0.content"}


@pytest.mark.parametrize(
    "body", [b"", b"nul", b"5", b'"text"', b"[{}", b"{", b'[{"a":NaN}]', b"[1,]", b"\xff\xfe[]", b"[" * 5000]
)
def test_a_body_that_cannot_be_read_is_refused_whole(post, body):
    answer = post(body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Batch.objects.exists()


@pytest.mark.parametrize("spoil", [lambda packed: packed[:-5], lambda packed: packed + b"x", lambda packed: b"no gzip"])
def test_a_broken_gzip_body_is_refused_whole(post, spoil):
    answer = post(spoil(gzip.compress(json.dumps(native()).encode())), Content_Encoding="gzip")

    assert answer.status_code == 400
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/plain", ""),
        ("application/json; charset=utf-16", ""),
        ("application/json", "br"),
        ("application/json", "gzip, gzip"),
    ],
)
def test_what_is_not_utf8_json_is_an_unsupported_media_type(post, content_type, encoding):
    assert post(b"[]", content_type=content_type, Content_Encoding=encoding).status_code == 415


def test_a_key_without_the_scope_is_refused(post):
    _key, text = make_api_key("queues:read")

    assert post(native(), key=text).status_code == 403


def test_alerts_go_to_the_source_of_the_key(post):
    _key, text = make_api_key("intake", source="other")
    sent = native()

    post(sent)
    answer = post(sent, key=text)

    assert answer.json()["accepted"] == 1
    assert sorted(Alert.objects.values_list("source__slug", flat=True)) == ["other", "tests"]


def test_past_its_limit_of_alerts_a_key_waits_and_nothing_is_stored(post):
    _key, text = make_api_key("intake", alerts_per_minute=2)

    within, *late = [post([native(), native()], key=text) for _time in range(3)]

    assert within.status_code == 202
    past = next(answer for answer in late if answer.status_code != 202)  # a minute may have turned once meanwhile
    assert past.status_code == 429
    assert 1 <= int(past.headers["Retry-After"]) <= 61
    assert Alert.objects.count() == 2 * sum(answer.status_code == 202 for answer in (within, *late))


def test_processing_is_normal_while_worker_and_scheduler_are_heard_of(post):
    heartbeat.beat("worker")
    heartbeat.beat("scheduler")

    assert post(native()).json()["processing"] == "normal"


def test_the_schema_describes_the_alert_that_the_endpoint_takes(client):
    _key, text = make_api_key("intake")

    answer = client.get("/api/schema/?format=json", headers={"Authorization": f"Bearer {text}"})

    operation = answer.json()["paths"]["/api/v1/alerts"]["post"]
    described = operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"][0]
    assert set(described["properties"]) == set(full())
    assert described["required"] == ["external_id", "occurred_at", "kind", "generation"]
    assert "$ref" not in str(described)
