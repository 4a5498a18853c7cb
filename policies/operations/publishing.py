"""What comes into force and goes: the default pack, and versions that a second person publishes or sends back."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from policies import rules
from policies.files.documents import PolicyDocument
from policies.models import Policy, PolicyVersion
from policies.operations import gap_clock
from policies.operations.documents import map_new_clauses, write_clauses
from policies.operations.drafting import locked
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = PolicyVersion.Status
MOST_DUE: Final = 50  # looked at for one that nobody else is at


# ── The default pack ─────────────────────────────────────


@transaction.atomic
def install_pack(policies: Sequence[PolicyDocument]) -> list[PolicyVersion]:
    """Publish version 1 of every policy of the pack, as the system. Raises Refused when any policy exists already."""
    if Policy.objects.exists():
        raise Refused(_("There are policies already; the default pack is only for an empty installation."))

    versions = [_install(document) for document in policies]
    for version in versions:
        version.status = Status.PUBLISHED
        version.published_at = clock.now()
    PolicyVersion.objects.bulk_update(versions, ["status", "published_at"])
    record("policy.pack_installed", on=[version.policy for version in versions], by=None)
    return versions


def _install(document: PolicyDocument) -> PolicyVersion:
    policy = Policy.objects.create(
        key=document.key, position=document.order, restricted_category=document.restricted_category
    )
    version = PolicyVersion.objects.create(
        policy=policy,
        number=1,
        title=document.text.title,
        summary=document.text.summary,
        definitions=[asdict(definition) for definition in document.text.definitions],
        change_note=document.change_note,
        created_at=clock.now(),
    )
    write_clauses(version, document)
    map_new_clauses(version)
    return version


# ── From draft to published ──────────────────────────────


@transaction.atomic
def publish_version(version: PolicyVersion, *, reason: str, by: User) -> PolicyVersion:
    """Approve a version in review and put it in force at once; the one before is retired. Raises Refused."""
    version = locked(version)
    if refusal := _refusal_to_publish(version, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    version.approved_by = by
    return _put_in_force(version, reason=reason, by=by)


@transaction.atomic
def publish_at(version: PolicyVersion, *, moment: datetime, reason: str, by: User) -> PolicyVersion:
    """Approve a version in review; it takes effect at ``moment``, by ``publish_due``. Raises Refused."""
    version = locked(version)
    refusal = _refusal_to_publish(version, by) or rules.refusal_of_reason(reason)
    if refusal := refusal or rules.refusal_of_moment(moment, clock.now()):
        raise Refused(refusal)

    version.approved_by = by
    version.takes_effect_at = moment
    version.save(update_fields=["approved_by", "takes_effect_at"])
    data = {"number": version.number, "takes_effect_at": moment.isoformat()}
    record("policy.approved", on=[version, version.policy], by=by, reason=reason, data=data)
    return version


@transaction.atomic
def cancel_publication(version: PolicyVersion, *, reason: str, by: User) -> PolicyVersion:
    """Take the approval of a version back before it took effect; it is in review again. Raises Refused."""
    version = locked(version)
    if refusal := rules.refusal_to_cancel(version, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    version.approved_by = None
    version.takes_effect_at = None
    version.save(update_fields=["approved_by", "takes_effect_at"])
    record("policy.cancelled", on=[version, version.policy], by=by, reason=reason, data={"number": version.number})
    return version


@transaction.atomic
def publish_due() -> PolicyVersion | None:
    """Put the approved version that is due longest in force; None when there is none that nobody else is at."""
    due = PolicyVersion.objects.waiting().filter(takes_effect_at__lte=clock.now()).order_by("takes_effect_at", "pk")
    for found in due.values("pk", "policy_id")[:MOST_DUE]:
        policy = Policy.objects.select_for_update(skip_locked=True).filter(pk=found["policy_id"]).first()
        version = due.select_related("policy").filter(pk=found["pk"]).first() if policy else None
        if version:
            return _put_in_force(version, reason="", by=None)
    return None


@transaction.atomic
def send_back(version: PolicyVersion, *, reason: str, by: User) -> PolicyVersion:
    """Ask the author of a version in review for changes; it is a draft again. Raises Refused."""
    version = locked(version)
    if refusal := rules.refusal_to_send_back(version, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    version.status = Status.DRAFT
    version.submitted_at = None
    version.approved_by = None
    version.takes_effect_at = None
    version.save(update_fields=["status", "submitted_at", "approved_by", "takes_effect_at"])
    record("policy.sent_back", on=[version, version.policy], by=by, reason=reason, data={"number": version.number})
    return version


def _refusal_to_publish(version: PolicyVersion, by: User) -> str | None:
    return rules.refusal_to_publish(version, by, writers=version.writer_ids())


def _put_in_force(version: PolicyVersion, *, reason: str, by: User | None) -> PolicyVersion:
    """Retire what was in force and publish ``version``, which is approved and locked. Gaps count from now."""
    now = clock.now()
    retired = list(version.policy.versions.published())
    for before in retired:
        before.status = Status.RETIRED
        before.retired_at = now
        before.save(update_fields=["status", "retired_at"])
    version.status = Status.PUBLISHED
    version.published_at = now
    version.save(update_fields=["status", "approved_by", "published_at"])
    map_new_clauses(version)
    covered = gap_clock.cover(version, by=by)
    for before in retired:
        gap_clock.note_retired(before, by=by)
    record(
        "policy.published",
        on=[version, version.policy, *covered],
        by=by,
        reason=reason,
        data={"number": version.number},
    )
    return version
