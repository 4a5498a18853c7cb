"""Native alerts as a detector would send them, in any number, always the same for the same number."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

CATEGORIES = ("harassment", "hate", "illicit", "self-harm", "sexual", "violence")
WORDS = ["account", "answer", "bottle", "calendar", "engine", "garden", "harbour", "invoice", "kettle", "ladder"]
WORDS += ["market", "notebook", "orchard", "quarter", "river", "signal", "ticket", "umbrella", "voucher", "window"]
VOCABULARY = 20_000
FIRST = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def alert(number: int, *, prefix: str = "a", per_generation: int = 1) -> dict[str, Any]:
    """Return alert ``number``: about 440 characters asked, 890 answered, 10 scores, as large as real ones.

    ``per_generation`` alerts in a row point at the same generation, with the same content.
    """
    generation = number // per_generation
    text = random.Random(f"{prefix}-{generation}")
    scores = random.Random(f"{prefix}-{number}-scores")
    return {
        "external_id": f"{prefix}-{number}",
        "occurred_at": (FIRST + timedelta(seconds=generation)).isoformat(),
        "kind": "detector",
        "detector": {"name": "moderation", "version": "2026-10"},
        "taxonomy": {"name": "openai-moderation", "version": "omni-2024-09-26"},
        "flagged": [scores.choice(CATEGORIES)],
        "scores": {name: round(scores.random(), 4) for name in (*CATEGORIES, "spam", "fraud", "privacy", "malware")},
        "score_kind": "probability",
        "generation": {
            "external_id": f"{prefix}-generation-{generation}",
            "model": "model-1",
            "deployment": "playground",
            "stage": "general_availability",
            "use_case": "chat",
            "language": "en",
            "messages": [
                {"role": "user", "content": _sentence(text, 440)},
                {"role": "assistant", "content": _sentence(text, 890)},
            ],
        },
        "actor": {"kind": "account", "external_id": f"{prefix}-account-{generation % 300}"},
    }


def ndjson(alerts: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in alerts).encode()


def _sentence(source: random.Random, length: int) -> str:
    words: list[str] = []
    size = 0
    while size < length:
        words.append(_word(source))
        size += len(words[-1]) + 1
    return " ".join(words)[:length]


def _word(source: random.Random) -> str:
    """Return a word of a language in which few are frequent and many are rare, as in what people write."""
    rank = int(VOCABULARY ** source.random())
    return WORDS[rank] if rank < len(WORDS) else f"{WORDS[rank % len(WORDS)]}{rank}"
