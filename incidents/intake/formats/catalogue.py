"""Every format that intake reads, by its slug."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.utils.translation import gettext_lazy

from incidents.intake.formats import (
    ailuminate,
    azure_content_safety,
    azure_openai_content_filter,
    cloudevents,
    diasafety,
    generic_csv,
    google_checks,
    langfuse,
    langsmith,
    llama_guard,
    nemotron_safety_guard,
    nvidia_aegis,
    openai_chat_completion,
    openai_moderation,
    openai_moderation_eval,
    openai_responses,
    openai_safety_webhook,
    otel_genai,
    perspective,
    phoenix,
    reading,
    shieldgemma,
)
from incidents.intake.formats.converting import Format, Given, NotOfFormat


def _native(record: bytes, _given: Given) -> list[dict[str, Any]]:
    try:
        return [msgspec.to_builtins(reading.decode(record))]
    except reading.Invalid as invalid:
        raise NotOfFormat(invalid.errors, invalid.external_id) from None


NATIVE: Final = Format(
    slug="native",
    title=gettext_lazy("Native alert"),
    convert=_native,
    media_types=("application/json", "application/x-ndjson"),
    example=b'{"external_id": "a-1", "occurred_at": "2026-11-01T10:00:00Z", "kind": "detector", "flagged": ["spam"],'
    b' "generation": {"messages": [{"role": "user", "content": "Buy our tea, buy our tea."}]}}',
)

FORMATS: Final[dict[str, Format]] = {
    known.slug: known
    for known in (
        NATIVE,
        *azure_content_safety.FORMATS,
        *llama_guard.FORMATS,
        ailuminate.FORMAT,
        azure_openai_content_filter.FORMAT,
        diasafety.FORMAT,
        generic_csv.FORMAT,
        google_checks.FORMAT,
        langfuse.FORMAT,
        langsmith.FORMAT,
        nemotron_safety_guard.FORMAT,
        nvidia_aegis.FORMAT,
        openai_chat_completion.FORMAT,
        openai_moderation.FORMAT,
        openai_moderation_eval.FORMAT,
        openai_responses.FORMAT,
        openai_safety_webhook.FORMAT,
        otel_genai.FORMAT,
        perspective.FORMAT,
        phoenix.FORMAT,
        shieldgemma.FORMAT,
    )
}
FORMATS["cloudevents"] = cloudevents.over(dict(FORMATS))


def by_media_type(media_type: str) -> Format | None:
    """Return the format that a Content-Type names, whatever its parameters and case."""
    bare = media_type.partition(";")[0].strip().lower()
    return next((known for known in FORMATS.values() if bare in known.media_types), None)
