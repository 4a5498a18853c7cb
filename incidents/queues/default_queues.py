"""The queues and routing rules of a new installation, for the default policy pack."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from incidents.queues.matching import Rule
from trust.accounts.models import Clearance


@dataclass(frozen=True)
class NewQueue:
    slug: str
    name: str
    notice: str
    allowance: timedelta
    is_default: bool = False
    restricted_category: str = ""
    is_for_audit: bool = False
    is_for_leads: bool = False


GENERAL: Final = NewQueue(
    "general", "General", "What no rule claimed. A long line here means a missing rule.", timedelta(hours=24), True
)
AUDIT: Final = NewQueue(
    "audit",
    "Audit samples",
    "A random sample, and what rules would have closed. Judge as always: rates are estimated from it.",
    timedelta(days=3),
    is_for_audit=True,
)
RESTRICTED: Final = {
    Clearance.CHILD_SAFETY: NewQueue(
        "child-safety",
        "Child safety",
        "For cleared people. The text is never shown: record, seal and refer.",
        timedelta(hours=1),
        restricted_category=Clearance.CHILD_SAFETY,
    )
}
FOR_LEADS: Final = {
    "": NewQueue(
        "escalated",
        "Escalated",
        "What reviewers gave to leads, each with a question.",
        timedelta(hours=4),
        is_for_leads=True,
    ),
    Clearance.CHILD_SAFETY: NewQueue(
        "escalated-child-safety",
        "Escalated: child safety",
        "For cleared leads. The text is never shown: record, seal and refer.",
        timedelta(hours=1),
        restricted_category=Clearance.CHILD_SAFETY,
        is_for_leads=True,
    ),
}
QUEUES: Final = (
    *RESTRICTED.values(),
    NewQueue(
        "self-harm",
        "Self-harm",
        "Distress, at times in the user’s own words. Expect serious items.",
        timedelta(hours=2),
    ),
    NewQueue(
        "violence",
        "Violence",
        "Threats, planning and weapons. Expect serious items, some of them graphic.",
        timedelta(hours=4),
    ),
    NewQueue("cyber", "Cyber and malware", "Code and intrusion. Technical; nothing graphic.", timedelta(hours=8)),
    NewQueue(
        "hate-harassment",
        "Hate and harassment",
        "Insults, slurs and role-play aimed at people. Expect some serious items.",
        timedelta(hours=12),
    ),
    NewQueue(
        "influence",
        "Influence operations",
        "Invented voices on public matters. Mostly minor; judge the pattern, not the opinion.",
        timedelta(hours=12),
    ),
    NewQueue(
        "health-spam",
        "Health claims and spam",
        "Spam and doubtful medicine. Mostly minor; nothing graphic.",
        timedelta(hours=24),
    ),
    GENERAL,
)


def _about(*keys: str) -> dict[str, Any]:
    return {"field": "alert.flagged", "operator": "has_category", "value": list(keys)}


# Outside categories are broad: health advice, say, also stands for eating disorders. The narrower reading comes first.
RULES: Final = (
    Rule("default-1", "Health claims and spam", "health-spam", (_about("spam", "advice.health"),)),
    Rule(
        "default-2",
        "Self-harm, told by a user or partner",
        "self-harm",
        (
            _about("self_harm"),
            {"field": "alert.kind", "operator": "in", "value": ["user_report", "partner_report"]},
        ),
        priority=5,
    ),
    Rule("default-3", "Self-harm", "self-harm", (_about("self_harm"),)),
    Rule(
        "default-4",
        "Violence and weapons, score 0.95 or more",
        "violence",
        (
            _about("violence", "illicit.mass_harm", "illicit.weapons"),
            {"field": "alert.top_score", "operator": "at_least", "value": 0.95},
        ),
        priority=3,
    ),
    Rule(
        "default-5",
        "Violence and weapons",
        "violence",
        (_about("violence", "illicit.mass_harm", "illicit.weapons"),),
    ),
    Rule("default-6", "Malware, intrusion and fraud", "cyber", (_about("cyber", "fraud"),)),
    Rule("default-7", "Hate and harassment", "hate-harassment", (_about("hate", "harassment"),)),
    Rule("default-8", "Influence operations", "influence", (_about("influence"),)),
)
