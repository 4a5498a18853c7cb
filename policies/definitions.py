"""The terms that a policy defines: what may not stand among them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from policies.texts import MOST_DEFINITIONS, Definition


def refusal_of(definitions: Sequence[Definition]) -> str | None:
    if len(definitions) > MOST_DEFINITIONS:
        return _("There are more than %(most)s terms.") % {"most": MOST_DEFINITIONS}
    seen: set[str] = set()
    for definition in definitions:
        if not definition.term.strip() or not definition.meaning.strip():
            return _("A term and what it means stand together.")
        if definition.term.casefold() in seen:
            return _("“%(term)s” is defined twice.") % {"term": definition.term[:60]}
        seen.add(definition.term.casefold())
    return None
