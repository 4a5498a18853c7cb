"""Google Checks ``aisafety:classifyContent``: a score and a verdict for each policy. Source: checks_v1alpha.

Payload: the answer. The request's ``policies`` may stand beside its results, for their thresholds.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import envelope
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Judgement
from incidents.intake.formats.native import Category, Detector, Taxonomy
from incidents.intake.formats.verdicts import Probability

TAXONOMY: Final = Taxonomy(name="google-checks", version="v1alpha")
VERDICTS: Final = {"VIOLATIVE": True, "NON_VIOLATIVE": False}
FAILED: Final = "CLASSIFICATION_ERROR"  # the category stays unknown, whatever stands beside it


class Result(Answer, frozen=True):
    policyType: Category  # noqa: N815  named as in the answer
    score: Probability | None = None
    violationResult: Literal[  # noqa: N815
        "VIOLATIVE", "NON_VIOLATIVE", "CLASSIFICATION_ERROR", "VIOLATION_RESULT_UNSPECIFIED"
    ] = "VIOLATION_RESULT_UNSPECIFIED"


class Asked(Answer, frozen=True):
    policyType: Category  # noqa: N815
    threshold: Probability = 0.5


class Classification(Answer, frozen=True):
    policyResults: Annotated[list[Result], Meta(min_length=1)]  # noqa: N815
    policies: list[Asked] = []


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, Classification)
    results: dict[str, Result] = {}
    for index, result in enumerate(read.payload.policyResults):
        if result.policyType in results:
            raise envelope.refuse(read, f"payload.policyResults.{index}.policyType", _("Stands twice."))
        results[result.policyType] = result
    labels = {
        policy: verdict
        for policy, result in results.items()
        if (verdict := VERDICTS.get(result.violationResult)) is not None
    }
    failed = [policy for policy, result in results.items() if result.violationResult == FAILED]
    scores = {name: one.score for name, one in results.items() if one.score is not None and name not in failed}
    judgement = Judgement(
        taxonomy=TAXONOMY,
        detector=Detector(name="Google Checks"),
        judged=envelope.side_of(read),
        flagged=[policy for policy, is_violated in labels.items() if is_violated],
        labels=labels,
        scores=scores,
        score_kind="probability",
        metadata={"classification_errors": failed} if failed else {},
    )
    asked = {policy.policyType: policy.threshold for policy in read.payload.policies}
    alert = envelope.alert(read, judgement)
    return [alert | ({"thresholds": asked | alert.get("thresholds", {})} if asked else {})]


FORMAT: Final = Format(
    slug="google-checks",
    title=gettext_lazy("Google Checks"),
    convert=_convert,
    example=msgspec.json.encode(
        {
            "external_id": "checks-1",
            "occurred_at": "2026-11-01T10:00:00Z",
            "generation": {"messages": [{"role": "user", "content": "You brew tea like a rainy Monday."}]},
            "payload": {
                "policyResults": [{"policyType": "HARASSMENT", "score": 0.7, "violationResult": "VIOLATIVE"}],
                "policies": [{"policyType": "HARASSMENT", "threshold": 0.5}],
            },
        }
    ),
)
