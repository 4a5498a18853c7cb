"""ShieldGemma: one question for each policy; the text of the answer begins with Yes or No.

Payload: ``{"policy", "answer", "score"?}`` or a list of them. The score is the softmax of the two words' logits.
Source: the model card on ai.google.dev.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

import msgspec
from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Judgement
from incidents.intake.formats.native import Category, Detector, Taxonomy
from incidents.intake.formats.verdicts import Probability

TAXONOMY: Final = Taxonomy(name="shieldgemma", version="1")

_ANSWER: Final = re.compile(r"\W{0,20}(yes|no)\b", re.IGNORECASE)


class Policy(Answer, frozen=True):
    """What was answered about one policy, such as Dangerous Content or Hate Speech."""

    policy: Category
    answer: str
    score: Probability | None = None


PAYLOAD: Final[Any] = Policy | Annotated[list[Policy], Meta(min_length=1)]


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, PAYLOAD)
    policies = read.payload if isinstance(read.payload, list) else [read.payload]
    labels: dict[str, bool] = {}
    for index, one in enumerate(policies):
        path = f"payload.{index}" if isinstance(read.payload, list) else "payload"
        if not (said := _ANSWER.match(one.answer)):
            raise envelope.refuse(read, f"{path}.answer", _("Must begin with Yes or No."))
        if one.policy in labels:
            raise envelope.refuse(read, f"{path}.policy", _("Stands twice."))
        labels[one.policy] = said[1].lower() == "yes"
    judgement = Judgement(
        taxonomy=TAXONOMY,
        detector=Detector(name="ShieldGemma"),
        judged=envelope.side_of(read),
        flagged=[policy for policy, is_violated in labels.items() if is_violated],
        labels=labels,
        scores={one.policy: one.score for one in policies if one.score is not None},
        score_kind="probability",
    )
    return [envelope.alert(read, judgement)]


FORMAT: Final = Format(
    slug="shieldgemma",
    title=gettext_lazy("ShieldGemma"),
    convert=_convert,
    example=msgspec.json.encode(
        {
            "external_id": "sg-1",
            "occurred_at": "2026-11-01T10:00:00Z",
            "generation": {"messages": [{"role": "user", "content": "You brew tea like a rainy Monday."}]},
            "payload": [{"policy": "Harassment", "answer": "Yes, this mocks a person.", "score": 0.81}],
        }
    ),
)
