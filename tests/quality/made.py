"""Alerts and judgements as quality sees them, and a recount that shares nothing with the room's SQL but the tables."""

from collections import Counter
from typing import Any

from incidents.intake.models import Alert, AlertToRoute, Generation, Restriction
from incidents.queues import operations as queues
from incidents.queues.models import Item, Queue, Round
from incidents.review import operations as review
from incidents.review.findings import Finding
from incidents.review.models import Decision
from policies.models import ClauseVersion
from tests.factories import make_user, make_waiting_alert
from trust.accounts.models import User

REPORTS = {"user_report", "partner_report", "staff"}


def make_routed(**fields: Any) -> Alert:
    """Make an alert and hand it to the queues."""
    alert = make_waiting_alert(**fields)
    queues.route_alerts()
    return alert


def judge(item: Item, verdict: str, *, by: User | None = None, clause: ClauseVersion | None = None) -> Decision:
    """Judge an open round of ``item``, whoever held it; violating needs a clause."""
    by = by or make_user()
    round = Round.objects.filter(item=item, status="open").order_by("pk").first()
    assert round is not None
    Round.objects.filter(pk=round.pk).update(lease_by=by, lease_until="2999-01-01T00:00:00Z", fence=round.fence + 1)
    findings = [Finding(clause=clause.clause.key, severity=2, side="prompt")] if clause else []
    note = "A thing that nobody wrote a clause for." if verdict == "no_policy_fits" else ""
    return review.decide(round, fence=round.fence + 1, verdict=verdict, findings=findings, note=note, by=by)


def judge_many(clause: ClauseVersion, *, violating: int, benign: int, **fields: Any) -> None:
    """Make and judge as many alerts as that; ``fields`` are theirs."""
    for number in range(violating + benign):
        alert = make_routed(**fields)
        if number < violating:
            judge(alert.generation.item, "violating", clause=clause)
        else:
            judge(alert.generation.item, "benign")


def general_queue() -> Queue:
    return Queue.objects.get(is_default=True)


def recount() -> Counter[tuple[Any, ...]]:
    """Rate again, item by item in Python: {(detector version, source, is report, month, category, outcome): items}."""
    found: Counter[tuple[Any, ...]] = Counter()
    waiting = set(AlertToRoute.objects.values_list("pk", flat=True))
    for item in Item.objects.exclude(verdict="").select_related("generation"):
        seen: dict[tuple[Any, ...], set[str]] = {}
        is_restricted = Restriction.objects.filter(generation=item.generation_id).exists()
        for alert in _alerts(item.generation):
            is_report = alert.kind in REPORTS
            if alert.pk not in waiting and (is_report or alert.flagged):
                key = (alert.detector_version_id, alert.source_id, is_report)
                seen.setdefault(key, set()).update(() if is_restricted else alert.flagged)
        standing = item.decisions.filter(retraction__isnull=True).order_by("-decided_at", "-pk").first()
        assert standing is not None
        month = standing.decided_at.date().replace(day=1)
        outcome = "restricted" if is_restricted else standing.verdict
        for key, categories in seen.items():
            for category in ("", *categories):
                found[(*key, month, category, outcome)] += 1
    return found


def _alerts(generation: Generation | None) -> Any:
    return generation.alerts.all() if generation else ()
