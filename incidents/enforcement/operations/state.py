"""What the operations share: lock an action, move it, tell the endpoints, settle the actor's standing."""

from __future__ import annotations

from typing import Any, Final

from incidents.actors import operations as actors
from incidents.actors.models import Actor
from incidents.enforcement import kinds, rules
from incidents.enforcement.models import Delivery, EnforcementAction
from trust.accounts.models import User
from trust.outgoing import operations as outgoing
from trust.outgoing.models import Endpoint

KINDS: Final[dict[str, str]] = {
    Delivery.Purpose.CARRY_OUT: "enforcement.approved",
    Delivery.Purpose.EXTEND: "enforcement.extended",
    Delivery.Purpose.LIFT: "enforcement.lifted",
}
FOLLOW_UP: Final = "incidents.enforcement.tasks.follow_deliveries"


def locked(enforcement: EnforcementAction) -> EnforcementAction:
    rows = EnforcementAction.objects.select_for_update(of=("self",)).select_related("actor", "proposed_by")
    return rows.get(pk=enforcement.pk)


def move(enforcement: EnforcementAction, status: str, **fields: Any) -> None:
    """Take a locked action to ``status`` and save it with ``fields``. A step outside the table is a mistake of ours."""
    if status not in rules.TRANSITIONS[enforcement.status]:
        raise ValueError(f"{enforcement.status!r} does not lead to {status!r}")
    enforcement.status = status
    for name, value in fields.items():
        setattr(enforcement, name, value)
    enforcement.save(update_fields=["status", *fields])


def tell(enforcement: EnforcementAction, purpose: str, *, to: list[Endpoint], **said: Any) -> list[Delivery]:
    """Write a delivery for each endpoint of ``to``. The message is thin: no content, no reason, no name."""
    actor = enforcement.actor
    data = {
        "action": enforcement.pk,
        "kind": enforcement.kind,
        "parameters": enforcement.parameters,
        "actor": {"namespace": actor.namespace, "kind": actor.kind, "external_id": actor.external_id},
        "ends_at": enforcement.ends_at.isoformat() if enforcement.ends_at else None,
        **said,
    }
    event = outgoing.Event(KINDS[purpose], data, about=f"enforcement {enforcement.pk}", follow_up=FOLLOW_UP)
    messages = outgoing.write(event, to=to)
    return Delivery.objects.bulk_create(
        Delivery(enforcement=enforcement, message=message, purpose=purpose) for message in messages
    )


def settle_standing(actor: Actor, *, by: User | None) -> None:
    """Put ``actor`` where all that runs against them leads: the worst of it, else good.

    The actor is locked first, so that two actions at once see each other.
    """
    actor = Actor.objects.select_for_update(no_key=True).get(pk=actor.pk)
    running = EnforcementAction.objects.running().filter(actor=actor).values_list("kind", flat=True)
    actors.set_standing(actor, kinds.standing_under(list(running)), by=by)
