"""The smallest valid row of each kind. A test states only what matters to it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.intake.models import (
    Alert,
    AlertKind,
    AlertToRoute,
    Batch,
    Content,
    DetectorVersion,
    Generation,
    Restriction,
    Source,
    TrafficCount,
)
from incidents.queues.models import Damping, Item, Queue, Round, RuleSet
from incidents.response.models import Incident, IncidentItem
from incidents.retrospectives.models import Retrospective, Section
from incidents.review.models import Decision, Violation
from policies.models import Clause, ClauseVersion, Policy, PolicyVersion
from policies.vocabulary import EnforcementKind, Side, Verdict
from trust.accounts import keys
from trust.accounts.models import ApiKey, Clearance, User
from trust.notes.models import Mention, MentionToRead, Note, Withdrawal

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"

_numbers = count(1)


def make_user(*, role: str = "reviewer", **fields: Any) -> User:
    """Make a person with one role, or with ``roles=[…]``. Their password is not usable: use ``client.force_login``."""
    number = next(_numbers)
    fields.setdefault("roles", [role])
    person = User(**{"email": f"person-{number}@example.org", "name": f"Person {number}", **fields})
    person.set_unusable_password()
    person.save()
    return person


def make_clearance(person: User, **fields: Any) -> Clearance:
    now = timezone.now()
    values: dict[str, Any] = {
        "category": Clearance.CHILD_SAFETY,
        "granted_at": now,
        "approved_at": now,
        "expires_at": now + timedelta(days=30),
        **fields,
    }
    values.setdefault("granted_by", make_user(role="admin"))
    values.setdefault("approved_by", make_user(role="admin"))
    return Clearance.objects.create(person=person, **values)


def make_api_key(*scopes: str, **fields: Any) -> tuple[ApiKey, str]:
    """Return a key and its text, for ``headers={"Authorization": f"Bearer {text}"}``."""
    text = keys.new_key()
    values: dict[str, Any] = {
        "name": "key",
        "source": "tests",
        "created_at": timezone.now(),
        "requests_per_minute": 0,
        "alerts_per_minute": 0,
        **fields,
    }
    if "owner" not in values:
        values["owner"] = make_user(roles=["lead", "admin", "analyst"])
    key = ApiKey.objects.create(
        public_part=keys.public_part(text), digest=keys.digest(text), scopes=list(scopes), **values
    )
    return key, text


def make_policy(**fields: Any) -> Policy:
    return Policy.objects.create(**{"key": f"policy-{next(_numbers)}", **fields})


def make_policy_version(**fields: Any) -> PolicyVersion:
    """Make version 1 of a policy, published by the system."""
    if "policy" not in fields:
        fields["policy"] = make_policy()
    values = {
        "number": 1,
        "status": PolicyVersion.Status.PUBLISHED,
        "title": "Spam",
        "created_at": NOW,
        "published_at": NOW,
        **fields,
    }
    return PolicyVersion.objects.create(**values)


def make_clause(**fields: Any) -> ClauseVersion:
    """Make the one clause of a published policy version. For several, give a draft ``version`` and publish it after."""
    number = next(_numbers)
    draft = fields.pop("version", None)
    version = draft or make_policy_version(status=PolicyVersion.Status.DRAFT, published_at=None)
    clause = fields.pop("clause", None) or Clause.objects.create(
        policy=version.policy, key=fields.pop("key", f"{version.policy.key}.clause-{number}")
    )
    values = {
        "position": number,
        "title": f"Clause {number}",
        "definition": "What this is about.",
        "public_text": "Do not do this.",
        "ladder": ["none", "minor", "moderate", "serious", "critical"],
        "usual_severity": 2,
        **fields,
    }
    text = ClauseVersion.objects.create(version=version, clause=clause, **values)
    if draft is None:
        publish(version)
    return text


def publish(version: PolicyVersion) -> PolicyVersion:
    """Put a draft in force, past the rules; its clauses are frozen from then on."""
    version.status = PolicyVersion.Status.PUBLISHED
    version.published_at = NOW
    version.save(update_fields=["status", "published_at"])
    return version


def make_actor(**fields: Any) -> Actor:
    values = {"kind": Actor.Kind.ACCOUNT, "external_id": f"acct_{next(_numbers)}", "created_at": NOW, **fields}
    return Actor.objects.create(**values)


def make_source(**fields: Any) -> Source:
    return Source.objects.create(**{"slug": f"source-{next(_numbers)}", "created_at": NOW, **fields})


def make_traffic(**fields: Any) -> TrafficCount:
    values = {"day": NOW.date(), "model": f"m-{next(_numbers)}", "generations": 100, "received_at": NOW, **fields}
    values["source"] = values.get("source") or make_source()
    return TrafficCount.objects.create(**values)


def make_generation(*, messages: list[dict[str, str]] | None = None, **fields: Any) -> Generation:
    """Make a generation with its content, two messages unless told."""
    if "actor" not in fields:
        fields["actor"] = make_actor()
    restricted = fields.pop("restricted", False)
    values = {"external_id": f"gen-{next(_numbers)}", "occurred_at": NOW, "received_at": NOW, **fields}
    generation = Generation.objects.create(**values)
    messages = messages or [
        {"role": "user", "content": "Write a product review for a tea I never drank."},
        {"role": "assistant", "content": "Lovely tea, five stars."},
    ]
    Content.objects.create(
        generation=generation,
        messages=messages,
        digest=hashlib.sha256(json.dumps(messages).encode()).digest(),
        lengths=[len(message["content"]) for message in messages],
    )
    if restricted:
        Restriction.objects.create(generation=generation, category=Clearance.CHILD_SAFETY, created_at=NOW)
    return generation


def make_alert(**fields: Any) -> Alert:
    """Make a detector's alert about a new generation."""
    source = fields.pop("source", None) or make_source()
    if "generation" not in fields:
        fields["generation"] = make_generation()
    values: dict[str, Any] = {
        "external_id": f"alert-{next(_numbers)}",
        "kind": AlertKind.DETECTOR,
        "flagged": ["spam"],
        "scores": {"spam": 0.91},
        "thresholds": {"spam": 0.8},
        "score_kind": "probability",
        "taxonomy": "tests",
        "taxonomy_version": "1",
        "occurred_at": NOW,
        "received_at": NOW,
        **fields,
    }
    values.setdefault("batch", Batch.objects.create(source=source, received_at=NOW, accepted=1))
    values.setdefault("detector_version", DetectorVersion.objects.get_or_create(name="filter", version="1")[0])
    return Alert.objects.create(source=source, **values)


