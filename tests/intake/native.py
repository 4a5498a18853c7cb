"""Native alerts for tests: the smallest one, and everything that one may say."""

from itertools import count
from typing import Any

_numbers = count(1)


def native(**fields: Any) -> dict[str, Any]:
    """Make the smallest alert that is accepted; None takes a field out."""
    number = next(_numbers)
    alert = {
        "external_id": f"n-{number}",
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "detector",
        "generation": {"messages": [{"role": "user", "content": "Write a review of a tea."}]},
        **fields,
    }
    return {name: value for name, value in alert.items() if value is not None}


def full(**fields: Any) -> dict[str, Any]:
    """Make an alert that says all it can: the example of the contract, and labels."""
    return {
        "external_id": "a-1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "detector",
        "detector": {"name": "moderation", "version": "2026-10"},
        "taxonomy": {"name": "openai-moderation", "version": "omni-2024-09-26"},
        "flagged": ["hate"],
        "labels": {"hate": True, "sexual": False},
        "scores": {"hate": 0.93},
        "score_kind": "probability",
        "thresholds": {"hate": 0.8},
        "spans": [{"message": 0, "start": 0, "end": 3, "category": "hate", "score": 0.9}],
        "comment": "Seen twice.",
        "generation": {
            "external_id": "chatcmpl-1",
            "model": "m-1",
            "deployment": "playground",
            "stage": "general_availability",
            "use_case": "chat",
            "language": "en",
            "parameters": {"temperature": 0.5},
            "messages": [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hi."}],
        },
        "actor": {
            "kind": "account",
            "external_id": "acct_9",
            "identifiers": {"ip": "203.0.113.7"},
            "tier": "pro",
            "parent": {"kind": "organisation", "external_id": "org_1"},
        },
        "sampling_rate": 0.5,
        "metadata": {"region": "eu", "attempt": 2},
        **fields,
    }
