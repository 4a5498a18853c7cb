from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.intake.models import Restriction
from incidents.queues import operations
from incidents.queues.models import Round
from tests.factories import make_clearance, make_queue, make_round, make_user

pytestmark = pytest.mark.django_db

ROLES = ["reviewer", "lead", "policy_editor", "policy_approver", "analyst", "auditor", "admin"]


@pytest.mark.parametrize("role", ROLES)
def test_everyone_sees_the_queues_and_their_counts(client, role):
    make_round(queue=make_queue(name="Health claims"))
    client.force_login(make_user(role=role))

    page = client.get("/queues/").content.decode()

    assert "Health claims" in page
    assert ("Review next" in page) is (role in {"reviewer", "lead"})


def test_signing_in_comes_first(client):
    assert client.get("/queues/").status_code == 302


def test_a_restricted_queue_is_named_only_to_the_cleared(client):
    make_queue(slug="closed", name="Closed line", restricted_category="child_safety")
    lead = make_user(role="lead")
    client.force_login(lead)
    before = client.get("/queues/").content.decode(), client.get("/queues/closed/").status_code
    make_clearance(lead)

    after = client.get("/queues/").content.decode(), client.get("/queues/closed/").status_code

    assert ("Closed line" in before[0], before[1]) == (False, 404)
    assert ("Closed line" in after[0], after[1]) == (True, 200)


def test_cards_stand_in_the_order_of_what_is_due(client):
    now = timezone.now()
    make_queue(name="Nothing waits")
    make_round(queue=make_queue(name="Later"), due_at=now + timedelta(hours=5))
    make_round(queue=make_queue(name="Overdue"), due_at=now - timedelta(hours=1))
    client.force_login(make_user())

    page = client.get("/queues/").content.decode()

    assert page.index("Overdue") < page.index("Later") < page.index("Nothing waits")
    assert "1 item overdue" in page


def test_counts_stop_at_a_thousand(client):
    waiting = make_round()
    items = [make_round(queue=waiting.queue).item for _round in range(2)]
    Round.objects.bulk_create(
        Round(item=items[0], queue=waiting.queue, due_at=waiting.due_at, created_at=waiting.created_at, status="closed",
              closed_at=timezone.now(), closed_by=make_user()) for _round in range(1002)
    )  # fmt: skip
    client.force_login(make_user())

    page = client.get("/queues/").content.decode()

    assert "1,000+" in page
    assert "1,002" not in page


def test_the_list_of_queues_takes_the_same_queries_with_two_and_with_sixty_rounds(client, django_assert_num_queries):
    queue, reviewer = make_queue(), make_user()
    client.force_login(reviewer)
    for rows in (2, 58):
        for _row in range(rows):
            make_round(queue=queue)
        with django_assert_num_queries(7):
            client.get("/queues/")


def test_a_lead_sees_the_items_of_a_queue_others_only_how_many(client):
    waiting = make_round(queue=make_queue(slug="spam"))
    address = f"/items/{waiting.item_id}/"
    client.force_login(make_user(role="lead"))
    to_the_lead = client.get("/queues/spam/").content.decode()
    client.force_login(make_user())

    to_a_reviewer = client.get("/queues/spam/").content.decode()

    assert address in to_the_lead
    assert address not in to_a_reviewer


@pytest.mark.parametrize("lease", [dict, lambda: {"lease_by": make_user()}], ids=["free", "held"])
def test_a_lead_sees_what_became_restricted_only_with_a_clearance(client, lease):
    became_restricted = make_round(queue=make_queue(slug="spam"), **lease())
    Restriction.objects.create(
        generation=became_restricted.item.generation, category="child_safety", created_at=timezone.now()
    )
    address, lead = f"/items/{became_restricted.item_id}/", make_user(role="lead")
    client.force_login(lead)
    before = client.get("/queues/spam/").content.decode()
    make_clearance(lead)

    after = client.get("/queues/spam/").content.decode()

    assert (address in before, address in after) == (False, True)


