"""What review brings to search: the clauses that were found violated, and the notes of decisions that stand."""

from collections.abc import Iterable, Sequence

from incidents.review.models import Decision, Violation
from incidents.search.registry import Note


def marks(generation_ids: Sequence[int]) -> Iterable[tuple[int, str, str]]:
    """Yield the keys of the clauses of decisions that stand, by generation. 1 query."""
    standing = Decision.objects.effective().filter(item__generation__in=generation_ids)
    found = Violation.objects.filter(decision__in=standing)
    for generation, clause in found.values_list("decision__item__generation", "clause__clause__key").distinct():
        yield generation, "clause", clause


def notes(generation_ids: Sequence[int]) -> Iterable[Note]:
    """Yield the notes of decisions that stand. 1 query."""
    noted = Decision.objects.effective().filter(item__generation__in=generation_ids).exclude(note="")
    for identity, generation, at, text in noted.values_list("pk", "item__generation", "decided_at", "note"):
        yield Note(identity, generation, at, text)
