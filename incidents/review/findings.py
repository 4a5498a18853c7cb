"""What a reviewer found, as it is handed to ``operations.decide``; and the clauses it may name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from policies import queries as policies
from policies.models import ClauseVersion, Mapping, PolicyVersion
from policies.vocabulary import Severity, Side, Verdict


@dataclass(frozen=True)
class Span:
    """A part of one message, in code points, ``end`` excluded. Messages count from 0."""

    message: int
    start: int
    end: int


@dataclass(frozen=True)
class Finding:
    """One violation: the clause by key, at the version in force unless ``version`` is given."""

    clause: str
    severity: int
    side: str = Side.INTERACTION
    complied: bool | None = None
    span: Span | None = None
    version: int | None = None


def places_of(span: Span | None) -> tuple[int | None, int | None, int | None]:
    """Return the columns of a span: message, start, end."""
    return (span.message, span.start, span.end) if span else (None, None, None)


@dataclass(frozen=True)
class Wrong:
    """That a detector was wrong in one of the item's alerts, and how: a ``DetectorWrong.Kind``."""

    alert: int
    kind: str


@dataclass(frozen=True)
class Guidelines:
    """All clauses in force, in their order, and what outside categories stand for which of them."""

    clauses: list[ClauseVersion]
    by_key: dict[str, ClauseVersion]
    by_clause: dict[int, ClauseVersion]
    meanings: dict[tuple[str, str, str], list[int]] = field(repr=False)

    def suggested(self, categories: Iterable[tuple[str, str, str]]) -> list[ClauseVersion]:
        """Return the clauses that (taxonomy, version, category) stand for, in the order of the categories."""
        ids = dict.fromkeys(clause for category in categories for clause in self.meanings.get(category, ()))
        return [self.by_clause[clause] for clause in ids if clause in self.by_clause]


_kept: tuple[object, Guidelines] | None = None


def guidelines() -> Guidelines:
    """Return the guidelines in force. 1 query while the published versions are those of the last call, else 3."""
    global _kept
    state = _state()
    if _kept is None or _kept[0] != state:
        _kept = (state, _read())
    return _kept[1]


def _state() -> object:
    """Name the published versions and the mappings: what was published never changes, so the same name is the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (select array_agg(id order by id) from policies_policyversion where status = 'published'),
                (select max(id) from policies_mapping), (select count(*) from policies_mapping)
            """
        )
        return cursor.fetchone()


def _read() -> Guidelines:
    clauses = policies.clauses_in_force()
    meanings: dict[tuple[str, str, str], list[int]] = {}
    for mapping in Mapping.objects.order_by("clause__policy__position", "clause_id", "pk"):
        key = (mapping.taxonomy, mapping.taxonomy_version, mapping.category)
        meanings.setdefault(key, []).append(mapping.clause_id)
    return Guidelines(
        clauses=clauses,
        by_key={text.clause.key: text for text in clauses},
        by_clause={text.clause_id: text for text in clauses},
        meanings=meanings,
    )


def texts_of(findings: Sequence[Finding]) -> list[ClauseVersion | None]:
    """Return each finding's clause at its version, None where there is none. 1 query, 2 with versions given."""
    in_force = guidelines()
    wanted = {finding.clause for finding in findings if finding.version is not None}
    judged = [PolicyVersion.Status.PUBLISHED, PolicyVersion.Status.RETIRED]
    texts = ClauseVersion.objects.with_names().filter(clause__key__in=wanted, version__status__in=judged)
    by_version = {(text.clause.key, text.version.number): text for text in texts} if wanted else {}
    return [
        in_force.by_key.get(finding.clause)
        if finding.version is None
        else by_version.get((finding.clause, finding.version))
        for finding in findings
    ]


def errors_in(
    verdict: str, findings: Sequence[Finding], texts: Sequence[ClauseVersion | None], lengths: Sequence[int] | None
) -> dict[str, list[str]]:
    """Say by path what is wrong with the findings; empty when nothing is. ``lengths`` are those of the messages."""
    if verdict not in Verdict.values:
        return {"verdict": [_("There is no verdict %(verdict)s.") % {"verdict": verdict}]}
    if verdict == Verdict.VIOLATING and not findings:
        return {"violations": [_("Say which clause is violated.")]}
    if verdict != Verdict.VIOLATING and findings:
        return {"violations": [_("Only the verdict “violating” names violations.")]}
    errors: dict[str, list[str]] = {}
    seen: set[tuple[int, str]] = set()
    for index, (finding, text) in enumerate(zip(findings, texts, strict=True)):
        for name, sentence in _errors_of(finding, text, lengths):
            errors.setdefault(f"violations.{index}.{name}", []).append(sentence)
        if text is not None and (text.pk, finding.side) in seen:
            errors.setdefault(f"violations.{index}.clause", []).append(
                _("The same clause on the same side stands twice.")
            )
        elif text is not None:
            seen.add((text.pk, finding.side))
    return errors


def _errors_of(finding: Finding, text: ClauseVersion | None, lengths: Sequence[int] | None) -> list[tuple[str, str]]:
    errors = []
    if text is None and finding.version is None:
        errors.append(("clause", _("No clause of that name is in force.")))
    elif text is None:
        errors.append(("version", _("That clause was never published in this version.")))
    elif text.version.status == PolicyVersion.Status.RETIRED:
        errors.append(("version", _retired(text)))
    if finding.severity not in Severity.values:
        errors.append(("severity", _("A severity is a number from 0 to 4.")))
    if finding.side not in Side.values:
        errors.append(("side", _("There is no side %(side)s.") % {"side": finding.side}))
    if finding.span is not None and (sentence := _error_of_span(finding.span, lengths or ())):
        errors.append(("span", sentence))
    return errors


def _retired(text: ClauseVersion) -> str:
    """Say that a version is in force no more, and which one is. No query while the published versions stay the same."""
    now = guidelines().by_key.get(text.clause.key)
    told = {"clause": text.clause.key, "number": text.version.number}
    if now is None:
        return _("Version %(number)s of %(clause)s is retired, and nothing is in force in its place.") % told
    told["now"] = now.version.number
    return _("Version %(number)s of %(clause)s is retired; decide by version %(now)s, which is in force.") % told


def _error_of_span(span: Span, lengths: Sequence[int]) -> str | None:
    if not 0 <= span.message < len(lengths):
        return _("There is no message %(number)s.") % {"number": span.message}
    if not 0 <= span.start < span.end <= lengths[span.message]:
        return _("A span lies within its message and is not empty.")
    return None
