from django.db import transaction

from incidents.intake.models import Generation, Restriction
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record


@transaction.atomic
def restrict(generation: Generation, *, category: str, by: User | None) -> bool:
    """Close a generation to all but people cleared for ``category``. Return False when it was restricted before."""
    _restriction, is_new = Restriction.objects.get_or_create(
        generation=generation, defaults={"category": category, "created_at": clock.now()}
    )
    if is_new:
        record("generation.restricted", on=[generation], by=by, data={"category": category})
    return is_new
