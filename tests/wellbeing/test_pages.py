"""The pages of wellbeing, and what the item page and the queues do for it."""

import re

import pytest
from django.urls import reverse

from incidents.queues import operations as queues
from incidents.queues.models import Joining, Queue, Round
from incidents.wellbeing import operations, queries
from incidents.wellbeing.models import Covering, Exposure, Limits
from incidents.wellbeing.queries import Dress
from tests.factories import (
    make_alert,
    make_clearance,
    make_generation,
    make_item,
    make_queue,
    make_round,
    make_rule,
    make_user,
    make_waiting_alert,
)
from tests.wellbeing.factories import make_category, make_expected, make_limits, reveal
from trust.accounts.models import User
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

SECRET = "Lovely tea, five stars."


@pytest.fixture
def reviewer(client) -> User:
    person = make_user()
    client.force_login(person)
    return person


def item_page(client, held: Round) -> str:
    return client.get(f"/items/{held.item_id}/").content.decode()


# ── How content is shown ─────────────────────────────────


def test_content_is_covered_for_who_chose_nothing(client, reviewer):
    page = item_page(client, make_round(lease_by=reviewer))

    assert '<details class="covered" data-reveal' in page
    assert "blurred" not in page
    assert "pane talk stack grey" not in page


@pytest.mark.parametrize("is_covered", [True, False])
@pytest.mark.parametrize("is_blurred", [True, False])
@pytest.mark.parametrize("is_grey", [True, False])
def test_each_way_to_show_it_is_chosen_by_itself(client, reviewer, is_covered, is_blurred, is_grey):
    sent = {"covering-is_covered": is_covered, "covering-is_blurred": is_blurred, "covering-is_grey": is_grey}
    client.post("/wellbeing/choices/covering/", {name: "on" for name, value in sent.items() if value})

    page = item_page(client, make_round(lease_by=reviewer))

    assert ('<details class="covered" open' not in page) is is_covered
    classes = "pane talk stack" + (" blurred" if is_blurred else "") + (" grey" if is_grey else "")
    assert f'<section class="{classes}"' in page


def test_an_exception_of_a_category_beats_what_holds_for_the_rest(reviewer):
    mild, hard = make_category(), make_category()
    operations.cover_for_oneself({None: Dress(is_covered=False), hard: Dress(is_grey=True)}, by=reviewer)

    assert queries.dress_for(reviewer, [mild.pk]) == Dress(is_covered=False)
    assert queries.dress_for(reviewer, [hard.pk]) == Dress(is_grey=True)
    assert queries.dress_for(reviewer, [mild.pk, hard.pk]) == Dress(is_grey=True)
    assert queries.dress_for(reviewer, []) == Dress(is_covered=False)


def test_what_a_person_chose_beats_what_holds_for_everyone(reviewer):
    category = make_category()
    lead = make_user(role="lead")
    chosen = {None: Dress(is_blurred=True), category: Dress(is_grey=True)}
    operations.set_for_everyone({}, chosen, by=lead)

    assert queries.dress_for(reviewer, []) == Dress(is_blurred=True)
    assert queries.dress_for(reviewer, [category.pk]) == Dress(is_grey=True)
    operations.cover_for_oneself({None: Dress(is_covered=False)}, by=reviewer)
    assert queries.dress_for(reviewer, [category.pk]) == Dress(is_covered=False)


def test_what_is_restricted_is_uncovered_by_no_preference(client):
    person = make_user()
    make_clearance(person)
    client.force_login(person)
    operations.cover_for_oneself({None: Dress(is_covered=False)}, by=person)
    generation = make_alert(generation=make_generation(restricted=True)).generation
    held = make_round(
        item=make_item(generation=generation),
        queue=make_queue(restricted_category="child_safety"),
        lease_by=person,
    )

    page = item_page(client, held)
    client.post(f"/items/{held.item_id}/exposure/", {"seconds": 30})

    assert SECRET not in page
    assert '<details class="covered' not in page
    assert not Exposure.objects.exists()


def test_severity_and_category_are_told_once_before_the_content(client, reviewer):
    category = make_category(usual_severity=3)
    page = item_page(client, make_round(lease_by=reviewer, expected_severity=3, categories=[category.pk]))

    told = page.index(">Expected<")
    assert told < page.index("Covered.")
    assert page.count(">Expected<") == 1
    assert "Spam" in page[told : told + 400]


