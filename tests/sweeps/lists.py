"""Every list page, by hand, with what makes one more row of it."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from incidents.actors.models import Actor
from incidents.backfill.models import Backfill
from incidents.enforcement.models import ActingRule
from incidents.imports.models import Finding
from incidents.intake.models import DetectorVersion, Rejection, Source
from incidents.quality.models import ArrivalCount, Category, CategoryOfSource, RatingCount, ThresholdSet
from incidents.queues.models import Item, Queue, RuleSet
from incidents.response.models import Incident, IncidentActor, IncidentEnforcement
from incidents.retrospectives.models import Retrospective
from incidents.review.models import Bulk, BulkPart
from incidents.use_cases import operations as use_cases
from incidents.wellbeing import operations
from policies.models import Policy, PolicyGap, PolicyVersion
from tests.access.world import World
from tests.appeals.factories import judge, make_appeal, make_case
from tests.backfill.factories import make_backfill, missed
from tests.enforcement.factories import make_acting_rule, make_action_of_rule, make_finding
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_api_key,
    make_clause,
    make_damping,
    make_decision,
    make_enforcement,
    make_generation,
    make_incident,
    make_incident_item,
    make_item,
    make_note,
    make_policy_version,
    make_retrospective,
    make_round,
    make_source,
    make_traffic,
    make_user,
    make_withdrawal,
)
from tests.guidance.factories import make_suggestion
from tests.imports.factories import make_import
from tests.inbound.factories import make_webhook
from tests.outgoing.factories import make_message
from tests.review.bulk.factories import make_bulk, make_ended_job
from tests.saved.factories import make_view
from tests.use_cases.factories import approve, make_application, make_approved
from trust.audit.operations import record
from trust.outgoing.models import Endpoint
from trust.saved.models import SavedView

Maker = Callable[[World], Any]


def actor_of(world: World) -> Actor:
    return Actor.objects.get(pk=world.names["actor"])


def incident_of(world: World) -> Incident:
    return Incident.objects.get(pk=world.names["incident"])


def waiting(world: World) -> None:
    make_round(queue=Queue.objects.get(slug=world.names["queue"]), item=item_of_actor(world))


def item_of_actor(world: World) -> Any:
    generation = make_alert(generation=make_generation(actor=make_actor(parent=actor_of(world)))).generation
    return make_item(generation=generation)


def decided_of_actor(world: World) -> None:
    make_finding(actor_of(world))


def ended_use_case(world: World) -> None:
    use_cases.decline(make_application(make_actor()), reason="Too vague.", by=world.people["L"])


def action(status: str) -> Maker:
    def make(world: World) -> None:
        values: dict[str, Any] = {"status": status, "actor": make_actor(parent=actor_of(world))}
        if status != "proposed":
            values |= {"approved_by": make_user(role="lead"), "approved_at": NOW}
        if status == "scheduled":
            values |= {"starts_at": NOW + timedelta(days=1)}
        if status == "reversed":
            values |= {"reversed_by": make_user(role="lead"), "reversed_at": NOW}
        make_enforcement(**values)

    return make


def carried_out_alone(world: World) -> None:
    lead = make_user(role="lead")
    values = {"proposed_by": lead, "approved_by": lead, "approved_at": NOW, "broke_glass": True, "stake": "a" * 60}
    make_enforcement(status="in_force", actor=make_actor(parent=actor_of(world)), **values)


def acted(world: World) -> None:
    rule = ActingRule.objects.get(pk=world.names["acting_rule"])
    make_action_of_rule(rule, actor=make_actor(parent=actor_of(world)))


def policy_version(world: World) -> None:
    """Retire the version in force for a new one."""
    policy = Policy.objects.get(key=world.names["policy"])
    last = PolicyVersion.objects.filter(policy=policy).order_by("-number").values_list("number", flat=True)[0]
    PolicyVersion.objects.create(
        policy=policy, number=last + 1, status="retired", title="Spam", created_at=NOW, published_at=NOW, retired_at=NOW
    )


def in_incident(model: Any, name: str, make: Callable[[], Any]) -> Maker:
    def link(world: World) -> None:
        incident = incident_of(world)
        model.objects.create(incident=incident, added_by=incident.owner, added_at=NOW, **{name: make()})

    return link


def event(world: World) -> None:
    record("incident.created", on=[incident_of(world)], by=make_user(), data={"severity": 2})


def retrospective_with_item(world: World) -> None:
    make_incident_item(Retrospective.objects.get(pk=world.names["retrospective"]).incident)


def gap(world: World) -> None:
    PolicyGap.objects.create(title=f"Verses {PolicyGap.objects.count()}", opened_at=NOW, last_seen_at=NOW)


def rule_version(world: World) -> None:
    last = RuleSet.objects.order_by("-number").values_list("number", flat=True).first() or 0
    RuleSet.objects.create(number=last + 1, rules=[], made_by=world.people["L"], made_at=NOW)


def detector(world: World) -> None:
    number = DetectorVersion.objects.count()
    make_alert(detector_version=DetectorVersion.objects.create(name=f"filter-{number}"))


def category(world: World) -> None:
    made = Category.objects.create(name=f"category-{Category.objects.count()}", alerts=1, first_at=NOW, last_at=NOW)
    CategoryOfSource.objects.create(category=made, source=make_source(), alerts=1)


def seen_of_detector(world: World) -> None:
    """One more source, version, set of thresholds and time that it was damped."""
    found = DetectorVersion.objects.get(pk=world.names["detector"])
    version = DetectorVersion.objects.create(name=found.name, version=str(DetectorVersion.objects.count() + 1))
    for source, one in ((make_source(), found), (Source.objects.get(pk=world.names["source"]), version)):
        values = {"day": timezone.now().date(), "kind": "detector", "is_flagged": True, "lateness": 2, "alerts": 30}
        ArrivalCount.objects.create(detector_version=one, source=source, **values)
        values = {"is_report": False, "month": NOW.date().replace(day=1), "category": "", "outcome": "benign"}
        RatingCount.objects.create(detector_version=one, source=source, items=3, **values)
        RatingCount.objects.create(
            detector_version=one, source=source, items=3, **values | {"category": f"c-{source.pk}-{one.pk}"}
        )
    digest = hashlib.sha256(str(version.pk).encode()).digest()
    seen = {"alerts": 1, "first_at": NOW, "last_at": NOW}
    ThresholdSet.objects.create(detector_version=found, digest=digest, thresholds={"spam": version.pk}, **seen)
    make_damping(detector_version=found)
    make_damping(source=Source.objects.get(pk=world.names["source"]))


def shared_view(world: World) -> None:
    make_view(name=f"Tea {SavedView.objects.count()}", is_shared=True)


def batch(world: World) -> None:
    make_alert(source=Source.objects.get(pk=world.names["source"]))


def rejection(world: World) -> None:
    Rejection.objects.create(batch_id=world.names["batch"], index=7, errors={"kind": ["Must be text."]})


def finding(world: World) -> None:
    Finding.objects.create(of_id=world.names["import"], index=7, outcome="duplicate")


def revealed(world: World) -> None:
    held = make_round()
    operations.note_exposure(operations.Seen(held.item_id, 2, ()), seconds=0, by=world.everyone)


def noted(world: World) -> None:
    """A note that mentions, one that amends it, and one that was taken back."""
    item, author = Item.objects.get(pk=world.names["held"]), make_user(role="lead")
    first = make_note(item, by=author, mentions=[make_user(role="lead")])
    make_note(item, by=author, amends=first, mentions=[make_user(role="lead")])
    make_withdrawal(make_note(item))


def skipped(world: World) -> None:
    whole = Bulk.objects.get(pk=world.names["bulk"])
    BulkPart.objects.create(
        whole=whole, place=whole.parts.count(), round=make_round(), outcome="skipped", why="Somebody was just at it."
    )


def on_my_desk(world: World) -> None:
    make_decision(by=world.everyone)
    make_note(item_of_actor(world), mentions=[world.everyone])


LISTS: Final[dict[str, Maker]] = {
    "GET /policies/": lambda world: make_clause(),
    "GET /policies/look-again/": lambda world: make_backfill(by=world.people["L"]),
    "GET /policies/look-again/{backfill}/": lambda world: missed(Backfill.objects.get(pk=world.names["backfill"])),
    "GET /policies/gaps/": gap,
    "GET /policies/{policy}/versions/": policy_version,
    "GET /policies/{policy}/readers/": lambda world: make_user(),
    "GET /policies/categories/": category,
    "GET /detectors/": detector,
    "GET /queues/{queue}/": waiting,
    "GET /queues/all/": waiting,
    "GET /queues/rules/versions/": rule_version,
    "GET /search/": shared_view,
    "GET /views/": shared_view,
    "GET /items/of-actor/{actor}/": decided_of_actor,
    "GET /notes/": lambda world: make_note(item_of_actor(world), mentions=[world.everyone]),
    "GET /notes/item/{held}/": noted,
    "GET /items/bulk/": lambda world: make_bulk(
        by=world.people["L"], job=make_ended_job(world.people["L"]), action="benign"
    ),
    "GET /items/bulk/{bulk}/": skipped,
    "GET /wellbeing/": revealed,
    "GET /actors/": lambda world: make_actor(parent=actor_of(world)),
    "GET /actors/{actor}/": lambda world: make_alert(generation=make_generation(actor=actor_of(world))),
    "GET /actors/{actor}/timeline/": lambda world: record("actor.standing_changed", on=[actor_of(world)], by=None),
    "GET /actors/{actor}/organisation/": lambda world: make_actor(parent=actor_of(world)),
    "GET /enforcement/": action("proposed"),
    "GET /enforcement/in-force/": action("in_force"),
    "GET /enforcement/scheduled/": action("scheduled"),
    "GET /enforcement/deliveries/": action("delivered"),
    "GET /enforcement/reviews/": carried_out_alone,
    "GET /enforcement/checks/": acted,
    "GET /enforcement/rules/": lambda world: make_acting_rule(),
    "GET /enforcement/rules/{acting_rule}/": acted,
    "GET /enforcement/ended/": action("reversed"),
    "GET /enforcement/all/": action("proposed"),
    "GET /use-cases/": lambda world: make_application(make_actor()),
    "GET /use-cases/in-force/": lambda world: approve(make_application(make_actor())),
    "GET /use-cases/ended/": ended_use_case,
    "GET /use-cases/all/": lambda world: make_application(make_actor()),
    "GET /appeals/": lambda world: make_appeal(make_case(findings=1).action),
    "GET /appeals/judged/": lambda world: judge(make_appeal(make_case(findings=1).action), "upheld"),
    "GET /incidents/": lambda world: make_incident(),
    "GET /incidents/{incident}/timeline/": event,
    "GET /incidents/{incident}/items/": lambda world: make_incident_item(incident_of(world)),
    "GET /incidents/{incident}/actors/": in_incident(IncidentActor, "actor", make_actor),
    "GET /incidents/{incident}/actions/": in_incident(IncidentEnforcement, "enforcement", make_enforcement),
    "GET /retrospectives/": lambda world: make_retrospective(),
    "GET /retrospectives/{retrospective}/facts/items/": retrospective_with_item,
    "GET /audit/": event,
    "GET /settings/sources/": lambda world: make_alert(source=make_source()),
    "GET /settings/sources/{source}/": batch,
    "GET /settings/endpoints/{endpoint}/": lambda world: make_message(Endpoint.objects.get(pk=world.names["endpoint"])),
    "GET /guidelines/": lambda world: make_policy_version(),
    "GET /settings/webhooks/": lambda world: make_webhook(),
    "GET /settings/sources/batches/{batch}/": rejection,
    "GET /settings/sources/imports/": lambda world: make_import(by=world.people["L"]),
    "GET /settings/sources/imports/{import}/findings/": finding,
    "GET /settings/people/": lambda world: make_user(),
    "GET /settings/keys/": lambda world: make_api_key("intake"),
    "GET /api/v1/batches/{batch}": rejection,
    "GET /api/v1/items/{held}/notes": noted,
    "GET /api/v1/traffic": lambda world: make_traffic(),
    "GET /api/v1/actors": lambda world: make_actor(parent=actor_of(world)),
    "GET /api/v1/enforcement-actions": action("proposed"),
    "GET /api/v1/use-cases": lambda world: approve(make_application(make_actor())),
    "GET /api/v1/incidents": lambda world: make_incident(),
}
# Pages that show a few of something without being lists: they too must not ask for each of it.
SHORT_LISTS: Final[dict[str, Maker]] = {
    "GET /": on_my_desk,
    "GET /policies/gaps/suggested/": lambda world: make_suggestion(),
    "GET /queues/": waiting,
    "GET /enforcement/of-actor/{actor}/": action("proposed"),
    "GET /use-cases/of-actor/{actor}/": lambda world: make_approved(actor_of(world), name=f"use {make_actor().pk}"),
    "GET /detectors/{detector}/": seen_of_detector,
    "GET /detectors/of-source/{source}/": seen_of_detector,
    "GET /incidents/{incident}/": event,
    "GET /api/v1/queues": waiting,
}
