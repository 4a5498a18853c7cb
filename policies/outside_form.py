"""The part of a new clause's form that names the outside categories which it will stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from policies import rows, rules
from policies.merging import Raw
from policies.taxonomies import BY_LABEL
from policies.texts import MOST_OUTSIDE

NAME: Final = "outside"
PARTS: Final = ("taxonomy", "version", "category")
LABELS: Final = {
    "taxonomy": _("Outside taxonomy %(number)s"),
    "version": _("Its version %(number)s"),
    "category": _("Category %(number)s"),
}

Names = list[list[str]]


def count(given: Mapping[str, Any]) -> int:
    return rows.count(given, NAME, PARTS, most=MOST_OUTSIDE)


def fields(number: int) -> dict[str, forms.Field]:
    """Return the fields of one row. What is suggested comes from the lists that ``suggestions`` gives."""
    return {
        f"{NAME}_{number}_{part}": forms.CharField(
            label=LABELS[part] % {"number": number + 1},
            max_length=rules.LONGEST_CATEGORY if part == "category" else rules.LONGEST_TAXONOMY,
            required=False,
            widget=forms.TextInput(attrs={"list": f"known-{part}", "autocomplete": "off"}),
        )
        for part in PARTS
    }


def refuse(form: forms.Form, cleaned: Mapping[str, Any], *, count: int) -> None:
    """Say beside its field what is half named or named twice."""
    seen: set[tuple[str, ...]] = set()
    for number in range(count):
        row = tuple(cleaned.get(f"{NAME}_{number}_{part}") or "" for part in PARTS)
        if not any(row):
            continue
        for part, text in zip(PARTS, row, strict=True):
            if not text and f"{NAME}_{number}_{part}" not in form.errors:
                form.add_error(f"{NAME}_{number}_{part}", _("Name the taxonomy, its version and the category."))
        if row in seen:
            form.add_error(f"{NAME}_{number}_category", _("This category stands here twice."))
        seen.add(row)


def names(cleaned: Mapping[str, Any], *, count: int) -> Names:
    """Return what was named, in the order in which it is kept."""
    return sorted(list(row.values()) for row in rows.filled(cleaned, NAME, PARTS, rows=count))


def raw_of(names: Sequence[Sequence[str]]) -> Raw:
    return rows.raw(NAME, [dict(zip(PARTS, row, strict=True)) for row in names])


def suggestions() -> dict[str, list[tuple[str, str]]]:
    """Return what each field suggests: values, with what they are. All that we know, in the order of the lists."""
    known = list(BY_LABEL.values())
    return {
        "taxonomy": list({taxonomy.name: taxonomy.title for taxonomy in known}.items()),
        "version": list({taxonomy.version: taxonomy.title for taxonomy in known}.items()),
        "category": list(
            dict.fromkeys(
                chain.from_iterable(
                    ((name, f"{label} · {taxonomy.title}") for name, label in taxonomy.categories.items())
                    for taxonomy in known
                )
            )
        ),
    }