def test_the_page_of_a_queue_takes_the_same_queries_with_two_and_with_sixty_rounds(client, django_assert_num_queries):
    queue = make_queue(slug="spam")
    client.force_login(make_user(role="lead"))
    for rows in (2, 58):
        for _row in range(rows):
            make_round(queue=queue)
        make_round(queue=queue, lease_by=make_user())
        with django_assert_num_queries(7):
            client.get("/queues/spam/")


def test_what_others_hold_is_no_next_item_and_what_one_holds_is(client):
    reviewer = make_user()
    held = make_round(queue=make_queue(slug="spam"), lease_by=make_user())
    client.force_login(reviewer)
    button = '<form data-with="work" hidden'

    assert button in client.get("/queues/spam/").content.decode()
    Round.objects.filter(pk=held.pk).update(lease_by=reviewer)
    assert button not in client.get("/queues/spam/").content.decode()


def test_what_is_on_hold_says_when_it_wakes(client):
    reviewer, wakes_at = make_user(), timezone.now() + timedelta(hours=2)
    round = make_round(queue=make_queue(slug="spam"), lease_by=reviewer)
    operations.hold(round, fence=round.fence, until=wakes_at, reason="Waits for the shop", by=reviewer)
    client.force_login(make_user(role="lead"))

    page = client.get("/queues/spam/")

    assert [row.wakes_at for row in page.context["held"]] == [wakes_at]
    assert "on hold until" in page.content.decode()


def test_older_rounds_follow_in_claim_order(client):
    queue = make_queue(slug="spam")
    rounds = [make_round(queue=queue) for _round in range(60)]
    client.force_login(make_user(role="lead"))

    first = client.get("/queues/spam/")
    second = client.get(first.context["older_url"])

    assert [*first.context["page"], *second.context["page"]] == rounds
    assert second.context["older_url"] == ""


def test_a_lead_narrows_the_list(client):
    queue = make_queue(slug="spam")
    urgent = make_round(queue=queue, priority=5)
    overdue = make_round(queue=queue, due_at=timezone.now() - timedelta(minutes=1))
    make_round(queue=queue, due_at=timezone.now() + timedelta(hours=1))
    client.force_login(make_user(role="lead"))

    by_priority = client.get("/queues/spam/?priority=5")
    by_due = client.get("/queues/spam/?overdue=on")
    wrong = client.get("/queues/spam/?priority=lots")
    unknown = client.get("/queues/spam/?colour=red")

    assert list(by_priority.context["page"]) == [urgent]
    assert overdue in list(by_due.context["page"])
    assert len(by_due.context["page"]) == Round.objects.filter(due_at__lt=timezone.now()).count()
    assert (wrong.status_code, unknown.status_code) == (400, 400)


def test_the_page_of_a_queue_names_it_in_its_title_alone(client):
    make_queue(slug="spam", name="Health claims")
    client.force_login(make_user(role="analyst"))

    page = client.get("/queues/spam/").content.decode()

    assert 'href="/queues/spam/"' not in page
    assert '<h1 tabindex="-1">Health claims</h1>' in page


def test_claiming_leads_to_the_item(client):
    waiting = make_round(queue=make_queue(slug="spam"))
    reviewer = make_user()
    client.force_login(reviewer)

    answer = client.post("/queues/spam/claim/")

    waiting.refresh_from_db()
    assert answer["Location"] == f"/items/{waiting.item_id}/"
    assert waiting.lease_by == reviewer


def test_claiming_from_an_empty_queue_says_so(client):
    make_queue(slug="spam", name="Spam")
    client.force_login(make_user())

    page = client.post("/queues/spam/claim/", follow=True).content.decode()

    assert "Nothing waits for you in Spam." in page


def test_who_may_not_review_is_refused_the_claim(client):
    make_round(queue=make_queue(slug="spam"))
    client.force_login(make_user(role="analyst"))

    answer = client.post("/queues/spam/claim/")

    assert answer.status_code == 403
    assert not Round.objects.held().exists()
