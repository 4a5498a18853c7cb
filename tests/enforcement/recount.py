"""What must hold of enforcement, recounted from the rows alone: written apart from the code that it checks.

Tables of its own say what each kind does to a standing and what each severity weighs; nothing here is imported from
the rooms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

RANKS = ("good", "warned", "limited", "suspended", "banned")
RANK_OF = {
    "notice": 0,
    "warning": 1,
    "rate_limit": 2,
    "quota": 2,
    "feature_block": 2,
    "suspension": 3,
    "ban": 4,
    "referral": 0,
}
UNDONE_ALONE = ("feature_block", "suspension")  # what one may carry out alone, for another to review
BY_TWO = ("feature_block", "suspension", "ban", "referral")
WEIGHT_OF = (0, 1, 1, 2, 3)
LASTS = timedelta(days=90)

# From which states each event may come, and where it leads.
COURSE = {
    "enforcement.recommended": ((None,), "recommended"),
    "enforcement.proposed": ((None, "recommended"), "proposed"),
    "enforcement.approved": ((None, "proposed"), "approved"),  # None: by a rule, see recount_rules.py
    "enforcement.declined": (("recommended", "proposed"), "declined"),
    "enforcement.delivered": (("approved",), "delivered"),
    "enforcement.begun": (("approved",), "approved"),
    "enforcement.withdrawn": (("approved",), "withdrawn"),
    "enforcement.in_force": (("approved", "delivered"), "in_force"),
    "enforcement.expired": (("approved", "delivered", "in_force"), "expired"),
    "enforcement.reversed": (("approved", "delivered", "in_force"), "reversed"),
}
COURSE_OF_A_STRIKE = {
    "strike.given": ((None,), "counts"),
    "strike.voided": (("counts",), "voided"),
    "strike.restored": (("voided",), "counts"),
}
COURSE_OF_AN_APPEAL = {"appeal.received": ((None,), "open"), "appeal.judged": (("open",), "judged")}


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def faults() -> list[str]:
    """Return a sentence for each thing that does not add up."""
    return [
        *faults_of_courses(),
        *faults_of_standings(),
        *faults_of_strikes(),
        *faults_of_pairs(),
        *faults_of_deliveries(),
        *faults_of_ends(),
    ]


# ── Every change of state has its event ──────────────────


def faults_of_courses() -> Iterable[str]:
    """Walk the events of each action, strike and appeal: each a step that may be, the last where the row stands.

    What is approved for later is approved, until it begins.
    """
    yield from _off_course(
        COURSE,
        "enforcement.enforcementaction",
        "select id, case status when 'scheduled' then 'approved' else status end from enforcement_enforcementaction",
    )
    yield from _off_course(
        COURSE_OF_A_STRIKE,
        "enforcement.strike",
        "select id, case when voided_at is null then 'counts' else 'voided' end from enforcement_strike",
    )
    yield from _off_course(COURSE_OF_AN_APPEAL, "appeals.appeal", "select id, status from appeals_appeal")


def _off_course(course: dict[str, Any], subject: str, statement: str) -> Iterable[str]:
    at: dict[int, str | None] = defaultdict(lambda: None)
    events = rows(
        """
        select s.subject_id, e.kind from audit_auditevent e join audit_auditsubject s on s.event_id = e.id
        where s.subject_kind = %s and e.kind = any(%s) order by e.id
        """,
        subject,
        list(course),
    )
    for number, kind in events:
        expected, leads_to = course[kind]
        if at[number] not in expected:
            yield f"{subject} {number}: {kind} while {at[number]}"
        at[number] = leads_to
    for number, status in rows(statement):
        if at[number] != status:
            yield f"{subject} {number}: is {status}, its events say {at[number]}"


# ── Standings ────────────────────────────────────────────


def faults_of_standings() -> Iterable[str]:
    """What was approved and begun, not reversed, and has no event of its end, counts; the worst is the standing."""
    running: dict[int, list[str]] = defaultdict(list)
    for actor, kind, is_over in rows(
        """
        select a.actor_id, a.kind, a.reversed_at is not null or exists (
            select from audit_auditevent e join audit_auditsubject s on s.event_id = e.id
            where e.kind = 'enforcement.expired' and s.subject_kind = 'enforcement.enforcementaction'
                and s.subject_id = a.id)
        from enforcement_enforcementaction a where a.approved_at is not null and (
            a.starts_at is null or a.starts_at <= a.approved_at or exists (
                select from audit_auditevent e join audit_auditsubject s on s.event_id = e.id
                where e.kind = 'enforcement.begun' and s.subject_kind = 'enforcement.enforcementaction'
                    and s.subject_id = a.id))
        """
    ):
        running[actor] += [] if is_over else [kind]
    for actor, standing in rows("select id, standing from actors_actor"):
        worst = max((RANK_OF[kind] for kind in running.get(actor, [])), default=0)
        expected = RANKS[worst] if actor in running else "unknown"
        if standing != expected:
            yield f"actor {actor}: stands {standing}, recounted {expected}"
    moves: dict[int, str] = defaultdict(lambda: "unknown")
    for actor, before, after in rows(
        """
        select s.subject_id, e.data ->> 'before', e.data ->> 'after'
        from audit_auditevent e join audit_auditsubject s on s.event_id = e.id
        where e.kind = 'actor.standing_changed' and s.subject_kind = 'actors.actor' order by e.id
        """
    ):
        if moves[actor] != before:
            yield f"actor {actor}: an event says they stood {before}, the one before says {moves[actor]}"
        moves[actor] = after
    for actor, standing in rows("select id, standing from actors_actor"):
        if moves[actor] != standing:
            yield f"actor {actor}: stands {standing}, its events say {moves[actor]}"


# ── Strikes ──────────────────────────────────────────────


def counting(now: datetime) -> dict[int, int]:
    """Return the weight of what counts at ``now``, by actor."""
    sums: dict[int, int] = defaultdict(int)
    for actor, weight in rows(
        """
        select i.actor_id, s.weight from enforcement_strike s
        join review_decision d on d.id = s.decision_id join queues_item i on i.id = d.item_id
        where s.voided_at is null and d.decided_at + %s > %s
        """,
        LASTS,
        now,
    ):
        sums[actor] += weight
    return dict(sums)


def faults_of_strikes() -> Iterable[str]:
    """Each item carries one strike as heavy as its outcome, the newest judgement not taken back, or none.

    None where a person voided one as heavy and no judgement of another weight that stands came since. What still
    waits for the sweep is left out.
    """
    waiting = {
        item
        for (item,) in rows(
            "select d.item_id from review_decision d join review_decisiontostrike w on w.decision_id = d.id"
        )
    }
    judged: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    for item, decision, weight_of, is_back in rows(
        """
        select d.item_id, d.id, case when d.verdict = 'violating' then
                (select max(v.severity) from review_violation v where v.decision_id = d.id) end,
            exists (select from review_retraction r where r.decision_id = d.id)
        from review_decision d order by d.decided_at, d.id
        """
    ):
        judged[item].append((decision, WEIGHT_OF[weight_of or 0], is_back))
    strikes: dict[int, tuple[int, bool, bool]] = {
        decision: (weight, is_live, by_person)
        for decision, weight, is_live, by_person in rows(
            """
            select s.decision_id, s.weight, s.voided_at is null, coalesce((
                select e.by_id is not null from audit_auditevent e join audit_auditsubject x on x.event_id = e.id
                where x.subject_kind = 'enforcement.strike' and x.subject_id = s.id
                    and e.kind in ('strike.voided', 'strike.restored') order by e.id desc limit 1), false)
            from enforcement_strike s
            """
        )
    }
    for item, decisions in judged.items():
        if item in waiting:
            continue
        standing = [(decision, weight) for decision, weight, is_back in decisions if not is_back]
        outcome = standing[-1][1] if standing else 0
        others = [decision for decision, weight in standing if weight != outcome]
        order = [decision for decision, _weight, _is_back in decisions]
        since = order[order.index(others[-1]) + 1 :] if others else order
        is_spared = any(
            strikes[one][0] == outcome and not strikes[one][1] and strikes[one][2] for one in since if one in strikes
        )
        expected = [outcome] if outcome and not is_spared else []
        live = [strikes[one][0] for one in order if one in strikes and strikes[one][1]]
        if live != expected:
            yield f"item {item}: strikes {live}, recounted {expected}"
        upheld = {decision for decision, weight in standing if weight == outcome}
        if any(strikes[one][1] and one not in upheld for one in order if one in strikes):
            yield f"item {item}: a strike that counts hangs on what does not stand"
    for (strike,) in rows(
        """
        select s.id from enforcement_strike s join review_decision d on d.id = s.decision_id
        where s.expires_at <> d.decided_at + %s
        """,
        LASTS,
    ):
        yield f"strike {strike}: does not expire ninety days after its decision"


# ── Two people ───────────────────────────────────────────


def faults_of_pairs() -> Iterable[str]:
    """A severe action that was carried out has two people behind it: by its columns and by its events."""
    for number, kind, proposed_by, approved_by, is_alone, reviewed_by in rows(
        """
        select id, kind, proposed_by_id, approved_by_id, broke_glass, reviewed_by_id from enforcement_enforcementaction
        where by_rule_id is null and (approved_at is not null or status not in ('recommended', 'proposed', 'declined'))
        """
    ):
        if approved_by is None or proposed_by is None:
            yield f"action {number}: nobody stands behind it"
        if reviewed_by is not None and (not is_alone or reviewed_by in (proposed_by, approved_by)):
            yield f"action {number}: reviewed by who carried it out"
        if kind in BY_TWO and proposed_by == approved_by and not (is_alone and kind in UNDONE_ALONE):
            yield f"action {number}: {kind} by one person"
    for number, kinds in rows(
        """
        select s.subject_id, array_agg(e.kind) from audit_auditevent e join audit_auditsubject s on s.event_id = e.id
        join enforcement_enforcementaction a on a.id = s.subject_id
        where s.subject_kind = 'enforcement.enforcementaction' and a.kind = any(%s) and not a.broke_glass
            and e.kind in ('enforcement.proposed', 'enforcement.approved')
        group by s.subject_id, e.by_id having count(distinct e.kind) > 1
        """,
        list(BY_TWO),
    ):
        yield f"action {number}: one person {kinds}"


def parties(action: int) -> set[int]:
    """Return who stands behind an action or anything that it rests on."""
    return {
        person
        for (person,) in rows(
            """
            with a as (select * from enforcement_enforcementaction where id = %s),
            judged as (
                select d.* from review_decision d where d.item_id in (
                    select under.item_id from enforcement_enforcementdecision link
                    join review_decision under on under.id = link.decision_id
                    where link.enforcement_id = (select id from a))
            )
            select r.written_by_id from enforcement_actingrule r where r.id = (select by_rule_id from a)
            union select r.armed_by_id from enforcement_actingrule r where r.id = (select by_rule_id from a)
            union select c.checked_by_id from enforcement_actingcheck c where c.enforcement_id = (select id from a)
            union select proposed_by_id from a union select approved_by_id from a union select declined_by_id from a
            union select reversed_by_id from a union select reviewed_by_id from a union select by_id from judged
            union select x.proposed_by_id from enforcement_extension x where x.enforcement_id = (select id from a)
            union select x.decided_by_id from enforcement_extension x where x.enforcement_id = (select id from a)
            union select r.by_id from review_retraction r join judged on judged.id = r.decision_id
            union select j.by_id from appeals_appealjudgement j join appeals_appeal p on p.id = j.appeal_id
                where p.enforcement_id = (select id from a)
            """,
            action,
        )
        if person is not None
    }


# ── Ends ─────────────────────────────────────────────────


def faults_of_ends() -> Iterable[str]:
    """An action ends so many days after it began, or when its newest approved extension says; severe ones by two."""
    for number, ends_at, expected in rows(
        """
        select a.id, a.ends_at, coalesce(
            (select x.ends_at from enforcement_extension x
             where x.enforcement_id = a.id and x.status = 'approved' order by x.decided_at desc, x.id desc limit 1),
            greatest(a.starts_at, a.approved_at) + (a.parameters ->> 'days')::int * interval '1 day')
        from enforcement_enforcementaction a where a.approved_at is not null
        """
    ):
        if ends_at != expected:
            yield f"action {number}: ends at {ends_at}, recounted {expected}"
    for number, kind in rows(
        """
        select id, kind from enforcement_extension where status = 'approved' and decided_by_id = proposed_by_id
        """
    ):
        if kind in BY_TWO:
            yield f"extension {number}: of a {kind} by one person"
    for (number,) in rows(
        """
        select x.id from enforcement_extension x join enforcement_enforcementaction a on a.id = x.enforcement_id
        where x.status = 'proposed' and a.status in ('expired', 'reversed', 'withdrawn')
        """
    ):
        yield f"extension {number}: waits though its action has ended"


# ── Deliveries ───────────────────────────────────────────


def faults_of_deliveries() -> Iterable[str]:
    """Each endpoint is told once to carry out and at most once to lift, and to lift only after the end.

    Nothing is told of what has not begun.
    """
    for (number,) in rows(
        """
        select a.id from enforcement_enforcementaction a where a.status in ('scheduled', 'withdrawn')
            and exists (select from enforcement_delivery d where d.enforcement_id = a.id)
        """
    ):
        yield f"action {number}: was told before it began"
    for number, endpoint, purpose, many in rows(
        """
        select d.enforcement_id, m.endpoint_id, d.purpose, count(*) from enforcement_delivery d
        join outgoing_message m on m.id = d.message_id where d.purpose <> 'extend'
        group by 1, 2, 3 having count(*) > 1
        """
    ):
        yield f"action {number}: endpoint {endpoint} is told to {purpose} {many} times"
    for number, status in rows(
        """
        select a.id, a.status from enforcement_enforcementaction a
        where a.status in ('approved', 'delivered', 'in_force')
            and exists (select from enforcement_delivery d where d.enforcement_id = a.id and d.purpose = 'lift')
        """
    ):
        yield f"action {number}: is {status} and a lift was sent"
    for number, endpoint in rows(
        """
        select a.id, m.endpoint_id from enforcement_enforcementaction a
        join enforcement_delivery d on d.enforcement_id = a.id and d.purpose = 'carry_out'
        join outgoing_message m on m.id = d.message_id
        where m.status <> 'withdrawn'
            and (a.status = 'reversed' or a.status = 'expired' and a.kind not in ('notice', 'warning', 'referral'))
            and not exists (
                select from enforcement_delivery l join outgoing_message n on n.id = l.message_id
                where l.enforcement_id = a.id and l.purpose = 'lift' and n.endpoint_id = m.endpoint_id)
        """
    ):
        yield f"action {number}: endpoint {endpoint} was told and never told to lift it"
    for (number,) in rows(
        """
        select a.id from enforcement_enforcementaction a
        where a.status = 'in_force' and exists (
            select from enforcement_delivery d join outgoing_message m on m.id = d.message_id
            where d.enforcement_id = a.id and d.purpose = 'carry_out' and m.status <> 'delivered')
        """
    ):
        yield f"action {number}: is in force and an endpoint has not received it"
