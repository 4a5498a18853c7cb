"""What is in a gap: counts for who may not open items, links for who may, and nothing of what is restricted."""

import pytest
from django.urls import reverse

from incidents.guidance import queries
from incidents.guidance.models import Member
from incidents.queues.models import Round
from incidents.review.models import Retraction
from policies import operations as policies
from policies.models import PolicyGap
from tests.factories import NOW, make_alert, make_user
from tests.guidance.factories import make_suggestion, make_unfit
from trust import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def gap() -> PolicyGap:
    return policies.join_gap("pet votes", by=None)


def make_find(gap, *, flagged=("spam",), language="de", severity=2, **fields):
    decision = make_unfit(gap=gap, language=language, **fields)
    generation = decision.item.generation
    Round.objects.filter(pk=decision.round_id).update(expected_severity=severity)
    make_alert(generation=generation, flagged=list(flagged))
    make_alert(generation=generation, flagged=list(flagged))
    return decision


def page(client, gap) -> str:
    return client.get(reverse("guidance:examples", args=[gap.pk])).text


def test_an_editor_reads_counts_and_no_items(client, gap):
    find = make_find(gap, flagged=["spam", "<b>odd</b>"])
    make_find(gap, language="", severity=4)
    client.force_login(make_user(role="policy_editor"))

    told = page(client, gap)

    for words in ("spam", "&lt;b&gt;odd", "de", "not told", "S4 critical", "S2 moderate"):
        assert words in told
    assert reverse("review:item", args=[find.item_id]) not in told


def test_a_lead_opens_examples(client, gap):
    find = make_find(gap)
    client.force_login(make_user(role="lead"))

    assert reverse("review:item", args=[find.item_id]) in page(client, gap)


def test_an_item_counts_once_in_a_category_however_many_alerts_say_so(gap):
    make_find(gap)

    contents = queries.in_gap(gap, make_user(role="lead"), clock.now()).contents

    assert (contents.items, contents.categories) == (1, [("spam", 1)])


def test_what_came_by_a_suggestion_is_told_and_what_was_taken_back_is_not(gap):
    taken_back = make_find(gap)
    Retraction.objects.create(decision=taken_back, by=taken_back.by, at=NOW)
    joined = make_find(None)
    suggestion = make_suggestion(joined, status="taken", gap=gap, settled_by=make_user(), settled_at=NOW)
    Member.objects.filter(suggestion=suggestion).update(is_joined=True)

    found = queries.in_gap(gap, make_user(role="lead"), clock.now())

    assert (found.contents.items, found.examples) == (1, [joined.item_id])


def test_restricted_items_are_neither_counted_nor_linked(client, gap):
    make_find(gap, restricted=True)
    client.force_login(make_user(role="lead"))

    assert "No item in it can be told of." in page(client, gap)


@pytest.mark.parametrize("rows", [2, 30])
def test_a_gaps_contents_cost_the_same_with_many(client, gap, rows, django_assert_num_queries):
    for _number in range(rows):
        make_find(gap)
    client.force_login(make_user(role="lead"))
    page(client, gap)

    with django_assert_num_queries(8):
        page(client, gap)
