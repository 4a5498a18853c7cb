"""Reads that other rooms and the pages ask for: clauses in force, clauses for a detector's categories, comparisons."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from policies import steps, taxonomies
from policies.models import Clause, ClauseVersion, Mapping, PolicyVersion
from policies.texts import LEVELS, NO_STEP, ClauseText, Definition, Example, PolicyText, Step
from policies.vocabulary import EnforcementKind, Severity


@dataclass(frozen=True)
class Category:
    """A category as a detector named it."""

    taxonomy: str
    taxonomy_version: str
    name: str


@dataclass(frozen=True)
class ItemClauses:
    """The clauses to offer beside an item. ``suggested`` are among ``in_force``, in the same order."""

    in_force: list[ClauseVersion]
    suggested: list[ClauseVersion]


@dataclass(frozen=True)
class Rung:
    """One severity of a clause: what it means there, and what is recommended without strikes (None: nothing).

    ``steps_told`` says in words all that is recommended there, by strikes; empty for nothing at all.
    """

    severity: Severity
    meaning: str
    recommended: EnforcementKind | None
    steps_told: str
    is_usual: bool


@dataclass(frozen=True)
class OutsideName:
    """A category that a clause stands for. ``label`` is its name for people, the bare name where we know none."""

    taxonomy: str
    name: str
    label: str


@dataclass(frozen=True)
class Reading:
    """A clause at a version, with what its page shows. ``in_force`` is None when no version is."""

    text: ClauseVersion
    rungs: list[Rung]
    outside_names: list[OutsideName]
    in_force: PolicyVersion | None


def clauses_in_force() -> list[ClauseVersion]:
    """Return every clause that can be applied now, with its key and policy, in the order of the guidelines. 1 query."""
    return list(ClauseVersion.objects.in_force().with_names())


def clause_in_force(key: str) -> ClauseVersion | None:
    """Return the clause called ``key`` as it is in force now. 1 query."""
    return ClauseVersion.objects.in_force().with_names().filter(clause__key=key).first()


def clauses_for_item(categories: Iterable[Category]) -> ItemClauses:
    """Return the clauses in force and those that ``categories`` suggest. 2 queries however many there are."""
    in_force = clauses_in_force()
    meant = clause_ids_of(categories)
    return ItemClauses(in_force=in_force, suggested=[text for text in in_force if text.clause_id in meant])


def clause_ids_of(categories: Iterable[Category]) -> frozenset[int]:
    """Return the ids of clauses that stand for any of ``categories``. 1 query, or none."""
    named = Q()
    for category in set(categories):
        named |= Q(taxonomy=category.taxonomy, taxonomy_version=category.taxonomy_version, category=category.name)
    if not named:
        return frozenset()
    return frozenset(Mapping.objects.filter(named).values_list("clause_id", flat=True))


def is_restricted(categories: Iterable[Category]) -> bool:
    """Say whether any of ``categories`` stands for a clause whose content needs a clearance. 1 query or 2."""
    meant = clause_ids_of(categories)
    return bool(meant) and Clause.objects.filter(pk__in=meant).exclude(policy__restricted_category="").exists()


def rungs(text: ClauseVersion) -> list[Rung]:
    """Return the ladder of a clause, S0 first. No query."""
    return [
        Rung(
            severity=Severity(level),
            meaning=meaning,
            recommended=recommended_enforcement(text, level),
            steps_told=_steps_told(text, level),
            is_usual=level == text.usual_severity,
        )
        for level, meaning in enumerate(text.ladder)
    ]


def recommended_enforcement(text: ClauseVersion, severity: int, *, strikes: int = 0) -> EnforcementKind | None:
    """Return what the clause recommends at ``severity`` for an actor with ``strikes``, None for nothing. No query."""
    step = steps.at(text.recommended, int(severity), strikes=strikes)
    return None if step.kind == NO_STEP else EnforcementKind(step.kind)


def steps_of(text: ClauseVersion, severity: int) -> tuple[Step, ...]:
    """Return what the clause recommends at ``severity``, from 0 strikes on. More than one: it steps up. No query."""
    return steps.read(text.recommended, int(severity))


def _steps_told(text: ClauseVersion, level: int) -> str:
    found = steps.read(text.recommended, level)
    return "" if all(step.kind == NO_STEP for step in found) else steps.told(found)


def reading(text: ClauseVersion) -> Reading:
    """Gather what the clause's page shows. 2 queries. ``text`` comes with ``with_names()``."""
    return Reading(
        text=text,
        rungs=rungs(text),
        outside_names=outside_names(text.clause),
        in_force=text.version.policy.versions.published().first(),
    )


def outside_names(clause: Clause) -> list[OutsideName]:
    """Return the categories that stand for ``clause`` now. 1 query."""
    return [_outside_name(mapping) for mapping in clause.mappings.order_by("taxonomy", "category", "pk")]


def names_to_come(version: PolicyVersion) -> list[tuple[ClauseVersion, list[OutsideName]]]:
    """Return the clauses of an unpublished version that are new and named outside, with these names. 1 query."""
    texts = version.clauses.never_published().exclude(outside=[]).order_by("position", "pk")
    return [(text, [_outside_name(Mapping(**_named(row))) for row in text.outside]) for text in texts]


def _named(row: list[str]) -> dict[str, str]:
    return dict(zip(("taxonomy", "taxonomy_version", "category"), row, strict=True))


def _outside_name(mapping: Mapping) -> OutsideName:
    taxonomy = taxonomies.BY_LABEL.get(f"{mapping.taxonomy}/{mapping.taxonomy_version}")
    return OutsideName(
        taxonomy=f"{taxonomy.title if taxonomy else mapping.taxonomy} {mapping.taxonomy_version}",
        name=mapping.category,
        label=taxonomy.categories.get(mapping.category, mapping.category) if taxonomy else mapping.category,
    )


def text_of(version: PolicyVersion) -> PolicyText:
    """Return the whole text of a version as a value. 1 query."""
    rows = version.clauses.select_related("clause").order_by("position", "pk")
    return whole(version, [clause_text(row) for row in rows])


def whole(version: PolicyVersion, clauses: Iterable[ClauseText]) -> PolicyText:
    return PolicyText(version.title, version.summary, tuple(clauses), definitions_of(version))


def definitions_of(version: PolicyVersion) -> tuple[Definition, ...]:
    """Return the terms that a version defines, in its order. No query."""
    return tuple(Definition(row.get("term", ""), row.get("meaning", "")) for row in version.definitions)


def clause_text(row: ClauseVersion) -> ClauseText:
    """Return one clause's text as a value. ``row`` comes with its clause; no query."""
    return ClauseText(
        key=row.clause.key,
        title=row.title,
        definition=row.definition,
        public_text=row.public_text,
        violates=_examples(row.violates),
        does_not_violate=_examples(row.does_not_violate),
        ladder=(*row.ladder, *[""] * LEVELS)[:LEVELS],
        usual_severity=row.usual_severity,
        recommended=tuple(steps.read(row.recommended, level)[0].kind for level in range(LEVELS)),
        steps=tuple(steps.read(row.recommended, level)[1:] for level in range(LEVELS)),
        is_anticipated=row.is_anticipated,
        unmapped_reason=row.unmapped_reason,
        languages=tuple(row.languages),
    )


def _examples(cases: list[dict[str, str]]) -> tuple[Example, ...]:
    return tuple(Example(case.get("text", ""), case.get("reason", "")) for case in cases)
