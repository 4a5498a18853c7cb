"""What a member of staff saw, handed to intake as an alert like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import operations as intake, queries
from incidents.intake.models import Alert
from incidents.reports import naming
from policies.models import Clause
from trust.accounts.models import Clearance, User
from trust.audit.operations import record
from trust.permissions import Permission
from trust.refusals import Refused


@transaction.atomic
def report(alert: dict[str, Any], *, form: UUID, by: User) -> bool:
    """Take a report in, a native alert but for its id; return False when this form was taken before, and is kept.

    Raises Refused, with ``errors`` by path where intake does not take it. A category of child safety closes it at once.
    """
    if not by.may(Permission.REPORT):
        raise Refused(_("Your role does not report."))
    told = alert | {"external_id": naming.external_id_of(form), "metadata": {"reported_by": by.pseudonym}}
    receipt = intake.accept([told], source=naming.SOURCE)
    if receipt.rejected:
        raise Refused(_("This could not be taken."), code="invalid", status=422, errors=receipt.rejected[0].errors)
    if not receipt.accepted:
        return False
    made = Alert.objects.select_related("generation").get(source__slug=naming.SOURCE, external_id=told["external_id"])
    record("report.made", on=[made.generation], by=by, data={"kind": made.kind})
    if category := _restricted_category(alert.get("flagged", [])):
        intake.restrict(made.generation, category=category, by=by)
    return True


def _restricted_category(categories: Sequence[str]) -> str:
    """Return what closes a report: for a clause of ours, or a name that any taxonomy has for one. 2 queries."""
    of_clauses = Clause.objects.filter(key__in=categories).exclude(policy__restricted_category="")
    if found := of_clauses.values_list("policy__restricted_category", flat=True).first():
        return found
    named = {category.casefold() for category in categories}
    for mapped in queries.restricted_categories().by_name.values():
        for name, category in mapped.items():
            if name.casefold() in named:
                return category
    return Clearance.CHILD_SAFETY if Clearance.CHILD_SAFETY in named else ""
