"""Who read what: a reviewer says that the version in force is read and understood."""

from __future__ import annotations

from django.db import transaction

from policies import rules
from policies.models import Acknowledgement, PolicyVersion
from policies.operations.drafting import locked
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def acknowledge(version: PolicyVersion, *, by: User) -> Acknowledgement:
    """Note that ``by`` read and understood a version in force; once, however often it is said. Raises Refused."""
    version = locked(version)
    if reason := rules.refusal_to_acknowledge(version, by):
        raise Refused(reason)

    known, is_new = Acknowledgement.objects.get_or_create(person=by, version=version, defaults={"at": clock.now()})
    if is_new:
        record("policy.acknowledged", on=[known, version, version.policy], by=by, data={"number": version.number})
    return known
