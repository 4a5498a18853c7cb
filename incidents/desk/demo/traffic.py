"""Synthetic alerts in the native format of ``POST /api/v1/alerts``, and the actors behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from incidents.desk.demo import texts
from incidents.desk.demo.texts import Theme

DEPLOYMENTS = (
    ("storefront-api", "general_availability", "shop assistant"),
    ("playground", "general_availability", "chat"),
    ("campaign-writer", "limited", "marketing"),
    ("story-mode", "private_beta", "games"),
    ("help-desk", "pilot", "customer support"),
)
MODELS = ("m-small-1", "m-large-2", "m-large-2", "m-large-3")
LANGUAGES = ("en", "en", "en", "en", "de", "fr", "es")
DETECTORS = {"openai-moderation": "moderation", "ailuminate": "hazard-guard", "dsa": "spam-sentinel"}
TAXONOMY_VERSIONS = {"openai-moderation": "omni-2024-09-26", "ailuminate": "1.0", "dsa": "2024"}
THRESHOLD = 0.7
WITHHELD = "[text withheld by the sender; only its detector's finding was passed on]"


@dataclass(frozen=True)
class Account:
    """An actor of the demo: mostly one theme, and some are far busier than others."""

    external_id: str
    organisation: str
    address: str
    theme: Theme
    deployment: tuple[str, str, str]
    weight: float

    @property
    def tier(self) -> str:
        if self.organisation:
            return "enterprise"
        return "pro" if self.external_id[-1] < "5" else "free"

    def as_actor(self) -> dict[str, Any]:
        actor: dict[str, Any] = {
            "kind": "account",
            "external_id": self.external_id,
            "identifiers": {"ip": self.address},
            "tier": self.tier,
        }
        if self.organisation:
            actor["parent"] = {"kind": "organisation", "external_id": self.organisation}
        return actor


def accounts(count: int, random: Random) -> list[Account]:
    """Make ``count`` accounts; one in four belongs to an organisation, and neighbours share addresses."""
    themes, shares = texts.themes(), [theme.share for theme in texts.themes()]
    return [
        Account(
            external_id=f"acct_{random.getrandbits(32):08x}",
            organisation=f"org_{number % 23:02d}" if random.random() < 0.25 else "",
            address=f"198.51.100.{number % 120}" if random.random() < 0.3 else f"203.0.113.{number % 250}",
            theme=random.choices(themes, shares)[0],
            deployment=random.choice(DEPLOYMENTS),
            weight=min(random.paretovariate(1.3), 12.0),
        )
        for number in range(count)
    ]


def alert(account: Account, *, number: int, moment: datetime, random: Random) -> tuple[dict[str, Any], Theme]:
    """Return one alert of ``account`` and the theme that it is really about."""
    theme = account.theme if random.random() < 0.8 else random.choice(texts.themes())
    kind = random.choices(("detector", "user_report", "partner_report", "staff", "random_sample"), (80, 9, 4, 2, 5))[0]
    deployment, stage, use_case = account.deployment
    record: dict[str, Any] = {
        "external_id": f"demo-{number}",
        "occurred_at": moment.isoformat(),
        "kind": kind,
        "generation": {
            "external_id": f"gen-demo-{number}",
            "model": random.choice(MODELS),
            "deployment": deployment,
            "stage": stage,
            "use_case": use_case,
            "language": random.choice(LANGUAGES),
            "parameters": {"temperature": random.choice([0.2, 0.7, 1.0])},
            "messages": texts.conversation(theme, random),
        },
        "actor": account.as_actor(),
    }
    if kind == "detector":
        record |= _finding(theme, moment, random)
    elif kind == "random_sample":
        record["sampling_rate"] = 0.01
    else:
        record["comment"] = texts.report(random)
    return record, theme


def withheld_alert(account: Account, *, number: int, moment: datetime, random: Random) -> dict[str, Any]:
    """Return an alert of the child-safety category, of which the sender passed on no text."""
    record, _theme = alert(account, number=number, moment=moment, random=random)
    score = round(random.uniform(0.85, 0.99), 3)
    return record | {
        "kind": "detector",
        "comment": "",
        "sampling_rate": 1.0,
        "detector": {"name": "moderation", "version": _version(moment)},
        "taxonomy": {"name": "openai-moderation", "version": TAXONOMY_VERSIONS["openai-moderation"]},
        "flagged": ["sexual/minors"],
        "scores": {"sexual/minors": score},
        "score_kind": "probability",
        "thresholds": {"sexual/minors": 0.5},
        "generation": record["generation"] | {"messages": [{"role": "user", "content": WITHHELD}]},
    }


def second_alert(record: dict[str, Any], *, number: int, moment: datetime, random: Random) -> dict[str, Any]:
    """Return another alert about the same generation: a second detector's, or a person's report. It joins the item."""
    another: dict[str, Any] = {
        "external_id": f"demo-{number}",
        "occurred_at": (moment + timedelta(minutes=random.randrange(1, 40))).isoformat(),
        "kind": "detector",
        "generation": {"external_id": record["generation"]["external_id"]},
    }
    if random.random() < 0.2:
        return another | {"kind": "user_report", "comment": texts.report(random)}
    score = round(min(0.99, max(0.3, random.gauss(0.72, 0.12))), 3)
    return another | {
        "detector": {"name": "conversation-screen", "version": _version(moment)},
        "taxonomy": {"name": "conversation-screen", "version": "3"},
        "flagged": ["unusual"] if score >= THRESHOLD else [],
        "scores": {"unusual": score},
        "score_kind": "probability",
        "thresholds": {"unusual": THRESHOLD},
    }


def _finding(theme: Theme, moment: datetime, random: Random) -> dict[str, Any]:
    score = round(min(0.995, max(0.05, random.gauss(0.84 if theme.violating > 20 else 0.74, 0.09))), 3)
    return {
        "detector": {"name": DETECTORS[theme.taxonomy], "version": _version(moment)},
        "taxonomy": {"name": theme.taxonomy, "version": TAXONOMY_VERSIONS[theme.taxonomy]},
        "flagged": [theme.category] if score >= THRESHOLD else [],
        "scores": {theme.category: score},
        "score_kind": "probability",
        "thresholds": {theme.category: THRESHOLD},
    }


def _version(moment: datetime) -> str:
    """Return the detector's version at ``moment``: a new one on the first of each month."""
    return f"{moment:%Y-%m}"
