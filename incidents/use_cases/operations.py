"""Every write of use cases: apply, approve, decline, withdraw, and say whether an item fits one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from incidents.actors.models import Actor
from incidents.queues.models import Item
from incidents.use_cases import queries, rules
from incidents.use_cases.models import Application, Fit
from incidents.use_cases.rules import Status, Wish
from trust import clock, idempotency
from trust.accounts.models import User
from trust.audit import context
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def apply(actor: Actor, wish: Wish, *, by: User) -> Application:
    """Enter what ``actor`` asks for; one application for a use case waits at a time. An API key enters as its owner.

    Sent again under the same key, the first application is returned. Raises Refused: refused, invalid with ``errors``
    by field, use-case-waiting, or idempotency-key-reused.
    """
    if refusal := rules.refusal_to_apply(by):
        raise Refused(refusal)
    own = Application.objects.filter(via_key=context.via_key()).select_related("actor", "entered_by", "decided_by")
    if sent := idempotency.sent_before(own, key=wish.idempotency_key, digest=wish.digest):
        return sent
    if errors := rules.errors_in(wish):
        raise _invalid(errors)
    actor = Actor.objects.select_for_update(no_key=True).get(pk=actor.pk)
    waiting = Application.objects.waiting().filter(actor=actor, name=wish.name.strip()).first()
    if refusal := rules.refusal_of_another(waiting):
        raise Refused(refusal, code="use-case-waiting")

    application = Application.objects.create(
        actor=actor,
        name=wish.name.strip(),
        description=wish.description.strip(),
        expected_volume=wish.expected_volume,
        stage=wish.stage,
        contact=wish.contact.strip(),
        entered_by=by,
        via_key=context.via_key(),
        idempotency_key=wish.idempotency_key,
        request_digest=wish.digest,
        entered_at=clock.now(),
    )
    record("use_case.applied", on=[application, actor], by=by)
    return application


@transaction.atomic
def approve(application: Application, *, conditions: str, expires_on: date | None, by: User) -> Application:
    """Approve a use case, until the end of ``expires_on`` in UTC where it is given. Raises Refused.

    An earlier approval of the same actor and name is replaced by this one.
    """
    application = _locked(application)
    if refusal := rules.refusal_to_approve(application, by):
        raise Refused(refusal)
    now = clock.now()
    if errors := rules.errors_in_approval(conditions, expires_on, now):
        raise _invalid(errors)

    _replace_earlier(application, now, by=by)
    application.status = Status.APPROVED
    application.decided_by, application.decided_at = by, now
    application.conditions = conditions.strip()
    application.expires_at = _end_of(expires_on) if expires_on else None
    application.save(update_fields=["status", "decided_by", "decided_at", "conditions", "expires_at"])
    data = {"expires_on": expires_on.isoformat() if expires_on else None}
    record("use_case.approved", on=[application, application.actor], by=by, data=data)
    return application


@transaction.atomic
def decline(application: Application, *, reason: str, by: User) -> Application:
    """Say no to an application; who entered it may take it back so, as a lead. Raises Refused."""
    application = _locked(application)
    if refusal := rules.refusal_to_decline(application, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    application.status = Status.DECLINED
    application.decided_by, application.decided_at = by, clock.now()
    application.decline_reason = reason.strip()
    application.save(update_fields=["status", "decided_by", "decided_at", "decline_reason"])
    record("use_case.declined", on=[application, application.actor], by=by, reason=application.decline_reason)
    return application


@transaction.atomic
def withdraw(application: Application, *, reason: str, by: User) -> Application:
    """Take an approval that is in force back, from now on. Raises Refused."""
    application, now = _locked(application), clock.now()
    if refusal := rules.refusal_to_withdraw(application, by, now) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    application.status = Status.WITHDRAWN
    application.ended_by, application.ended_at = by, now
    application.end_reason = reason.strip()
    application.save(update_fields=["status", "ended_by", "ended_at", "end_reason"])
    record("use_case.withdrawn", on=[application, application.actor], by=by, reason=application.end_reason)
    return application


@transaction.atomic
def say(item: Item, answer: Fit.Answer, *, by: User) -> Fit:
    """Say whether the generation of ``item`` fits the approved use case that it declares. Raises Refused.

    The same word again writes nothing; another one supersedes it.
    """
    item = Item.objects.select_for_update(of=("self",), no_key=True).select_related("generation__actor").get(pk=item.pk)
    application = queries.declared_by(item)
    may_see = Item.objects.visible_to(by, clock.now()).filter(pk=item.pk).exists()
    if refusal := rules.refusal_to_say(application, by, may_see=may_see):
        raise Refused(refusal)
    assert application is not None  # else it was refused
    before = Fit.objects.filter(item=item, by=by, superseded_by__isnull=True).first()
    if before is not None and (before.answer, before.application) == (answer, application):
        return before

    fit = Fit.objects.create(
        item=item, application=application, answer=answer, by=by, supersedes=before, at=clock.now()
    )
    # not on the application: its history is for more people than the item is
    record("use_case.fit_said", on=[fit, item], by=by, data={"answer": fit.answer, "application": application.pk})
    return fit


# ── Parts ────────────────────────────────────────────────


def _locked(application: Application) -> Application:
    """Lock the actor, then the application: so two approvals for one actor come one after the other."""
    Actor.objects.select_for_update(no_key=True).get(pk=application.actor_id)
    rows = Application.objects.select_for_update(of=("self",)).select_related("actor")
    return rows.get(pk=application.pk)


def _replace_earlier(application: Application, now: datetime, *, by: User) -> None:
    for earlier in Application.objects.filter(
        actor=application.actor_id, name=application.name, status=Status.APPROVED
    ):
        earlier.status, earlier.ended_by, earlier.ended_at = Status.REPLACED, by, now
        earlier.save(update_fields=["status", "ended_by", "ended_at"])
        data = {"by_application": application.pk}
        record("use_case.replaced", on=[earlier, application.actor], by=by, data=data)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)


def _invalid(errors: dict[str, list[str]]) -> Refused:
    return Refused(next(iter(errors.values()))[0], code="invalid", status=422, errors=errors)
