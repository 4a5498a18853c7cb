"""What Azure OpenAI says about content beside a completion: ``prompt_filter_results`` and each choice's own results.

A severity is a word; ``filtered`` is what was done, not what was found. An answer that was refused as a whole has its
results in ``error.innererror.content_filter_result``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from django.utils.translation import gettext as _, gettext_lazy
from msgspec import Meta

from incidents.intake.formats import envelope
from incidents.intake.formats.azure_content_safety import LOWEST_UNSAFE
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer, Envelope, Judgement
from incidents.intake.formats.native import Detector, Taxonomy

SEVERITIES: Final[Mapping[str, int]] = {"safe": 0, "low": 2, "medium": 4, "high": 6}


class Finding(Answer, frozen=True):
    """One category: a severity, or whether it was detected; ``code`` where the filter itself failed."""

    filtered: bool | None = None
    detected: bool | None = None
    severity: str | None = None
    code: str | None = None

    def verdict(self) -> bool | None:
        """Say whether it was found; a blocklist says only whether it was filtered."""
        return self.filtered if self.detected is None and self.severity is None else self.detected


# The list is an older form of custom_blocklists: the lists that matched.
Results = dict[str, Finding | list[Finding] | None]


class Prompt(Answer, frozen=True):
    content_filter_results: Results = {}


class Choice(Answer, frozen=True):
    content_filter_results: Results = {}


class InnerError(Answer, frozen=True):
    content_filter_result: Results = {}


class Error(Answer, frozen=True):
    innererror: InnerError | None = None


class Completion(Answer, frozen=True):
    model: str = ""
    prompt_filter_results: Annotated[list[Prompt], Meta(max_length=100)] = []
    choices: Annotated[list[Choice], Meta(max_length=100)] = []
    error: Error | None = None


def _convert(record: bytes, given: Given) -> list[dict[str, Any]]:
    read = envelope.read(record, Completion)
    version = given.options.get("detector_version", "")
    payload = read.payload
    prompts = [prompt.content_filter_results for prompt in payload.prompt_filter_results]
    if payload.error and payload.error.innererror:
        prompts.append(payload.error.innererror.content_filter_result)
    choices = [choice.content_filter_results for choice in payload.choices]
    judgements = [*_judgements(read, "prompt", prompts, version), *_judgements(read, "response", choices, version)]
    if not judgements:
        raise envelope.refuse(read, "payload", _("Holds no result of a content filter."))
    return [envelope.alert(read, judgement) for judgement in judgements]


def _judgements(read: Envelope[Completion], side: str, several: list[Results], version: str) -> Iterator[Judgement]:
    """Walk the results of one side that found anything out; where it has several, each is a part of its own."""
    for index, results in enumerate(several):
        findings = {name: _one(found) for name, found in results.items() if found is not None}
        failed = [name for name, found in findings.items() if found.code]
        judged = {name: found for name, found in findings.items() if not found.code}
        if not judged:
            continue
        words = {name: found.severity for name, found in judged.items() if found.severity}
        scores = {name: SEVERITIES[word] for name, word in words.items() if word in SEVERITIES}
        severe = envelope.at_or_above(scores, read.thresholds, otherwise=LOWEST_UNSAFE)
        yield Judgement(
            taxonomy=Taxonomy(name="azure-openai-content-filter"),
            detector=Detector(name="azure-openai-content-filter", version=version),
            part=side if len(several) == 1 else f"{side}:{index}",
            judged=side,
            flagged=[name for name, found in judged.items() if found.filtered or found.detected or name in severe],
            labels={name: verdict for name, found in judged.items() if (verdict := found.verdict()) is not None},
            scores=scores,
            score_kind="severity",
            metadata=_details(judged, words, failed),
        )


def _one(found: Finding | list[Finding]) -> Finding:
    if isinstance(found, Finding):
        return found
    return Finding(filtered=any(part.filtered for part in found))


def _details(judged: Mapping[str, Finding], words: Mapping[str, str], failed: list[str]) -> dict[str, Any]:
    """Keep what has no field in an alert: what was done, words for a severity, filters that failed."""
    filtered = [name for name, found in judged.items() if found.filtered]
    said = {"filtered": filtered, "severities": dict(words), "not_judged": failed}
    return {name: value for name, value in said.items() if value}


FORMAT: Final = Format(
    slug="azure-openai-content-filter",
    title=gettext_lazy("Azure OpenAI content filter"),
    convert=_convert,
    example=b"""{
  "external_id": "az-3", "occurred_at": "2026-11-01T10:00:00Z",
  "generation": {"external_id": "chatcmpl-9", "messages": [{"role": "user", "content": "Call my brother a fool."},
                                                           {"role": "assistant", "content": "I would rather not."}]},
  "payload": {"id": "chatcmpl-9", "model": "gpt-5",
    "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {
      "hate": {"filtered": false, "severity": "low"}, "jailbreak": {"filtered": false, "detected": false}}}],
    "choices": [{"index": 0, "content_filter_results": {"hate": {"filtered": false, "severity": "safe"}}}]}
}""",
)
