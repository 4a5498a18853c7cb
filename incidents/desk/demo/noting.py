"""A few notes between colleagues, some of which still wait to be read."""

from datetime import datetime, timedelta

from incidents.desk.demo.cast import Cast
from incidents.queues.models import Round
from incidents.response.models import Incident
from trust import clock
from trust.notes import operations as notes, registry


def leave_notes(cast: Cast, *, end: datetime) -> None:
    """Let a reviewer ask a lead about an item, the lead answer, and ask another lead about the open incident."""
    reviewer, lead = cast.reviewers[0], cast.leads[0]
    decided = Round.objects.filter(closed_by=reviewer, item__actor__isnull=False, purpose=Round.Purpose.FIRST)
    item = decided.select_related("item").order_by("-closed_at", "-pk")[0].item
    about_item = registry.subject("item", item.pk)
    about_actor = registry.subject("actor", item.actor_id or 0)
    about_incident = registry.subject("incident", Incident.objects.filter(status=Incident.Status.OPEN).latest("pk").pk)
    said = (
        (about_item, f"I decided by the wording of the clause, and was in doubt. @{lead.name}, would you read it too?"),
        (about_item, f"I agree with you, @{reviewer.name}.\nThe second answer is the one that counts."),
        (about_actor, "Third shop in a week under this account. Look at the declared use first."),
        (about_incident, f"Two of these may belong to the earlier wave. @{cast.leads[1].name}, do you remember them?"),
    )
    for place, (subject, text) in enumerate(said):
        with clock.at(end - timedelta(hours=5) + timedelta(minutes=20 * place)):
            notes.write(subject, text=text, by=lead if place % 2 else reviewer)
            if place == 1:
                notes.read(subject, by=lead)
