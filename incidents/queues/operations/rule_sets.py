"""The routing rules: each change is a new version, and the newest is in force. A draft is one person's own."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from incidents.queues import checking, matching, queries, rules
from incidents.queues.matching import Rule
from incidents.queues.models import RuleDraft, RuleSet
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def publish_rules(wanted: Sequence[Rule], *, based_on: int, reason: str, by: User) -> RuleSet:
    """Put ``wanted`` in force as the version after ``based_on``; the draft of ``by`` is done with. Raises Refused.

    Refused as "stale", with the draft as it was, when there is another version by then.
    """
    in_force = queries.rules_in_force()
    if reason_not := rules.refusal_to_publish_rules(in_force, based_on=based_on, reason=reason, by=by):
        raise reason_not
    if faults := checking.faults_in_rules(wanted, queues=queries.queues_for_rules()):
        raise Refused(next(iter(faults.values()))[0], code="invalid", errors=faults)
    stored = matching.stored(wanted)
    if stored == matching.stored(matching.read_rules(in_force.rules)):
        raise Refused(rules.nothing_changed())
    made = _add(RuleSet(rules=stored, reason=reason.strip(), made_by=by), after=in_force)
    RuleDraft.objects.filter(person=by).delete()
    return made


@transaction.atomic
def publish_draft(*, seen: UUID | None, based_on: int, reason: str, by: User) -> RuleSet:
    """Put the draft of ``by`` in force as ``publish_rules`` does. Raises Refused, also when it was changed since."""
    if draft := _locked_draft(seen, by):
        return publish_rules(matching.read_rules(draft.rules), based_on=based_on, reason=reason, by=by)
    raise Refused(rules.refusal_to_change_rules(by) or rules.nothing_changed())


@transaction.atomic
def restore_rules(old: RuleSet, *, based_on: int, reason: str, by: User) -> RuleSet:
    """Put the rules of an earlier version in force again, as a new one. Raises Refused."""
    in_force = queries.rules_in_force()
    if reason_not := rules.refusal_to_publish_rules(in_force, based_on=based_on, reason=reason, by=by):
        raise reason_not
    if old.rules == in_force.rules:
        raise Refused(rules.nothing_changed())
    return _add(RuleSet(rules=old.rules, reason=reason.strip(), made_by=by, restores=old.number), after=in_force)


def _add(new: RuleSet, *, after: RuleSet) -> RuleSet:
    """Store the next version. Of two at once, the number lets one through."""
    new.number, new.made_at = after.number + 1, clock.now()
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise rules.stale(queries.rules_in_force()) from error
    data = {"version": new.number, "rules": len(new.rules)}
    if new.restores is None:
        record("routing.published", on=[new], by=new.made_by, reason=new.reason, data=data)
    else:
        record("routing.restored", on=[new], by=new.made_by, reason=new.reason, data=data | {"restores": new.restores})
    return new


@transaction.atomic
def write_draft(wanted: Sequence[Rule], *, based_on: int, seen: UUID | None, by: User) -> RuleDraft:
    """Keep what ``by`` is changing; ``seen`` is the edition that they changed, None where there was no draft.

    Raises Refused; as "stale-draft" when the draft was changed since, in another tab. No audit event: a draft is in
    force nowhere and seen by nobody else.
    """
    if sentence := rules.refusal_to_change_rules(by):
        raise Refused(sentence)
    if len(wanted) > checking.MOST_RULES:
        raise Refused(rules.too_many_rules(checking.MOST_RULES))
    draft = _locked_draft(seen, by) or RuleDraft(person=by)
    draft.based_on, draft.rules = based_on, matching.stored(wanted)
    draft.edition, draft.changed_at = uuid4(), clock.now()
    try:
        with transaction.atomic():
            draft.save(force_insert=seen is None)
    except IntegrityError as error:
        raise rules.stale_draft(RuleDraft.objects.get(person=by), clock.now()) from error
    return draft


@transaction.atomic
def discard_draft(*, seen: UUID | None, by: User) -> None:
    """Drop what ``by`` was changing, as ``write_draft`` keeps it: unless it was changed since. Raises Refused."""
    if draft := _locked_draft(seen, by):
        draft.delete()


def _locked_draft(seen: UUID | None, by: User) -> RuleDraft | None:
    """Return the draft of ``by``. Raises Refused when it is another edition than the one that was seen."""
    draft = RuleDraft.objects.select_for_update().filter(person=by).first()
    if (draft.edition if draft else None) != seen:
        raise rules.stale_draft(draft, clock.now())
    return draft
