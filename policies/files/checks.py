"""What a policy from files must be to become a draft, beyond being readable: the limits that the forms have too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from policies import definitions as terms, steps, tags
from policies.files.documents import PolicyDocument
from policies.files.faults import Fault
from policies.texts import LONGEST, MOST_EXAMPLES, MOST_OUTSIDE, ClauseText, Step
from trust.accounts.models import Clearance

# Addresses under /policies/ that are no policy's.
TAKEN: Final = frozenset({"categories", "clauses", "gaps", "import", "texts"})
CATEGORIES: Final = frozenset({"", *(value for value, _label in Clearance.CATEGORIES)})
LONGEST_NAMES: Final = {"taxonomy": 60, "taxonomy_version": 60, "name": 120}


def faults_in(document: PolicyDocument) -> list[Fault]:
    """Return all that keeps ``document`` from becoming a draft, each with its place."""
    return list(_faults(document))


def _faults(document: PolicyDocument) -> Iterator[Fault]:
    if document.key in TAKEN:
        yield document.fault(
            clause="", field="policy", told=_("A policy cannot be called “%(key)s”.") % {"key": document.key}
        )
    if document.restricted_category not in CATEGORIES:
        told = _("There is no category of content “%(name)s”.") % {"name": document.restricted_category[:60]}
        yield document.fault(clause="", field="restricted_category", told=told)
    for field, text in (
        ("title", document.text.title),
        ("summary", document.text.summary),
        ("change_note", document.change_note),
    ):
        yield from _of_text(document, "", field, text)
    yield from _in_definitions(document)
    if not document.text.clauses:
        yield document.fault(clause="", field="clauses", told=_("A policy has at least one clause."))
    for clause in document.text.clauses:
        yield from _in_clause(document, clause)


def _in_definitions(document: PolicyDocument) -> Iterator[Fault]:
    definitions = document.text.definitions
    if refusal := terms.refusal_of(definitions):
        yield document.fault(clause="", field="definitions", told=refusal)
    for definition in definitions:
        for field in ("term", "meaning"):
            text = getattr(definition, field)
            if len(text) > LONGEST[field]:
                told = _("This is %(length)s characters long; %(most)s are the most.")
                told %= {"length": len(text), "most": LONGEST[field]}
                yield document.fault(clause="", field="definitions", told=told)


def _in_clause(document: PolicyDocument, clause: ClauseText) -> Iterator[Fault]:
    if not clause.key.startswith(f"{document.key}."):
        told = _("The key of a clause of this policy begins with “%(key)s.”.") % {"key": document.key}
        yield document.fault(clause=clause.key, field="key", told=told)
    for field in ("title", "definition", "public_text"):
        yield from _of_text(document, clause.key, field, getattr(clause, field))
    for meaning in clause.ladder:
        yield from _of_text(document, clause.key, "ladder", meaning)
    yield from _in_facts(document, clause)
    if clause.unmapped_reason:
        yield from _of_text(document, clause.key, "unmapped_reason", clause.unmapped_reason)
    for field in ("violates", "does_not_violate"):
        examples = getattr(clause, field)
        if len(examples) > MOST_EXAMPLES:
            told = _("There are more than %(most)s examples.") % {"most": MOST_EXAMPLES}
            yield document.fault(clause=clause.key, field=field, told=told)
        for example in examples:
            yield from _of_text(document, clause.key, field, example.text)
            yield from _of_text(document, clause.key, field, example.reason)
    yield from _in_outside(document, clause)


def _in_facts(document: PolicyDocument, clause: ClauseText) -> Iterator[Fault]:
    for first, further in zip(clause.recommended, clause.steps, strict=True):
        if refusal := steps.refusal_of([Step(0, first), *further]):
            yield document.fault(clause=clause.key, field="recommended", told=refusal)
    if refusal := tags.refusal_of(clause.languages):
        yield document.fault(clause=clause.key, field="languages", told=refusal)


def _in_outside(document: PolicyDocument, clause: ClauseText) -> Iterator[Fault]:
    if len(document.outside[clause.key]) > MOST_OUTSIDE:
        told = _("There are more than %(most)s outside names.") % {"most": MOST_OUTSIDE}
        yield document.fault(clause=clause.key, field="mappings", told=told)
    for category in document.outside[clause.key]:
        if any(not 0 < len(getattr(category, field)) <= most for field, most in LONGEST_NAMES.items()):
            told = _("A taxonomy, its version and a category have names of 1 to %(most)s characters.")
            yield document.fault(clause=clause.key, field="mappings", told=told % {"most": "60, 60, 120"})


def _of_text(document: PolicyDocument, clause: str, field: str, text: str) -> Iterator[Fault]:
    if not text.strip():
        yield document.fault(clause=clause, field=field, told=_("Something here is empty."))
    elif len(text) > LONGEST[field]:
        told = _("This is %(length)s characters long; %(most)s are the most.")
        yield document.fault(clause=clause, field=field, told=told % {"length": len(text), "most": LONGEST[field]})
