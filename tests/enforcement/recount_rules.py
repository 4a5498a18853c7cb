"""What must hold of what rules did by themselves, recounted from the rows alone, as in recount.py."""

from __future__ import annotations

from collections.abc import Iterable

from tests.enforcement.recount import BY_TWO, rows


def faults() -> list[str]:
    """Return a sentence for each thing that does not add up."""
    return [*_faults_of_acts(), *_faults_of_counts(), *_faults_of_who()]


def _faults_of_acts() -> Iterable[str]:
    """A rule acts while it is armed, by two people, on one new strike once, mildly, for nobody; its caps hold.

    Whatever no rule did has a proposal among its events.
    """
    for number, is_odd, is_outside, is_old, misses_check in rows(
        """
        select a.id,
            a.proposed_by_id is not null or a.approved_by_id is not null or a.kind = any(%s) or a.kind <> r.kind
                or coalesce(r.armed_by_id = r.written_by_id, true),
            r.armed_at is null or a.approved_at < r.armed_at or a.approved_at > r.disarmed_at,
            not exists (
                select from enforcement_enforcementdecision l join review_decision d on d.id = l.decision_id
                join review_violation v on v.decision_id = d.id
                join policies_clauseversion t on t.id = v.clause_id
                where l.enforcement_id = a.id and d.decided_at >= r.armed_at and t.clause_id = r.clause_id
                    and v.severity = r.severity),
            (r.share = 100) <> exists (select from enforcement_actingcheck c where c.enforcement_id = a.id)
        from enforcement_enforcementaction a join enforcement_actingrule r on r.id = a.by_rule_id
        """,
        list(BY_TWO),
    ):
        if is_odd:
            yield f"action {number}: a rule may not do this"
        if is_outside:
            yield f"action {number}: its rule was not armed then"
        if is_old:
            yield f"action {number}: rests on nothing that its rule is about"
        if misses_check:
            yield f"action {number}: is drawn to be checked, or not, against the share of its rule"


def _faults_of_counts() -> Iterable[str]:
    for number, day, many, counted, cap in rows(
        """
        select r.id, a.approved_at::date, count(*), max(d.acted), r.cap from enforcement_actingrule r
        join enforcement_enforcementaction a on a.by_rule_id = r.id
        left join enforcement_actingruleday d on d.rule_id = r.id and d.day = a.approved_at::date
        group by r.id, a.approved_at::date
        """
    ):
        if many > cap or many != counted:
            yield f"rule {number}: acted {many} times on {day}, counted {counted}, at most {cap}"
    for decision, many in rows(
        """
        select l.decision_id, count(*) from enforcement_enforcementdecision l
        join enforcement_enforcementaction a on a.id = l.enforcement_id
        where a.by_rule_id is not null group by 1 having count(*) > 1
        """
    ):
        yield f"decision {decision}: a rule acted on it {many} times"


def _faults_of_who() -> Iterable[str]:
    for number, was_proposed in rows(
        """
        select a.id, exists (
            select from audit_auditevent e join audit_auditsubject s on s.event_id = e.id
            where e.kind = 'enforcement.proposed' and s.subject_kind = 'enforcement.enforcementaction'
                and s.subject_id = a.id)
        from enforcement_enforcementaction a where a.approved_at is not null and a.by_rule_id is null
        """
    ):
        if not was_proposed:
            yield f"action {number}: was approved and never proposed"
    for number, person in rows(
        """
        select c.enforcement_id, c.checked_by_id from enforcement_actingcheck c
        join enforcement_enforcementdecision l on l.enforcement_id = c.enforcement_id
        join review_decision d on d.id = l.decision_id join enforcement_actingrule r on r.id = c.rule_id
        where c.checked_by_id in (d.by_id, r.written_by_id, r.armed_by_id)
        """
    ):
        yield f"action {number}: person {person} checked what they had a part in"
