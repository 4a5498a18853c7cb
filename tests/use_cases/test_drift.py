"""Drift: what generations declare against what is approved, and whether people say that it fits."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from incidents.intake.models import AlertKind
from incidents.use_cases import operations, queries
from incidents.use_cases.models import Fit
from tests.factories import make_actor, make_clearance, make_round, make_user
from tests.use_cases.factories import NAME, approve, make_application, make_approved, make_seen
from trust import clock
from trust.audit import context
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

DETECTOR, SAMPLE, REPORT = AlertKind.DETECTOR, AlertKind.RANDOM_SAMPLE, AlertKind.USER_REPORT


def account(actor: Any, person: Any = None, **options: Any) -> queries.Account:
    return queries.account_of(actor, person or make_user(role="lead"), clock.now(), **options)


def say(item: Any, answer: str, *, by: Any = None) -> Fit:
    return operations.say(item, Fit.Answer(answer), by=by or make_user(role="lead"))


def recount(actor: int, kind: str) -> tuple[int, ...]:
    """Count again by hand: total, approved, other, undeclared, fits, does not, cannot tell."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with seen as (
                select g.use_case, (
                    select max(a.id) from use_cases_application a
                    where a.actor_id = g.actor_id and a.name = g.use_case and a.decided_at <= g.occurred_at
                        and a.status in ('approved', 'withdrawn', 'replaced')
                        and g.occurred_at < coalesce(a.ended_at, 'infinity')
                        and g.occurred_at < coalesce(a.expires_at, 'infinity')
                ) as approved, (
                    select f.answer from use_cases_fit f join queues_item i on i.id = f.item_id
                    where i.generation_id = g.id order by f.id desc limit 1
                ) as answer
                from intake_generation g
                where g.actor_id = %s and g.occurred_at > now() - interval '30 days'
                    and g.id in (select generation_id from intake_alert where kind {kind} 'random_sample')
            )
            select count(*), count(approved), count(*) filter (where approved is null and use_case <> ''),
                count(*) filter (where approved is null and use_case = ''),
                count(*) filter (where approved is not null and answer = 'yes'),
                count(*) filter (where approved is not null and answer = 'no'),
                count(*) filter (where approved is not null and answer = 'cannot_tell')
            from seen
            """,
            [actor],
        )
        return tuple(cursor.fetchone())


def figures(drift: queries.Drift) -> tuple[int, ...]:
    return (
        *(drift.total, drift.approved, drift.other, drift.undeclared),
        *(drift.fits, drift.does_not, drift.cannot_tell),
    )


def test_flagged_and_sampled_are_counted_apart():
    actor = make_approved().actor
    make_seen(actor, DETECTOR)
    make_seen(actor, DETECTOR, REPORT, use_case="resale")
    make_seen(actor, SAMPLE, use_case="")
    make_seen(actor, SAMPLE, DETECTOR)

    told = account(actor)

    assert figures(told.flagged)[:4] == (3, 2, 1, 0)
    assert figures(told.sampled)[:4] == (2, 1, 0, 1)
    declared = [(one.name, one.count, one.approved) for one in told.declared]
    assert declared == [(NAME, 2, 2), ("", 1, 0), ("resale", 1, 0)]  # the newest first of those that are as frequent


def test_what_counts_is_what_was_in_force_when_it_happened():
    actor = make_actor()
    make_seen(actor, days_ago=21)
    with clock.at(clock.now() - timedelta(days=20)):
        first = approve(make_application(actor))
    make_seen(actor, days_ago=15)
    with clock.at(clock.now() - timedelta(days=10)):
        operations.withdraw(first, reason="They resell it.", by=make_user(role="lead"))
    make_seen(actor, days_ago=8)
    with clock.at(clock.now() - timedelta(days=6)):
        approve(make_application(actor), expires_on=(clock.now() + timedelta(days=1)).date())
    make_seen(actor, days_ago=5.9)
    make_seen(actor, days_ago=2)
    make_seen(actor, days_ago=31)

    assert figures(account(actor).flagged)[:3] == (5, 2, 3)


def test_what_waits_or_was_declined_is_not_approved():
    actor = make_actor()
    make_application(actor)
    operations.decline(make_application(actor, name="chat"), reason="No.", by=make_user(role="lead"))
    make_seen(actor)
    make_seen(actor, use_case="chat")

    assert account(actor).flagged.approved == 0


def test_what_is_approved_for_whom_the_actor_belongs_to_holds_for_it_and_nobody_else_s_does():
    organisation = make_approved(make_actor(kind="organisation")).actor
    child, stranger = make_actor(parent=organisation), make_actor()
    make_seen(child)
    make_seen(stranger)

    assert account(child).flagged.approved == 1
    assert account(stranger).flagged.approved == 0


def test_drift_equals_a_recount():
    chance, actor = Random(7), make_approved(days_ago=12).actor
    make_approved(actor, name="chat", days_ago=9)
    operations.withdraw(actor.applications.get(name="chat"), reason="No.", by=make_user(role="lead"))
    reviewers = [make_user(role="lead"), make_user(role="lead")]
    for _number in range(40):
        kinds = chance.choice([(DETECTOR,), (SAMPLE,), (DETECTOR, SAMPLE), (REPORT,)])
        name = chance.choice([NAME, NAME, "chat", "resale", ""])
        item = make_seen(actor, *kinds, use_case=name, days_ago=chance.uniform(0.1, 34))
        for reviewer in reviewers:
            if chance.random() < 0.6 and queries.declared_by(item):
                say(item, chance.choice(["yes", "no", "cannot_tell"]), by=reviewer)

    told = account(actor)

    assert figures(told.flagged) == recount(actor.pk, "<>")
    assert figures(told.sampled) == recount(actor.pk, "=")
    assert all(figures(told.flagged))


def test_shares_have_an_interval_and_of_too_few_none_is_said():
    actor = make_approved().actor
    for _number in range(9):
        make_seen(actor)
    assert account(actor).flagged.approved_share is None

    item = make_seen(actor, use_case="resale")

    share = account(actor).flagged.approved_share
    assert share is not None
    assert (share.part, share.whole, round(share.low, 3), round(share.high, 3)) == (9, 10, 0.596, 0.982)
    assert account(item.actor).flagged.fit_share is None


def test_only_the_newest_are_looked_at_and_that_is_said():
    actor = make_approved().actor
    for days in (1, 2, 3):
        make_seen(actor, days_ago=days)

    told = account(actor, most=2)

    assert (told.flagged.total, told.is_cut) == (2, True)
    assert not account(actor, most=3).is_cut


def test_restricted_generations_are_counted_for_who_is_cleared_alone():
    actor, cleared = make_approved().actor, make_user(role="lead")
    make_clearance(cleared)
    make_seen(actor, restricted=True)

    assert account(actor).flagged.total == 0
    assert account(actor, cleared).flagged.total == 1


@pytest.mark.parametrize("rows", [2, 60])
def test_it_takes_one_query_however_much_there_is(rows: int, django_assert_num_queries: Any):
    actor, lead = make_approved().actor, make_user(role="lead")
    for number in range(rows):
        make_seen(actor, use_case=f"use-{number}")

    with django_assert_num_queries(1):
        queries.account_of(actor, lead, clock.now())


# ── The word ─────────────────────────────────────────────


def test_a_word_is_kept_and_recorded_and_the_newest_of_an_item_counts():
    actor, reviewer = make_approved().actor, make_user(role="lead")
    item = make_seen(actor)

    first = say(item, "yes", by=reviewer)
    say(item, "no")
    assert figures(account(actor).flagged)[4:] == (0, 1, 0)

    second = say(item, "cannot_tell", by=reviewer)

    assert second.supersedes == first
    assert figures(account(actor).flagged)[4:] == (0, 0, 1)
    assert AuditEvent.objects.about(item).filter(kind="use_case.fit_said").count() == 3


def test_the_history_of_a_use_case_names_no_item():
    item = make_seen(make_approved().actor)
    application = say(item, "yes").application

    kinds = AuditEvent.objects.about(application).values_list("kind", flat=True)

    assert sorted(kinds) == ["use_case.applied", "use_case.approved"]


def test_the_same_word_again_writes_nothing():
    item, reviewer = make_seen(make_approved().actor), make_user(role="lead")

    assert say(item, "yes", by=reviewer) == say(item, "yes", by=reviewer)
    assert Fit.objects.count() == 1


def test_there_is_no_word_on_what_declares_nothing_approved():
    item = make_seen(make_approved().actor, use_case="resale")

    with pytest.raises(Refused, match="no use case that was approved"):
        say(item, "yes")


def test_nobody_says_anything_of_what_they_may_not_see():
    actor = make_approved().actor
    restricted, other = make_seen(actor, restricted=True), make_seen(actor)

    for item, by in ((restricted, make_user(role="lead")), (other, make_user())):
        with pytest.raises(Refused, match="Only who may see the item"):
            say(item, "yes", by=by)


def test_who_judges_an_item_on_their_own_is_not_told_what_others_said_of_it():
    actor, second = make_approved().actor, make_user()
    item = make_seen(actor)
    say(item, "no")
    make_round(item=item, purpose="second_opinion", lease_by=second)

    assert figures(account(actor, second).flagged)[4:] == (0, 0, 0)
    assert figures(account(actor).flagged)[4:] == (0, 1, 0)


def test_only_people_who_review_say_it_and_no_key():
    item = make_seen(make_approved().actor)

    with pytest.raises(Refused, match="Only reviewers and leads"):
        say(item, "yes", by=make_user(role="auditor"))
    with context.request("of-a-key"):
        context.use_key(7)
        with pytest.raises(Refused, match="never by an API key"):
            say(item, "yes")


def test_the_database_keeps_words_and_takes_one_first_of_each_person():
    item = make_seen(make_approved().actor)
    fit = say(item, "yes")
    values = {"item": item, "application": fit.application, "answer": "no", "at": clock.now()}

    for statement in ("update use_cases_fit set answer = 'no'", "delete from use_cases_fit"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="fit_first_once_per_person"), transaction.atomic():
        Fit.objects.create(by=fit.by, **values)
    with pytest.raises(DatabaseError, match="same person"), transaction.atomic():
        Fit.objects.create(by=make_user(), supersedes=fit, **values)