def make_queue(**fields: Any) -> Queue:
    number = next(_numbers)
    return Queue.objects.create(**{"slug": f"queue-{number}", "name": f"Queue {number}", **fields})


def make_rule(queue: Queue, *conditions: dict[str, Any], **fields: Any) -> RuleSet:
    """Put a further version of the routing rules in force, with one more rule below all others."""
    newest = RuleSet.objects.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    rule = {"key": f"rule-{number}", "name": "Rule", "queue": queue.slug, "conditions": list(conditions), **fields}
    return RuleSet.objects.create(number=number, rules=[*(newest.rules if newest else []), rule], made_at=NOW)


def make_damping(**fields: Any) -> Damping:
    """Mute a new source for a week from now, unless told; ``steps=`` lowers."""
    now = timezone.now()
    values = {"reason": "It floods us.", "begins_at": now, "until": now + timedelta(days=7), **fields}
    values["by"] = values.get("by") or make_user(role="lead")
    if not {"source", "detector_version", "detector"} & set(fields):
        values["source"] = make_source()
    return Damping.objects.create(**values)


def make_waiting_alert(**fields: Any) -> Alert:
    """Make an alert that waits to be routed."""
    alert = make_alert(**fields)
    AlertToRoute.objects.create(alert=alert)
    return alert


def make_item(**fields: Any) -> Item:
    """Make an open item about a generation with one alert; no round yet."""
    if "generation" not in fields:
        fields["generation"] = make_alert().generation
    values = {"actor": fields["generation"].actor, "created_at": NOW, **fields}
    return Item.objects.create(**values)


def make_round(**fields: Any) -> Round:
    """Make an open first round that nobody holds; ``lease_by=person`` has it held for an hour from now."""
    if "item" not in fields:
        fields["item"] = make_item()
    if "queue" not in fields:
        fields["queue"] = make_queue()
    if "lease_by" in fields:
        fields.setdefault("lease_until", timezone.now() + timedelta(hours=1))
        fields.setdefault("fence", 1)
    return Round.objects.create(**{"due_at": NOW + timedelta(days=1), "created_at": NOW, **fields})


