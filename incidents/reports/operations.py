"""What a member of staff saw, handed to intake as an alert like any other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.intake import operations as intake, queries
from incidents.intake.models import Alert
from incidents.reports import naming
from trust.accounts.models import User
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
    if category := queries.restricted_categories().category_in_words(alert.get("flagged", [])):
        intake.restrict(made.generation, category=category, by=by)
    return True
