"""The list over all queues: what it shows to whom, how it narrows, and that it looks through so much at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.intake.models import DetectorVersion, Restriction
from incidents.queues import listing
from incidents.queues.models import Round
from tests.factories import NOW, make_alert, make_generation, make_item, make_queue, make_round, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/queues/all/"


def shown(client, query: str = "") -> list[int]:
    return [round.pk for round in client.get(f"{ADDRESS}?{query}").context["page"]]


def sign_in(client, role: str = "lead"):
    person = make_user(role=role)
    client.force_login(person)
    return person


def test_what_waits_in_any_queue_stands_there_the_earliest_due_first(client):
    sign_in(client)
    later, sooner = (make_round(due_at=NOW + timedelta(days=days)) for days in (3, 2))
    make_round(status="closed", closed_at=NOW)

    assert shown(client) == [sooner.pk, later.pk]


def test_what_is_closed_stands_there_when_asked_for_the_last_closed_first(client):
    sign_in(client)
    first, last = (make_round(status="closed", closed_at=NOW + timedelta(hours=hours)) for hours in (1, 2))
    make_round()

    assert shown(client, "status=closed") == [last.pk, first.pk]


def test_the_filter_by_detector_offers_those_that_are_known_each_once(client):
    sign_in(client)
    for version in ("1", "2"):
        DetectorVersion.objects.create(name='tea<"guard', version=version)

    page = client.get(ADDRESS).content.decode()

    assert page.count('<option value="tea&lt;&quot;guard"></option>') == 1
    assert 'list="id_detector_known"' in page


def test_the_filter_by_language_offers_those_of_the_newest_each_once(client):
    sign_in(client)
    for language in ("sw", "de", "sw", ""):
        make_generation(language=language)

    page = client.get(ADDRESS).content.decode()

    assert (
        '<datalist id="id_language_known"><option value="de"></option><option value="sw"></option></datalist>' in page
    )


def test_each_filter_keeps_what_fits(client):
    lead = sign_in(client)
    by = DetectorVersion.objects.create(name="tea-guard")
    generation = make_generation(language="de")
    make_alert(generation=generation, kind="user_report", detector_version=by)
    wanted = make_round(
        item=make_item(generation=generation),
        expected_severity=3,
        lease_by=lead,
        due_at=timezone.now() - timedelta(hours=1),
        created_at=timezone.now() - timedelta(days=2),
    )
    make_round(created_at=timezone.now(), due_at=timezone.now() + timedelta(days=1))
    fitting = (
        f"queue={wanted.queue.slug}",
        "severity=2",
        "kind=user_report",
        "detector=tea-guard",
        "kind=user_report&detector=tea-guard",
        "language=de",
        f"holder={lead.pk}",
        "holder=somebody",
        "overdue=yes",
        "age=24",
    )

    assert {query: shown(client, query) for query in fitting} == {query: [wanted.pk] for query in fitting}
    assert wanted.pk not in shown(client, "holder=nobody")


def test_verdict_and_severity_of_what_is_closed_are_the_judged_ones(client):
    sign_in(client)
    item = make_item(status="closed", verdict="violating", severity=3, closed_at=NOW)
    judged = make_round(item=item, status="closed", closed_at=NOW)
    make_round(status="closed", closed_at=NOW, expected_severity=4)

    assert shown(client, "status=closed&severity=3") == [judged.pk]
    assert shown(client, "status=closed&verdict=violating") == [judged.pk]
    assert shown(client, "status=closed&verdict=benign") == []


@pytest.mark.parametrize(
    "query",
    [
        "queue=nowhere",
        "status=half",
        "verdict=guilty",
        "severity=9",
        "severity=1e999999",
        "kind=%00",
        "detector=%00",
        "language=" + "x" * 61,
        "holder=999999999999999999999",
        "holder=me%00",
        "age=2",
        "overdue=perhaps",
        "queue__slug=a",
        "cursor=x",
    ],
)
def test_a_filter_that_makes_no_sense_is_named(client, query):
    sign_in(client)

    answer = client.get(f"{ADDRESS}?{query}")

    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.content.decode()


def test_a_restricted_item_and_a_queue_for_leads_stay_unknown(client):
    hidden = make_round()
    Restriction.objects.create(generation=hidden.item.generation, category="child_safety", created_at=NOW)
    leads = make_round(queue=make_queue(name="Their line", is_for_leads=True))
    sign_in(client, "reviewer")

    page = client.get(ADDRESS).content.decode()

    assert shown(client) == []
    assert "Their line" not in page
    assert client.get(f"{ADDRESS}?queue={leads.queue.slug}").status_code == 400
    sign_in(client)
    assert shown(client) == [leads.pk]


def test_a_reviewer_is_led_only_to_what_they_hold_and_sees_no_content(client):
    reviewer = sign_in(client, "reviewer")
    held, other = make_round(lease_by=reviewer), make_round()

    page = client.get(ADDRESS).content.decode()

    assert f"/items/{held.item_id}/" in page
    assert f"/items/{other.item_id}/" not in page
    assert "a tea I never drank" not in page


def test_a_page_looks_through_so_much_and_says_how_to_go_on(client, monkeypatch):
    monkeypatch.setattr(listing, "FIRST_LOOK", 1)
    monkeypatch.setattr(listing, "LOOKED_THROUGH", 3)
    sign_in(client)
    rounds = [make_round(due_at=NOW + timedelta(hours=hours)) for hours in range(7)]
    wanted = make_round(item=make_item(generation=make_generation(language="de")), due_at=NOW + timedelta(days=9))

    pages, address = [], f"{ADDRESS}?language=de"
    while address:
        answer = client.get(address)
        pages.append([round.pk for round in answer.context["page"]])
        assert ("looked through" in answer.content.decode()) is (not pages[-1])
        address = answer.context["older_url"]

    assert pages == [[], [], [wanted.pk]]
    assert len(rounds) == 7


def test_further_pages_follow_without_gaps(client):
    sign_in(client)
    rounds = [make_round(queue=make_queue(), due_at=NOW, status="closed", closed_at=NOW) for _row in range(51)]

    first = client.get(f"{ADDRESS}?status=closed")
    second = client.get(first.context["older_url"])

    found = [round.pk for answer in (first, second) for round in answer.context["page"]]
    assert found == sorted((round.pk for round in rounds), reverse=True)
    assert Round.objects.count() == 51


@pytest.mark.parametrize("query", ["status=", "language=en&severity=1", "status=closed"])
def test_it_takes_the_same_queries_with_two_and_with_sixty(client, django_assert_num_queries, query):
    sign_in(client)
    for rows in (2, 58):
        for _row in range(rows):
            item = make_item(generation=make_generation(language="en"))
            make_round(item=item, expected_severity=2)
            make_round(status="closed", closed_at=NOW, closed_by=make_user())
        with django_assert_num_queries(9):
            client.get(f"{ADDRESS}?{query}")
