"""Looking for gaps: asked or daily, by one process at a time, over what may be compared."""

from collections import Counter
from datetime import timedelta
from threading import Barrier

import pytest

from incidents.guidance import operations, queries, tasks
from incidents.guidance.models import Search, Suggestion
from incidents.review.models import Retraction
from tests.factories import NOW, make_user
from tests.guidance.factories import make_suggestion, make_unfit, make_unfit_of_kinds
from tests.policies.twice import outcomes_of
from trust import clock, sweeps
from trust.audit.models import AuditEvent
from trust.permissions import Role
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def members_of(suggestion: Suggestion) -> set[int]:
    return set(suggestion.members.values_list("decision_id", flat=True))


def test_items_that_are_about_the_same_are_suggested():
    kinds = make_unfit_of_kinds()
    lead = make_user(role="lead")

    search = operations.ask(by=lead)
    tasks.suggest()

    search.refresh_from_db()
    offered = list(Suggestion.objects.offered())
    assert search.ended_at
    assert search.items == len(kinds)
    assert AuditEvent.objects.about(search).get().kind == "gap_search.asked"
    found = [Counter(kinds[pk] for pk in members_of(suggestion)).most_common(1)[0] for suggestion in offered]
    assert {kind for kind, _times in found} == {"contest", "homework", "review"}
    assert all(suggestion.words and suggestion.size == len(members_of(suggestion)) for suggestion in offered)


def test_restricted_items_and_decisions_taken_back_are_not_compared():
    kept = make_unfit()
    make_unfit(restricted=True)
    Retraction.objects.create(decision=make_unfit(), by=make_user(), at=NOW)

    assert list(queries.texts_without_policy()) == [kept.pk]


def test_what_else_there_is_leaves_out_restricted_items_and_those_without_policy():
    make_unfit()
    make_unfit(restricted=True)

    assert queries.texts_elsewhere() == []


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"lead", "policy_editor"}))
def test_others_may_not_ask(role):
    with pytest.raises(Refused, match="lead or a policy editor"):
        operations.ask(by=make_user(role=role))

    assert not Search.objects.exists()


def test_asking_twice_is_one_search():
    lead = make_user(role="lead")

    assert operations.ask(by=lead) == operations.ask(by=lead)


def test_once_a_day_it_is_asked_for_and_only_for_news():
    with clock.at(NOW):
        tasks.ask_when_due()
        assert not Search.objects.exists()
        make_unfit(decided_at=NOW)
        tasks.ask_when_due()
        tasks.suggest()
    assert Search.objects.get().ended_at

    with clock.at(NOW + timedelta(days=2)):
        tasks.ask_when_due()
        assert Search.objects.count() == 1
        make_unfit(decided_at=NOW + timedelta(days=1))
        tasks.ask_when_due()

    assert Search.objects.count() == 2


def test_the_scheduler_wakes_a_worker_and_compares_nothing_itself(monkeypatch):
    hints: list[str] = []
    monkeypatch.setattr(operations, "hint", hints.append)
    make_unfit(decided_at=NOW)

    sweeps.run_all()

    assert hints == [operations.TASK]
    assert Search.objects.get().started_at is None


def test_a_search_that_is_being_done_is_left_to_who_does_it_until_it_is_lost():
    lead = make_user(role="lead")
    with clock.at(NOW):
        search = operations.ask(by=lead)
        assert operations.claim() == search
        assert operations.claim() is None

    with clock.at(NOW + timedelta(minutes=16)):
        assert operations.claim() == search


def test_finishing_twice_offers_once():
    search = operations.ask(by=make_user(role="lead"))
    operations.claim()
    found = [operations.Found([make_unfit().pk for _ in range(5)], ["pet"])]

    operations.finish(search, found, items=5)
    operations.finish(search, found, items=5)

    assert Suggestion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_one_search():
    operations.ask(by=make_user(role="lead"))
    barrier = Barrier(2, timeout=20)

    def take(_worker):
        barrier.wait()
        return operations.claim()

    taken = outcomes_of(take, range(2))

    assert sum(search is not None for search in taken) == 1


def test_a_search_replaces_what_was_offered_and_keeps_what_was_settled():
    offered, dismissed = make_suggestion(), make_suggestion(make_unfit())
    operations.dismiss(dismissed, by=make_user(role="lead"))
    search = operations.ask(by=make_user(role="lead"))
    operations.claim()

    operations.finish(search, [], items=0)

    assert list(Suggestion.objects.all()) == [dismissed]
    assert not Suggestion.objects.filter(pk=offered.pk).exists()


def test_what_was_dismissed_is_not_offered_again():
    decisions = [make_unfit() for _ in range(6)]
    operations.dismiss(make_suggestion(*decisions[:4]), by=make_user(role="lead"))
    search = operations.ask(by=make_user(role="lead"))
    operations.claim()

    operations.finish(search, [operations.Found([d.pk for d in decisions], ["pet"])], items=6)

    assert not Suggestion.objects.offered().exists()
