"""The pages of a second look: find, look, confirm, follow."""

import pytest
from django.urls import reverse

from incidents.backfill.models import Backfill
from incidents.queues.models import Round
from policies.models import Mapping
from tests.backfill.factories import make_backfill, missed
from tests.backfill.stage import make_newer, work_on
from tests.factories import make_clause, make_decision, make_queue, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    old = make_clause()
    for _row in range(12):
        make_decision(violations=[{"clause": old}])
    return make_newer(old)


def address(version) -> str:
    return reverse("backfill:start", args=[version.policy.key])


def confirmed(page, queue, **more) -> dict:
    form = page.context["form"]
    kept: dict = {}
    for name, value in page.context["kept"]:
        kept.setdefault(name, []).append(value)
    shown = {name: form[name].value() for name in ("count", "digest")}
    return {**kept, **shown, "queue": queue.pk, "reason": "A wider clause.", **more}


def asked(version, **more) -> dict:
    return {"way": "clause", "clauses": [version.clauses.get().clause.key], **more}


def test_the_count_and_ten_items_are_shown_confirmed_and_followed(client, version):
    client.force_login(make_user(role="lead"))
    page = client.get(address(version), asked(version))
    assert "12 items match" in page.text
    assert len(page.context["sample"]) == 10

    answer = client.post(address(version), confirmed(page, make_queue()))

    backfill = Backfill.objects.get()
    assert answer["Location"] == backfill.get_absolute_url()
    assert "Rounds are being opened" in client.get(answer["Location"]).text
    work_on(backfill)
    shown = client.get(answer["Location"]).text
    assert "0 of 12" in shown
    assert "Nobody so far" in shown
    assert Round.objects.filter(status="open").count() == 12


def test_a_policy_editor_finds_by_clause_opens_no_item_and_reads_no_actor(client, version):
    client.force_login(make_user(role="policy_editor"))
    page = client.get(address(version), asked(version))

    assert page.status_code == 200
    assert "/items/" not in page.text
    assert "What a search finds" not in page.text
    searched = client.get(address(version), {"way": "search", "q": "tea"})
    assert searched.status_code == 422
    client.post(address(version), confirmed(page, make_queue()))
    assert "Who was missed" not in client.get(Backfill.objects.get().get_absolute_url()).text


def test_what_was_searched_for_is_told_to_those_who_may_read_content(client):
    lead = make_user(role="lead")
    backfill = make_backfill(by=lead, way="search", wanted={"q": "votes <b>"})
    client.force_login(lead)
    assert "votes &lt;b&gt;" in client.get(backfill.get_absolute_url()).text

    client.force_login(make_user(role="policy_approver"))
    assert "votes" not in client.get(backfill.get_absolute_url()).text


@pytest.mark.parametrize(
    ("asked_for", "why"),
    [
        ({"way": "elsewhere"}, "elsewhere is not one of the available choices"),
        ({"way": ""}, "Choose how to find them."),
        ({"way": "clause"}, "Choose a clause, or name one."),
        ({"way": "clause", "other": "no.such"}, "No clause has this key."),
        ({"way": "clause", "other": "a\x00b"}, "Null characters are not allowed."),
        ({"way": "category"}, "Choose a category, or name one."),
        ({"way": "search"}, "Say what to look for."),
        ({"way": "search", "q": "verdict:nonsense"}, "verdict"),
        ({"way": "category", "named": "x", "days": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_looked_for_is_said_at_its_field(client, version, asked_for, why):
    client.force_login(make_user(role="lead"))

    page = client.get(address(version), asked_for)

    assert page.status_code == 422
    assert why in page.text
    assert "past" not in page.context


def test_what_is_wrong_with_the_confirmation_keeps_what_was_typed(client, version):
    client.force_login(make_user(role="lead"))
    page = client.get(address(version), asked(version))

    answer = client.post(address(version), {**confirmed(page, make_queue(), reason="Kept."), "queue": ""})
    assert (answer.status_code, "Choose a queue." in answer.text, "Kept." in answer.text) == (422, True, True)
    stale = client.post(address(version), confirmed(page, make_queue(), count=3, reason="Kept."))
    assert stale.status_code == 409
    assert "it was 3, and is 12 now" in stale.text
    assert "Kept." in stale.text
    assert not Backfill.objects.exists()


def test_categories_that_stand_for_its_clauses_are_offered(client, version):
    clause = version.clauses.get().clause
    Mapping.objects.create(clause=clause, taxonomy="dsa", taxonomy_version="2024", category="SCAM")
    client.force_login(make_user(role="lead"))

    page = client.get(address(version), {"way": "category", "categories": "dsa 2024 SCAM"})

    assert "dsa 2024 SCAM" in page.text
    assert page.context["past"].count == 0
    assert "No past item matches." in page.text


def test_the_policy_in_force_leads_there_for_those_who_may(client, version):
    for role, may in (("lead", True), ("policy_editor", True), ("reviewer", False)):
        client.force_login(make_user(role=role))
        assert (address(version) in client.get(version.policy.get_absolute_url()).text) is may


@pytest.mark.parametrize("rows", [2, 60])
def test_pages_take_as_many_queries_for_two_rows_as_for_sixty(client, rows, django_assert_num_queries):
    lead = make_user(role="lead")
    backfill = make_backfill(by=lead)
    for _row in range(rows):
        missed(backfill)
        make_backfill(by=lead, version=backfill.version, queue=backfill.queue)
    client.force_login(lead)
    for url, queries in ((backfill.get_absolute_url(), DETAIL), (reverse("backfill:list"), LIST)):
        client.get(url)
        with django_assert_num_queries(queries):
            client.get(url)


DETAIL, LIST = 5, 3
