"""POST /api/v1/appeals."""

from typing import Any

import pytest
from django.test import Client

from incidents.appeals.models import Appeal
from tests.appeals.factories import TEXT, judge, make_appeal, make_case
from tests.enforcement.factories import propose
from tests.factories import make_api_key, make_source
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

URL = "/api/v1/appeals"


def send(body: Any, *, key: str = "", source: str = "", idempotency: str = "") -> Any:
    key = key or make_api_key("appeals:write", **({"source": source} if source else {}))[1]
    headers = {"Authorization": f"Bearer {key}"}
    if idempotency:
        headers["Idempotency-Key"] = idempotency
    return Client().post(URL, body, content_type="application/json", headers=headers)


def test_an_appeal_is_acknowledged_with_a_reference_and_a_due_time():
    action = make_case().action

    answer = send({"action": action.pk, "text": f"  {TEXT}\n"})

    appeal = Appeal.objects.get()
    assert answer.status_code == 201
    assert answer.json()["reference"] == appeal.reference
    assert answer.json()["status"] == "open"
    assert (appeal.due_at - appeal.received_at).days == 14
    assert appeal.text == f"  {TEXT}\n"
    assert appeal.way == "key"
    assert AuditEvent.objects.get(kind="appeal.received").by is not None


def test_a_second_one_while_one_is_open_is_told_which():
    appeal = make_appeal()

    answer = send({"action": appeal.enforcement_id, "text": TEXT})

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("appeal-open")
    assert appeal.reference in answer.json()["detail"]


def test_after_the_judgement_another_one_may_come_in():
    appeal = make_appeal()
    judge(appeal, "upheld")

    assert send({"action": appeal.enforcement_id, "text": TEXT}).status_code == 201


def test_the_same_under_the_same_idempotency_key_is_answered_again_and_another_refused():
    action, key = make_case().action, make_api_key("appeals:write")[1]
    body = {"action": action.pk, "text": TEXT}

    answers = [send(body, key=key, idempotency="one") for _try in range(2)]
    other = send({**body, "text": "Something else."}, key=key, idempotency="one")

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422
    assert Appeal.objects.count() == 1


def test_what_is_not_there_not_approved_or_of_another_namespace_reads_the_same():
    elsewhere = make_source(slug="elsewhere", namespace="elsewhere")
    foreign = send({"action": make_case().action.pk, "text": TEXT}, source=elsewhere.slug)
    answers = [send({"action": number, "text": TEXT}) for number in (2**62, propose().pk)]

    assert {answer.status_code for answer in (foreign, *answers)} == {422}
    assert {str(answer.json()["errors"]) for answer in (foreign, *answers)} == {
        str({"action": ["There is no such action."]})
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": TEXT}, "action"),
        ({"action": "one", "text": TEXT}, "action"),
        ({"action": True, "text": TEXT}, "action"),
        ({"action": 1}, "text"),
        ({"action": 1, "text": ""}, "text"),
        ({"action": 1, "text": " \n "}, "text"),
        ({"action": 1, "text": "x" * 5001}, "text"),
        ({"action": 1, "text": ["x"]}, "text"),
        ({"action": 1, "text": TEXT, "by": "me"}, "by"),
        ([], "body"),
    ],
)
def test_what_does_not_fit_is_named(body: Any, field: str):
    answer = send(body)

    assert answer.status_code in {400, 422}
    assert field in answer.json()["errors"]


def test_a_reversed_action_needs_no_appeal():
    case = make_case()
    judge(make_appeal(case.action))

    answer = send({"action": case.action.pk, "text": TEXT})

    assert answer.status_code == 409
    assert "reversed already" in answer.json()["detail"]
