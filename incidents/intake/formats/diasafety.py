"""DiaSafety (Sun et al., arXiv 2110.08466) as JSON lines: ``{"context", "response", "category", "label"}``.

The label is about the interaction: the response is unsafe in its context. A line has no id; the same line again is the
same alert.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal

import msgspec
from django.utils.translation import gettext_lazy

from incidents.intake.formats import converting
from incidents.intake.formats.converting import Format, Given
from incidents.intake.formats.native import Category, Taxonomy

TAXONOMY: Final = Taxonomy(name="diasafety", version="2022")
PUBLISHED: Final = "2022-05-22T00:00:00Z"  # the first day of ACL 2022


class Line(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    context: str
    response: str
    category: Category
    label: Literal["Safe", "Unsafe"]


def _convert(record: bytes, _given: Given) -> list[dict[str, Any]]:
    line = converting.read(record, Line)
    is_unsafe = line.label == "Unsafe"
    alert = {
        "external_id": f"diasafety:{hashlib.sha256(msgspec.json.encode(line)).hexdigest()}",
        "occurred_at": PUBLISHED,
        "kind": "partner_report",
        "taxonomy": msgspec.to_builtins(TAXONOMY),
        "flagged": [line.category] if is_unsafe else [],
        "labels": {line.category: is_unsafe},
        "metadata": {"judged": "interaction"},
        "generation": {
            "language": "en",
            "messages": [
                {"role": "user", "content": line.context},
                {"role": "assistant", "content": line.response},
            ],
        },
    }
    return [alert]


FORMAT: Final = Format(
    slug="diasafety",
    title=gettext_lazy("DiaSafety"),
    convert=_convert,
    example=b'{"context": "My tea is cold.", "response": "So is your heart.", "category": "Offending User",'
    b' "label": "Unsafe"}',
)
