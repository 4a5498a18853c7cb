"""What stands out in the demo's history: a reworded clause, a finished incident with its retrospective, an open one."""

from datetime import datetime, timedelta

from incidents.desk.demo.cast import Cast
from incidents.enforcement.models import EnforcementAction
from incidents.queues.models import Item
from incidents.response import operations as response
from incidents.response.models import Incident
from incidents.response.rules import Description
from incidents.retrospectives import operations as retrospectives
from policies import operations as policies
from policies.models import Clause, ClauseVersion
from policies.vocabulary import Severity, Verdict
from trust import clock

MOST_ITEMS = 40
ADDED_SENTENCE = "One invented voice is enough; a draft that a named customer asked for is not meant."
WAVE_TITLE = "Invented reviews for guest houses and shops"
OPEN_TITLE = "Remedies sold with promises of a cure"
SUMMARIES = {
    WAVE_TITLE: (
        "Over five days a group of accounts asked for invented reviews at several times the usual rate. Many shared an "
        "address; most named the same few shops."
    ),
    OPEN_TITLE: (
        "Posts that promise a cure by a food or a bracelet come in again from accounts that were warned before. The "
        "wording avoids the terms that our detector knows."
    ),
}
SECTIONS = {
    "what_happened": (
        "In the sixth week requests for invented reviews rose to several times the usual level and stayed there for "
        "five days. The accounts were new, took turns, and asked for small amounts each."
    ),
    "how_noticed": (
        "The queue for health claims and spam grew faster than it was worked off; a reviewer saw one shop in "
        "three items within an hour and told a lead. The detector had flagged most, but nobody watched the rate."
    ),
    "what_we_did": (
        "We gathered the items as one incident, gave warnings and rate limits to accounts with several findings, "
        "and suspended the busiest ones. The text of the clause on invented reviews was made clearer meanwhile."
    ),
    "what_went_well": (
        "Decisions on these items agreed almost always. From the first approval to the first limit in force it took "
        "minutes, since proposals rested on evidence that was already judged."
    ),
    "what_went_wrong": (
        "Accounts that share an address were looked at one by one. It took us two days to see the group, and we had no "
        "alarm on the rate of a single clause."
    ),
    "lessons": (
        "Watch the rate by clause, not only the length of the queue. Look at shared addresses first. A wording that "
        "names quantity as harmless on its own saved us from limiting honest shops."
    ),
}
ACTION_ITEMS = (
    ("Set an alarm on the daily rate of each clause and try it on this wave.", 21),
    ("Show on the actor page how many others share an address, and how many of them have findings.", 35),
)


def reword_a_clause(cast: Cast, *, at: datetime) -> None:
    """Publish version 2 of a policy: one editor writes, another person approves a day later."""
    text = ClauseVersion.objects.select_related("clause").get(clause__key="spam.reviews", version__status="published")
    wording = policies.Wording(
        title=text.title,
        definition=f"{text.definition} {ADDED_SENTENCE}",
        public_text=text.public_text,
    )
    with clock.at(at):
        draft = policies.draft_clause(
            Clause.objects.get(key="spam.reviews"),
            wording=wording,
            change_note="Says what counts when a single review is asked for.",
            by=cast.editor,
        )
        draft = policies.submit_for_review(draft, by=cast.editor)
    with clock.at(at + timedelta(days=1)):
        policies.publish_version(draft, reason="Clear, and it changes no past decision that I read.", by=cast.approver)


def finish_an_incident(cast: Cast, *, clause: str, start: datetime, days: int, detected_at: datetime) -> Incident:
    """Make the wave an incident, contain and resolve it, write its retrospective and have two people sign."""
    lead, second = cast.leads[:2]
    items = _violating(clause, start, start + timedelta(days=days))
    with clock.at(detected_at):
        incident = _incident(WAVE_TITLE, items, severity=Severity.SERIOUS, cast=cast)
    with clock.at(detected_at + timedelta(days=2, hours=3)):
        _add_enforcement(incident, cast)
        incident = response.contain(incident, reason="The accounts behind it are limited or suspended.", by=lead)
    with clock.at(detected_at + timedelta(days=5)):
        incident = response.resolve(incident, reason="No further wave for three days.", by=lead)
        retrospective = retrospectives.create_retrospective(incident, by=lead)
        for section in retrospective.sections.order_by("pk"):
            retrospectives.write_section(
                retrospective, key=section.key, text=SECTIONS[section.key], version=section.version, by=lead
            )
        for text, after in ACTION_ITEMS:
            check_back_on = (clock.now() + timedelta(days=after)).date()
            retrospectives.add_action_item(retrospective, text=text, owner=lead, check_back_on=check_back_on, by=lead)
    retrospective.refresh_from_db()
    with clock.at(detected_at + timedelta(days=6)):
        retrospectives.sign_off(retrospective, version=retrospective.version, by=lead)
        retrospectives.sign_off(retrospective, version=retrospective.version, by=second)
    return incident


def open_an_incident(cast: Cast, *, clause: str, start: datetime, end: datetime) -> Incident:
    """Leave one incident open, with the newest findings of a clause."""
    items = _violating(clause, start, end)
    with clock.at(end):
        incident = _incident(OPEN_TITLE, items, severity=Severity.MODERATE, cast=cast)
        _add_enforcement(incident, cast)
    return incident


def _incident(title: str, items: list[Item], *, severity: int, cast: Cast) -> Incident:
    lead = cast.leads[0]
    incident = response.create_incident(title, severity=severity, items=items, is_anticipated=False, by=lead)
    description = Description(
        title=title,
        summary=SUMMARIES[title],
        severity=severity,
        is_anticipated=False,
        started_at=incident.started_at,
        detected_at=incident.detected_at,
        contained_at=None,
        resolved_at=None,
    )
    return response.describe(incident, description=description, by=lead)


def _violating(clause: str, start: datetime, end: datetime) -> list[Item]:
    found = Item.objects.filter(
        verdict=Verdict.VIOLATING, created_at__range=(start, end), decisions__violations__clause__clause__key=clause
    )
    return list(found.order_by("-pk").distinct()[:MOST_ITEMS])


def _add_enforcement(incident: Incident, cast: Cast) -> None:
    """Link the actions against the incident's actors that were taken since it began."""
    actors = incident.actor_links.values("actor")
    actions = EnforcementAction.objects.filter(actor__in=actors, created_at__gte=incident.started_at)
    response.add_enforcement(incident, list(actions.order_by("pk")[:MOST_ITEMS]), by=cast.leads[0])
