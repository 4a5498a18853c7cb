"""The terms that a policy defines: what may not stand among them, which change, and which clauses use them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from policies.texts import MOST_DEFINITIONS, ClauseText, Definition


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


def changed_between(before: Iterable[Definition], after: Iterable[Definition]) -> list[str]:
    """Return the terms that mean something else, are new, or are defined no more; upper and lower case are the same."""
    old = {one.term.casefold(): one for one in before}
    new = {one.term.casefold(): one for one in after}
    meanings = ((new.get(key, old.get(key)), old.get(key), new.get(key)) for key in {**new, **old})
    return [one.term for one, was, now in meanings if one and (was and was.meaning) != (now and now.meaning)]


def used_in(clause: ClauseText, terms: Iterable[str]) -> list[str]:
    """Return those of ``terms`` that a clause uses by name, as whole words in any of its texts."""
    words = "\n".join(_texts(clause)).casefold()
    return [term for term in terms if term.casefold() in words and _whole(term.casefold()).search(words)]


def _whole(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)")


def _texts(clause: ClauseText) -> Iterator[str]:
    yield from (clause.title, clause.definition, clause.public_text, *clause.ladder)
    for example in (*clause.violates, *clause.does_not_violate):
        yield from (example.text, example.reason)
