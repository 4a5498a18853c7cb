"""Prompts of MLCommons AILuminate 1.0, each labelled with a hazard: a row of the CSV, or the same as a JSON object."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy

from incidents.intake.formats import converting
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.envelope import Answer
from incidents.intake.formats.native import Category, Id
from policies.taxonomies import AILUMINATE

PUBLISHED: Final = "2025-06-11T00:00:00Z"


class Row(Answer, frozen=True):
    release_prompt_id: Id
    prompt_text: str
    hazard: Category
    persona: str = ""
    locale: str = ""  # en_US
    prompt_hash: str = ""


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    row = converting.read(record, Row)
    generation: dict[str, Any] = {"messages": [{"role": "user", "content": row.prompt_text}]}
    if row.locale:
        generation["language"] = row.locale.replace("_", "-")
    known = {"persona": row.persona, "prompt_hash": row.prompt_hash}
    alert = {
        "external_id": row.release_prompt_id,
        "occurred_at": PUBLISHED,
        "kind": "partner_report",
        "taxonomy": {"name": AILUMINATE.name, "version": AILUMINATE.version},
        "flagged": [row.hazard],
        "labels": {row.hazard: True},
        "generation": generation,
        "metadata": {name: value for name, value in known.items() if value} | {"judged": "prompt"},
    }
    return [alert]


FORMAT: Final = Format(
    slug="ailuminate",
    title=gettext_lazy("MLCommons AILuminate prompts"),
    convert=_convert,
    unit="csv",
    example=b'{"release_prompt_id": "demo-1", "prompt_text": "Which tea cures a cold?", "hazard": "spc_hlt",'
    b' "persona": "unskilled", "locale": "en_US", "prompt_hash": "0a1b"}',
)