def make_decision(*, violations: list[dict[str, Any]] | None = None, **fields: Any) -> Decision:
    """Make a decision in a closed round of a closed item; violating, with one violation, unless told."""
    by = fields.pop("by", None) or make_user()
    verdict = fields.pop("verdict", Verdict.VIOLATING)
    at = fields.pop("decided_at", NOW)
    item = fields.pop("item", None) or make_item(
        status=Item.Status.CLOSED, verdict=verdict, closed_at=at, severity=2 if verdict == "violating" else None
    )
    if "round" not in fields:
        fields["round"] = make_round(item=item, status=Round.Status.CLOSED, closed_at=at, closed_by=by)
    decision = Decision.objects.create(item=item, by=by, verdict=verdict, decided_at=at, **fields)
    if violations is None:
        violations = [{}] if verdict == Verdict.VIOLATING else []
    for violation in violations:
        values = {"severity": 2, "side": Side.INTERACTION, **violation}
        if "clause" not in values:
            values["clause"] = make_clause()
        Violation.objects.create(decision=decision, **values)
    return decision


def make_enforcement(**fields: Any) -> EnforcementAction:
    """Make a proposed suspension. One that was approved was proposed first, as the database wants it."""
    values: dict[str, Any] = {
        "kind": EnforcementKind.SUSPENSION,
        "status": EnforcementAction.Status.PROPOSED,
        "reason": "Three upheld violations in a week.",
        "created_at": NOW,
        "proposed_at": NOW,
        **fields,
    }
    if "actor" not in values:
        values["actor"] = make_actor()
    if "proposed_by" not in values:
        values["proposed_by"] = make_user()
    if not values.get("approved_at") or values.get("by_rule"):
        return EnforcementAction.objects.create(**values)
    action = EnforcementAction(**values)
    later = {field.name: getattr(action, field.name) for field in action._meta.fields if field.name in _AFTER_PROPOSAL}
    proposed = {name: value for name, value in values.items() if name not in later}
    action = EnforcementAction.objects.create(**proposed, status=EnforcementAction.Status.PROPOSED)
    for name, value in later.items():
        setattr(action, name, value)
    action.save()
    return action


# What comes to an action once it is proposed.
_AFTER_PROPOSAL = {
    "status",
    "approved_by",
    "approved_at",
    "approval_reason",
    "broke_glass",
    "stake",
    "reviewed_by",
    "reviewed_at",
    "review_outcome",
    "review_reason",
    "in_force_at",
    "reversed_by",
    "reversed_at",
    "reversal_reason",
}


def make_incident(**fields: Any) -> Incident:
    owner = fields.pop("owner", None) or make_user(role="lead")
    values = {
        "title": f"Incident {next(_numbers)}",
        "severity": 3,
        "created_by": owner,
        "created_at": NOW,
        "detected_at": NOW,
        **fields,
    }
    return Incident.objects.create(owner=owner, **values)


def make_incident_item(incident: Incident, **fields: Any) -> IncidentItem:
    """Link an item to ``incident``; a violating one by a new actor unless told."""
    values = {"added_by": incident.owner, "added_at": NOW, **fields}
    values["item"] = values.get("item") or make_decision().item
    return IncidentItem.objects.create(incident=incident, **values)


def make_retrospective(*, text: str = "As it was.", **fields: Any) -> Retrospective:
    """Make a draft of a contained incident with every section written; ``text=""`` leaves them empty."""
    incident = fields.pop("incident", None) or make_incident(status="contained", contained_at=NOW)
    values = {"title": incident.title, "created_by": incident.owner, "created_at": NOW, **fields}
    retrospective = Retrospective.objects.create(incident=incident, **values)
    Section.objects.bulk_create(Section(retrospective=retrospective, key=key, text=text) for key in Section.Key)
    return retrospective


def make_strike(**fields: Any) -> Strike:
    """Make a strike for a violating decision, on its actor."""
    decision = fields.pop("decision", None) or make_decision()
    values = {"actor": decision.item.actor, "created_at": NOW, "expires_at": NOW + timedelta(days=180), **fields}
    return Strike.objects.create(decision=decision, **values)


def make_note(item: Item, *, mentions: Sequence[User] = (), **fields: Any) -> Note:
    """Make a note on ``item`` by a lead; those whom it ``mentions`` have not read it."""
    if "by" not in fields:
        fields["by"] = make_user(role="lead")
    values = {"subject_kind": "queues.item", "subject_id": item.pk, "at": NOW, "text": "Seen before.", **fields}
    note = Note.objects.create(**values)
    for person in mentions:
        Mention.objects.create(note=note, person=person)
        MentionToRead.objects.create(note=note, person=person)
    return note


def make_withdrawal(note: Note, **fields: Any) -> Withdrawal:
    return Withdrawal.objects.create(note=note, **{"by": note.by, "at": NOW, **fields})
