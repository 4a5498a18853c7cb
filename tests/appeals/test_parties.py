"""Nobody judges an appeal who took part in its action: by the rule, and by the database, whichever way they come."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from incidents.appeals import operations, rules
from incidents.appeals.models import Appeal, AppealJudgement
from incidents.enforcement import operations as enforcement
from incidents.enforcement.models import EnforcementAction, EnforcementDecision
from incidents.review import operations as review
from incidents.review.models import Retraction
from tests.appeals.factories import Case, judge, make_appeal, make_case, make_ruling
from tests.enforcement.factories import approve, make_acting_rule, make_action_of_rule, propose
from tests.factories import NOW, make_decision, make_round, make_user
from trust.accounts.models import User
from trust.audit import context
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def decider(case: Case) -> User:
    return case.findings[0].by


def second_reviewer(case: Case) -> User:
    return make_decision(item=case.findings[1].item, by=make_user(role="lead")).by


def one_of_another_mind(case: Case) -> User:
    return make_decision(item=case.findings[1].item, by=make_user(role="lead"), verdict="benign").by


def one_who_took_it_back(case: Case) -> User:
    decision = make_decision(item=case.findings[1].item, by=make_user(role="lead"))
    Retraction.objects.create(decision=decision, by=make_user(role="lead"), at=NOW)
    return decision.by


def one_who_took_back_another_s(case: Case) -> User:
    decision = make_decision(item=case.findings[1].item)
    return Retraction.objects.create(decision=decision, by=make_user(role="lead"), at=NOW).by


def judge_of_an_earlier_appeal(case: Case) -> User:
    earlier = Appeal.objects.get(enforcement=case.action)
    judging = judge(earlier, "upheld").by
    make_appeal(case.action)
    return judging


PARTIES: dict[str, Callable[[Case], User]] = {
    "proposer": lambda case: case.proposer,
    "approver": lambda case: case.approver,
    "decider": decider,
    "second reviewer": second_reviewer,
    "second reviewer of another mind": one_of_another_mind,
    "who took their decision back": one_who_took_it_back,
    "who took back another's": one_who_took_back_another_s,
    "judge of an earlier appeal": judge_of_an_earlier_appeal,
}


def by_sql(appeal: Appeal, by: User) -> None:
    """Write a judgement as the application's role, past all code."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            insert into appeals_appealjudgement (appeal_id, outcome, reason, statement, has_lifted, by_id, at)
            values (%s, 'upheld', 'Why.', 'So.', false, %s, now())
            """,
            [appeal.pk, by.pk],
        )


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def case() -> Case:
    case = make_case()
    make_appeal(case.action)
    return case


def open_appeal(case: Case) -> Appeal:
    return Appeal.objects.get(enforcement=case.action, status="open")


@pytest.mark.parametrize("name", PARTIES)
def test_who_took_part_does_not_judge(name: str, case: Case):
    party = PARTIES[name](case)
    appeal, before = open_appeal(case), AppealJudgement.objects.count()

    with pytest.raises(Refused, match="You took part"):
        operations.judge(appeal, make_ruling(), by=party)

    assert AppealJudgement.objects.count() == before
    assert appeal not in Appeal.objects.open_to_judge(party)


@pytest.mark.parametrize("name", PARTIES)
def test_the_database_refuses_them_without_the_code(name: str, case: Case, monkeypatch: pytest.MonkeyPatch):
    party = PARTIES[name](case)
    appeal = open_appeal(case)
    monkeypatch.setattr(rules, "refusal_to_judge", lambda *arguments, **options: None)

    with pytest.raises(DatabaseError, match="nobody who took part"), transaction.atomic():
        operations.judge(appeal, make_ruling("upheld"), by=party)
    with pytest.raises(DatabaseError, match="nobody who took part"):
        by_sql(appeal, party)


def test_who_proposed_or_decided_on_a_later_end_does_not_judge():
    proposer, approver = make_user(role="lead"), make_user(role="lead")
    action = approve(propose())
    assert action.ends_at
    later = enforcement.extend(action, ends_at=action.ends_at + timedelta(days=1), reason="They went on.", by=proposer)
    enforcement.approve_extension(later, reason="So they did.", by=approver)
    appeal = make_appeal(action)

    for person in (proposer, approver):
        with pytest.raises(Refused, match="took part"):
            operations.judge(appeal, make_ruling(), by=person)


def test_who_stands_behind_a_rule_and_who_checked_it_does_not_judge_what_it_did():
    writer, armer, checker = (make_user(role="lead") for _lead in range(3))
    action = make_action_of_rule(make_acting_rule(written_by=writer, armed_by=armer))
    enforcement.check(action.check_drawn, "right", reason="It was right.", by=checker)
    appeal = make_appeal(action)

    for person in (writer, armer, checker):
        with pytest.raises(Refused, match="took part"):
            operations.judge(appeal, make_ruling(), by=person)


def test_who_reviewed_what_one_did_alone_does_not_judge():
    lead, reviewer = make_user(role="lead"), make_user(role="lead")
    action = enforcement.break_glass(propose(by=lead), stake="They are at it now, and all others are asleep.", by=lead)
    enforcement.review_glass(action, "confirmed", reason="It was right.", by=reviewer)
    appeal = make_appeal(action)

    with pytest.raises(Refused, match="You took part"):
        operations.judge(appeal, make_ruling(), by=reviewer)
    with pytest.raises(DatabaseError, match="nobody who took part"):
        by_sql(appeal, reviewer)


def test_somebody_else_judges(case: Case):
    by_sql(open_appeal(case), make_user(role="lead"))

    assert Appeal.objects.get(enforcement=case.action).status == "judged"


def test_a_key_judges_nothing_whoever_owns_it(case: Case):
    with context.request("of-a-key"):
        context.use_key(7)
        with pytest.raises(Refused, match="never by an API key"):
            operations.judge(open_appeal(case), make_ruling(), by=make_user(role="lead"))


def test_nobody_is_taken_out_of_the_action_to_judge_it_then(case: Case):
    action, other = case.action.pk, make_user(role="lead")
    table = EnforcementAction._meta.db_table
    attempts = [
        (f"update {table} set proposed_by_id = %s where id = %s", other.pk, action),
        (f"update {table} set approved_by_id = %s where id = %s", other.pk, action),
        (f"update {table} set approved_at = null, approved_by_id = null, status = 'proposed' where id = %s", action),
        (f"update {table} set actor_id = actor_id + 1 where id = %s", action),
        (f"update {table} set evidence = '[]' where id = %s", action),
        (f"delete from {EnforcementDecision._meta.db_table} where enforcement_id = %s", action),
        (
            f"update {EnforcementDecision._meta.db_table} set decision_id = decision_id where enforcement_id = %s",
            action,
        ),
        ("update review_decision set by_id = %s where id = %s", other.pk, case.findings[0].pk),
        ("delete from review_violation where decision_id = %s", case.findings[0].pk),
    ]

    for statement, *values in attempts:
        with pytest.raises(DatabaseError):
            sql(statement, *values)


def test_who_reversed_an_action_is_not_taken_out_of_it(case: Case):
    reverser = make_user(role="lead")
    enforcement.reverse(case.action, reason="A mistake.", by=reverser)
    table = EnforcementAction._meta.db_table

    with pytest.raises(DatabaseError, match="not taken back"):
        sql(
            f"update {table} set status = 'in_force', reversed_by_id = null, reversed_at = null where id = %s",
            case.action.pk,
        )
    with pytest.raises(DatabaseError, match="nobody who took part"):
        by_sql(open_appeal(case), reverser)


def test_an_appeal_and_its_judgement_stay_as_they_came(case: Case):
    appeal = open_appeal(case)
    attempts = [
        "update appeals_appeal set status = 'judged'",
        "update appeals_appeal set text = 'I was right.'",
        "update appeals_appeal set enforcement_id = enforcement_id + 1",
        "update appeals_appeal set due_at = due_at - interval '1 day'",
        "delete from appeals_appeal",
    ]
    for statement in attempts:
        with pytest.raises(DatabaseError):
            sql(statement)
    judge(appeal, "upheld")
    for statement in (
        "update appeals_appeal set status = 'open'",
        f"update appeals_appealjudgement set by_id = {case.proposer.pk}",
        "delete from appeals_appealjudgement",
        "delete from appeals_overturneddecision",
    ):
        with pytest.raises(DatabaseError):
            sql(statement)


def test_what_was_not_approved_is_not_appealed_by_sql_either():
    proposed = propose()

    with pytest.raises(DatabaseError, match="not approved"):
        sql(
            """
            insert into appeals_appeal (enforcement_id, reference, text, way, request_digest, status,
                received_at, due_at)
            values (%s, '23456-23456', 'Why?', 'link', '', 'open', now(), now() + interval '1 day')
            """,
            proposed.pk,
        )


# ── At once ──────────────────────────────────────────────


def in_threads(*acts: Callable[[], Any]) -> list[Any]:
    """Run ``acts`` at once, each on its own connection; return what each returned or raised."""
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            results[place] = act()
        except (Refused, DatabaseError) as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_who_judge_at_once_one_is_told_that_it_is_judged():
    appeal = make_appeal()
    leads = [make_user(role="lead") for _lead in range(2)]

    results = in_threads(*(lambda lead=lead: judge(appeal, by=lead) for lead in leads))

    assert AppealJudgement.objects.count() == 1
    assert sum(isinstance(result, Refused) and "judged already" in result.sentence for result in results) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_appeals_at_once_one_is_open():
    action = make_case().action

    results = in_threads(*(lambda: make_appeal(action) for _tab in range(4)))

    assert Appeal.objects.count() == 1
    assert {result.code for result in results if isinstance(result, Refused)} == {"appeal-open"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["code", "sql"])
def test_who_is_deciding_on_the_item_just_now_is_waited_for_and_then_refused(way: str):
    case, both = make_case(), make_user(role="lead")
    appeal = make_appeal(case.action)
    held = make_round(item=case.findings[0].item, purpose="second_opinion", lease_by=both)
    has_decided, may_commit = threading.Event(), threading.Event()

    def decide() -> None:
        with transaction.atomic():
            review.decide(held, fence=held.fence, verdict="benign", by=both)
            has_decided.set()
            assert may_commit.wait(timeout=20)

    def judge_meanwhile() -> Any:
        assert has_decided.wait(timeout=20)
        return judge(appeal, by=both) if way == "code" else by_sql(appeal, both)

    def let_go_once_waited_for() -> None:
        until = time.monotonic() + 20
        while not someone_waits_for_a_lock() and time.monotonic() < until:
            time.sleep(0.02)
        may_commit.set()

    results = in_threads(decide, judge_meanwhile, let_go_once_waited_for)

    assert isinstance(results[1], Refused if way == "code" else DatabaseError)
    assert not AppealJudgement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_older_snapshot_does_not_judge():
    appeal = make_appeal()

    lead = make_user(role="lead")

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
        with pytest.raises(DatabaseError, match="reads what is committed"):
            by_sql(appeal, lead)


def someone_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_stat_activity where wait_event_type = 'Lock')")
        return bool(cursor.fetchone()[0])
