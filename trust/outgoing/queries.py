"""Reads for the page of endpoints."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from trust.outgoing.models import Endpoint, EndpointQuerySet, Message


@dataclass(frozen=True)
class EndpointState:
    """An endpoint, how many messages wait for it, and whether any was given up."""

    endpoint: Endpoint
    waiting: int
    has_dead: bool


def endpoint_states(endpoints: EndpointQuerySet) -> list[EndpointState]:
    """Return ``endpoints`` by name with their state. 2 queries; what waits is few and has an index of its own."""
    dead = Exists(Message.objects.filter(endpoint=OuterRef("pk"), status=Message.Status.DEAD))
    rows = list(endpoints.annotate(has_dead=dead).order_by("name"))
    counts = Message.objects.filter(status=Message.Status.WAITING).values_list("endpoint").annotate(Count("pk"))
    waiting = dict(counts.order_by("endpoint"))
    return [EndpointState(row, waiting.get(row.pk, 0), row.has_dead) for row in rows]  # type: ignore[attr-defined]
