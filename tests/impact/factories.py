"""A policy with a version in force and a draft of the next, and past decisions that cite it."""

from collections.abc import Sequence
from typing import Any

from incidents.impact import operations
from incidents.impact.models import Sample, Sampled
from incidents.review.models import Decision
from policies.models import ClauseVersion, PolicyVersion
from tests.factories import make_clause, make_decision, make_item, make_policy_version, make_round, make_user, publish
from trust import clock


def make_draft(
    *,
    fields: Sequence[dict[str, Any]] = ({"definition": "What this is about now."},),
    definitions: tuple[list[dict[str, str]], list[dict[str, str]]] = ([], []),
    **old: Any,
) -> PolicyVersion:
    """Make version 2 as a draft: one clause for each of ``fields``, which says how it differs from version 1.

    ``definitions`` are the terms of version 1, and those of the draft.
    """
    first = make_policy_version(status=PolicyVersion.Status.DRAFT, published_at=None, definitions=definitions[0])
    texts = [make_clause(version=first, **old) for _clause in fields]
    publish(first)
    draft = make_policy_version(
        policy=first.policy, number=2, status=PolicyVersion.Status.DRAFT, published_at=None, definitions=definitions[1]
    )
    for text, changed in zip(texts, fields, strict=True):
        same = {name: getattr(text, name) for name in ("position", "title", "definition", "ladder", "recommended")}
        make_clause(version=draft, clause=text.clause, **{**same, **changed})
    return draft


def old_text(draft: PolicyVersion, place: int = 0) -> ClauseVersion:
    """Return a clause of the version in force, as it is cited."""
    return ClauseVersion.objects.filter(version__policy=draft.policy, version__number=1).order_by("pk")[place]


def cite(draft: PolicyVersion, *, severity: int = 2, place: int = 0, **fields: Any) -> Decision:
    """Make a decision of just now that cites a clause of the version in force."""
    violation = {"clause": old_text(draft, place), "severity": severity}
    return make_decision(violations=[violation], **{"decided_at": clock.now(), **fields})


def flagged_benign(draft: PolicyVersion) -> Decision:
    """Make a benign decision of just now on an item that was flagged for the policy."""
    now, item = clock.now(), make_item(status="closed", verdict="benign", closed_at=clock.now())
    round = make_round(item=item, status="closed", closed_at=now, categories=[draft.policy_id])
    return make_decision(item=item, round=round, verdict="benign", decided_at=now)


def make_sample(draft: PolicyVersion, **fields: Any) -> Sample:
    return operations.take_sample(draft, **{"size": 50, "by": make_user(role="policy_editor"), **fields})


def answer(sampled: Sampled, text: ClauseVersion | None = None, severity: int = 2, **fields: Any) -> None:
    """Judge it again, by somebody new: as violating ``text``, or nothing."""
    chosen = {"clause": text.clause, "severity": severity} if text else {"clause": None, "severity": None}
    operations.judge_again(sampled, **chosen, **{"by": make_user(), **fields})