def test_routing_expects_the_highest_usual_severity_of_what_is_flagged():
    mild, hard = make_category(key="mild", usual_severity=1), make_category(key="hard", usual_severity=4)
    make_rule(make_queue())
    make_waiting_alert(flagged=["mild"])
    make_waiting_alert(flagged=["mild", "hard"])
    make_waiting_alert(flagged=["unheard-of"])

    queues.route_alerts()

    found = Round.objects.order_by("pk").values_list("expected_severity", "categories")
    assert [(severity, sorted(known)) for severity, known in found] == [
        (1, [mild.pk]),
        (4, sorted([mild.pk, hard.pk])),
        (0, []),
    ]


def test_a_further_alert_raises_what_is_expected():
    mild, hard = make_category(key="mild", usual_severity=1), make_category(key="hard", usual_severity=4)
    make_rule(make_queue())
    first = make_waiting_alert(flagged=["mild"])
    queues.route_alerts()
    make_waiting_alert(flagged=["hard"], generation=first.generation)
    queues.route_alerts()

    found = Round.objects.get()
    assert (found.expected_severity, sorted(found.categories)) == (4, sorted([mild.pk, hard.pk]))


# ── Reveals, from the page ───────────────────────────────


def test_the_page_tells_a_reveal(client, reviewer):
    held = make_round(lease_by=reviewer, expected_severity=2)

    answer = client.post(f"/items/{held.item_id}/exposure/", {"seconds": "0"})

    assert answer.status_code == 204
    assert Exposure.objects.get().person == reviewer


@pytest.mark.parametrize("seconds", ["-1", "x", "1e3", "99999", "٣", "1.5", ""])
def test_what_is_no_number_of_seconds_is_a_bad_request(client, reviewer, seconds):
    held = make_round(lease_by=reviewer)

    assert client.post(f"/items/{held.item_id}/exposure/", {"seconds": seconds}).status_code == 400
    assert not Exposure.objects.exists()


def test_nothing_is_noted_of_an_item_that_one_may_not_see(client, reviewer):
    assert client.post(f"/items/{make_round().item_id}/exposure/").status_code == 404
    assert not Exposure.objects.exists()


# ── One's own pages ──────────────────────────────────────


def test_ones_own_page_takes_the_same_queries_with_two_and_with_sixty_items(
    client, reviewer, django_assert_num_queries
):
    category, queue = make_category(), make_queue()
    for many in (2, 58):
        for _item in range(many):
            reveal(make_expected(queue, 3, category), by=reviewer)
        with django_assert_num_queries(6):
            client.get("/wellbeing/")


def test_ones_own_page_shows_items_and_sums(client, reviewer):
    held = make_expected(make_queue(), 3, make_category())
    reveal(held, by=reviewer)

    page = client.get("/wellbeing/").content.decode()

    assert f'href="/items/{held.item_id}/"' in page
    assert "Only you see this" in page


def test_choices_come_back_as_they_were_saved(client, reviewer):
    category, other = make_category(), make_category()
    client.post("/wellbeing/choices/covering/", {"covering-is_grey": "on", f"covering-category_{category.pk}": "cb"})
    client.post("/wellbeing/choices/opt-outs/", {"opt-out-categories": [other.pk]})
    client.post("/wellbeing/choices/limits/", {"limits-severe_from": "2", "limits-day_items_hard": "12"})

    page = client.get("/wellbeing/choices/").content.decode()

    assert '<option value="cb" selected' in page
    assert f'value="{other.pk}"' in page
    assert 'value="12"' in page
    assert queries.opted_out_of(reviewer) == [other.pk]
    assert Covering.objects.filter(person=reviewer).count() == 2


