"""Taking a suggestion into a gap, and dismissing it; what a reviewer chose stands."""

from threading import Barrier

import pytest

from incidents.guidance import operations
from incidents.guidance.models import Member
from incidents.intake.models import Restriction
from incidents.review.models import Retraction
from policies.models import PolicyGap
from tests.factories import NOW, make_user
from tests.guidance.factories import make_suggestion, make_unfit
from tests.policies.twice import outcomes_of
from trust.audit.models import AuditEvent
from trust.permissions import Role
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["lead", "policy_editor"])
def test_taking_opens_a_gap_with_its_items(role):
    suggestion = make_suggestion(make_unfit(), make_unfit())
    person = make_user(role=role)

    gap = operations.take(suggestion, title="Votes for pets", by=person)

    suggestion.refresh_from_db()
    assert (gap.title, gap.items) == ("Votes for pets", 2)
    assert (suggestion.status, suggestion.gap, suggestion.settled_by) == ("taken", gap, person)
    assert set(AuditEvent.objects.about(gap).values_list("kind", flat=True)) == {
        "policy_gap.opened",
        "gap_suggestion.taken",
    }


def test_taking_by_the_name_of_an_open_gap_joins_it():
    known = PolicyGap.objects.create(title="Votes for pets", items=3, opened_at=NOW, last_seen_at=NOW)

    gap = operations.take(make_suggestion(), title="Votes for pets", by=make_user(role="lead"))

    assert gap == known
    assert gap.items == 4


def test_what_a_reviewer_chose_stands():
    chosen, free = make_unfit(note="Ballots of all kinds\nas seen before"), make_unfit()

    gap = operations.take(make_suggestion(chosen, free), title="Votes for pets", by=make_user(role="lead"))

    assert gap.items == 1
    assert list(Member.objects.filter(is_joined=True).values_list("decision", flat=True)) == [free.pk]


def test_what_reviewers_chose_altogether_is_not_taken():
    suggestion = make_suggestion(make_unfit(note="Ballots"))

    with pytest.raises(Refused, match="what they chose stands"):
        operations.take(suggestion, title="Votes for pets", by=make_user(role="lead"))

    assert not PolicyGap.objects.filter(title="Votes for pets").exists()


def test_what_was_taken_back_or_restricted_since_is_not_counted():
    undone, restricted, kept = make_unfit(), make_unfit(), make_unfit()
    suggestion = make_suggestion(undone, restricted, kept)
    Retraction.objects.create(decision=undone, by=make_user(), at=NOW)
    Restriction.objects.create(generation=restricted.item.generation, category="child_safety", created_at=NOW)

    gap = operations.take(suggestion, title="Votes for pets", by=make_user(role="lead"))

    assert gap.items == 1


def test_a_decision_that_is_undone_later_is_counted_out_by_the_next_search():
    decision = make_unfit()
    lead = make_user(role="lead")
    gap = operations.take(make_suggestion(decision, make_unfit()), title="Votes for pets", by=lead)
    Retraction.objects.create(decision=decision, by=lead, at=NOW)
    search = operations.ask(by=lead)
    operations.claim()

    operations.finish(search, [], items=0)

    gap.refresh_from_db()
    assert gap.items == 1


def test_dismissing_is_recorded():
    suggestion = make_suggestion()
    editor = make_user(role="policy_editor")

    operations.dismiss(suggestion, by=editor)

    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.settled_by) == ("dismissed", editor)
    assert AuditEvent.objects.about(suggestion).get().kind == "gap_suggestion.dismissed"


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"lead", "policy_editor"}))
def test_others_settle_nothing(role):
    suggestion = make_suggestion()

    with pytest.raises(Refused, match="lead or a policy editor"):
        operations.take(suggestion, title="Votes", by=make_user(role=role))
    with pytest.raises(Refused, match="lead or a policy editor"):
        operations.dismiss(suggestion, by=make_user(role=role))

    suggestion.refresh_from_db()
    assert suggestion.status == "offered"


def test_a_suggestion_that_a_newer_search_replaced_is_told():
    suggestion = make_suggestion()
    type(suggestion).objects.filter(pk=suggestion.pk).delete()

    with pytest.raises(Refused, match="newer search"):
        operations.dismiss(suggestion, by=make_user(role="lead"))


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_take_it_once():
    suggestion = make_suggestion()
    barrier = Barrier(2, timeout=20)

    def take(lead):
        barrier.wait()
        return operations.take(suggestion, title="Votes for pets", by=lead)

    outcomes = outcomes_of(take, [make_user(role="lead"), make_user(role="lead")])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PolicyGap", "Refused"]
    assert PolicyGap.objects.get(title="Votes for pets").items == 1
