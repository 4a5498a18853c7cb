"""Requests that are sent again, that come too fast, and what is said of them later."""

import threading

import pytest
from django.db import connection

from incidents.intake import api, operations
from incidents.intake.models import Alert, AlertToRoute, AnsweredRequest, Batch
from tests.factories import NOW, make_api_key
from tests.intake.native import native
from trust import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_anew():
    api._is_behind.cache_clear()


def test_the_same_request_again_gets_the_same_answer_and_stores_nothing(post):
    body = [native(), native(kind="gossip")]

    first = post(body, Idempotency_Key='"r-1"')
    again = post(body, Idempotency_Key="r-1")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert first.json()["accepted"] == 1
    assert Batch.objects.count() == Alert.objects.count() == 1


@pytest.mark.parametrize("difference", [{"body": "other"}, {"query": "?format=native"}])
def test_another_request_under_the_same_key_is_refused(post, difference):
    body = native()
    post(body, Idempotency_Key="r-1")

    query = difference.get("query", "")
    answer = post(native() if "body" in difference else body, query=query, Idempotency_Key="r-1")

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    assert Batch.objects.count() == 1


def test_two_senders_may_use_the_same_key(post):
    _key, other = make_api_key("intake", source="others")

    answers = [post(native(), Idempotency_Key="r-1"), post(native(), key=other, Idempotency_Key="r-1")]

    assert [answer.json()["accepted"] for answer in answers] == [1, 1]


@pytest.mark.parametrize("key", ["x" * 101, "a\tb"])
def test_a_key_that_will_not_do_is_named(post, key):
    answer = post(native(), Idempotency_Key=key)

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["errors"]
    assert not Batch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_is_taken_in_once(post):
    body, answers = [native() for _number in range(20)], []
    gate = threading.Barrier(2)

    def send():
        gate.wait(5)
        try:
            answers.append(post(body, Idempotency_Key="r-1").json())
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _sender in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert answers[0] == answers[1]
    assert answers[0]["accepted"] == 20
    assert Batch.objects.count() == 1


def test_answers_are_forgotten_after_a_day(post):
    with clock.at(NOW):
        post(native(), Idempotency_Key="r-1")
        kept = operations.forget_answers()
    with clock.at(NOW + operations.answering.REMEMBERED_FOR * 2):
        forgotten = operations.forget_answers()

    assert (kept, forgotten) == (0, 1)
    assert not AnsweredRequest.objects.exists()


def test_while_routing_is_behind_senders_are_asked_to_wait_and_nothing_is_stored(post, settings):
    settings.INTAKE_MOST_WAITING = 2
    post([native(), native(), native()])
    api._is_behind.cache_clear()

    answer = post(native())

    assert (answer.status_code, int(answer.headers["Retry-After"]) >= api.SECONDS_TO_CATCH_UP) == (429, True)
    assert Alert.objects.count() == 3


def test_ids_far_apart_are_no_sign_of_many_that_wait(post, settings):
    settings.INTAKE_MOST_WAITING = 2
    post([native(), native(), native(), native()])
    ids = sorted(AlertToRoute.objects.values_list("pk", flat=True))
    AlertToRoute.objects.filter(pk__in=ids[1:-1]).delete()
    api._is_behind.cache_clear()

    assert post(native()).status_code == 202


def test_a_batch_says_what_became_of_its_alerts(post, client):
    _key, text = make_api_key("intake", source="tests")
    batch = post([native(), native(), native(kind="gossip")]).json()["batch"]
    AlertToRoute.objects.order_by("pk")[:1].get().delete()

    answer = client.get(f"/api/v1/batches/{batch}", headers={"Authorization": f"Bearer {text}"}).json()

    said = {name: answer[name] for name in ("source", "format", "accepted", "duplicates", "rejected", "routed")}
    assert said == {"source": "tests", "format": "native", "accepted": 2, "duplicates": 0, "rejected": 1, "routed": 1}


def test_a_batch_of_another_source_is_not_there(post, client):
    _key, text = make_api_key("intake", source="others")
    batch = post(native()).json()["batch"]

    answer = client.get(f"/api/v1/batches/{batch}", headers={"Authorization": f"Bearer {text}"})

    assert answer.status_code == 404