@pytest.mark.parametrize(
    ("address", "sent", "sentence"),
    [
        ("limits", {"limits-severe_from": "3", "limits-day_items_hard": "0"}, "greater than or equal to 1"),
        ("limits", {"limits-severe_from": "9"}, "Select a valid choice"),
        (
            "limits",
            {"limits-severe_from": "3", "limits-day_items_soft": "5", "limits-day_items_hard": "4"},
            "Tell at 4 or before, where it stops.",
        ),
        ("opt-outs", {"opt-out-categories": ["123456"]}, "Select a valid choice"),
        ("opt-outs", {"opt-out-categories": ["x\0"]}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_comes_back_with_its_sentence(client, reviewer, address, sent, sentence):
    answer = client.post(f"/wellbeing/choices/{address}/", sent)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Limits.objects.exists()


def test_leads_and_admins_set_what_holds_for_everyone_and_that_is_recorded(client):
    for role in ("lead", "admin"):
        client.force_login(make_user(role=role))
        sent = {"limits-severe_from": "3", "limits-day_items_hard": "40", "covering-is_covered": "on"}
        assert client.post("/wellbeing/everyone/", sent).status_code == 302

    limits = Limits.objects.get(person=None)
    assert limits.day_items_hard == 40
    assert AuditEvent.objects.filter(kind="wellbeing.set").count() == 2


@pytest.mark.parametrize(("role", "may_set"), [("auditor", False), ("admin", True)])
def test_it_is_a_page_of_the_settings_and_its_fields_are_for_those_who_may_set_it(client, role, may_set):
    client.force_login(make_user(role=role))

    page = client.get("/wellbeing/everyone/").content.decode()

    assert '<a href="/wellbeing/everyone/" aria-current="page">' in page
    assert 'href="/settings/people/"' in page
    form = page.partition('id="limits-title"')[2].partition("</form>")[0]
    inputs = re.findall(r"<(?:input|select)[^>]*>", form)
    assert len(inputs) > 10
    assert {" disabled" in tag for tag in inputs} == {not may_set}


def test_others_do_not_set_it(reviewer):
    with pytest.raises(Refused, match="Only leads and admins"):
        operations.set_for_everyone({}, {}, by=reviewer)


# ── Breaks ───────────────────────────────────────────────


def test_a_break_gives_back_what_is_held_and_says_so(client, reviewer):
    held, others = make_round(lease_by=reviewer), make_round(lease_by=make_user())

    page = client.post("/queues/break/", follow=True).content.decode()

    held.refresh_from_db()
    others.refresh_from_db()
    assert (held.lease_by, others.lease_by is None) == (None, False)
    assert "You are on a break" in page


def test_at_the_end_of_an_item_the_next_page_tells_a_soft_limit_and_a_fresh_visit_does_not(client, reviewer):
    queue = make_queue()
    make_limits(day_items_soft=1)
    held = make_expected(queue, 3, lease_by=reviewer)
    reveal(held, by=reviewer)
    following = make_expected(queue, 3)

    fields = {"round": held.pk, "fence": 1, "verdict": "benign", "rows": 1}
    page = client.post(f"/items/{held.item_id}/decide/", fields, follow=True).content.decode()

    assert "1 item of S3 and up today; the mark is 1." in page
    assert "the mark is" not in item_page(client, following)


def test_the_page_of_the_queues_says_what_is_near_and_what_does_not_come(client, reviewer):
    make_limits(day_items_soft=1, row_items_hard=1)
    reveal(make_expected(make_queue(), 3), by=reviewer)

    page = client.get("/queues/").content.decode()

    assert "1 item of S3 and up today; the mark is 1." in page
    assert "You have had 1 item of S3 and up in a row" in page


# ── Joining a queue ──────────────────────────────────────


def test_a_queue_that_asks_is_joined_once(client, reviewer):
    queue = make_queue(asks_before_joining=True, notice="Expect slurs.")
    waiting = make_round(queue=queue)

    asked = client.post(f"/queues/{queue.slug}/claim/", follow=True)
    waiting.refresh_from_db()
    assert (waiting.lease_by, asked.redirect_chain[-1][0]) == (None, f"/queues/{queue.slug}/join/")
    assert "Expect slurs." in asked.content.decode()

    joined = client.post(f"/queues/{queue.slug}/join/")
    assert joined.url == reverse("review:item", args=[waiting.item_id])
    assert Joining.objects.filter(person=reviewer, queue=queue).count() == 1
    assert client.post(f"/queues/{queue.slug}/claim/").url == joined.url


def test_a_lead_says_what_to_expect(client):
    client.force_login(make_user(role="lead"))
    queue = make_queue()

    client.post(f"/queues/{queue.slug}/notice/", {"notice": "Expect slurs.", "asks_before_joining": "on"})

    queue = Queue.objects.get(pk=queue.pk)
    assert (queue.notice, queue.asks_before_joining) == ("Expect slurs.", True)
    assert AuditEvent.objects.about(queue).get().kind == "queue.notice_set"


def test_a_notice_that_is_too_long_comes_back(client):
    client.force_login(make_user(role="lead"))
    queue = make_queue(notice="As it was.")

    answer = client.post(f"/queues/{queue.slug}/notice/", {"notice": "x" * 301})

    assert answer.status_code == 422
    assert "at most 300" in answer.content.decode()
    assert Queue.objects.get(pk=queue.pk).notice == "As it was."
