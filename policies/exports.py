"""Policies as documents, read from the tables in a fixed number of queries. See ``policies/files``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from policies import queries
from policies.files import layout
from policies.files.documents import OutsideCategory, PolicyDocument
from policies.models import ClauseVersion, Mapping, PolicyVersion
from policies.texts import ClauseText


def documents_of(versions: Sequence[PolicyVersion]) -> list[PolicyDocument]:
    """Return each version with what belongs to its policy. ``versions`` come with their policy; 3 queries."""
    texts: dict[int, list[ClauseText]] = defaultdict(list)
    to_come: dict[str, list[OutsideCategory]] = {}
    rows = ClauseVersion.objects.filter(version__in=versions)
    new = set(rows.never_published().values_list("pk", flat=True))
    for row in rows.select_related("clause").order_by("position", "pk"):
        texts[row.version_id].append(queries.clause_text(row))
        if row.pk in new:
            to_come[row.clause.key] = [OutsideCategory(*names) for names in row.outside]
    outside: dict[str, list[OutsideCategory]] = defaultdict(list)
    policies = [version.policy_id for version in versions]
    for mapping in Mapping.objects.filter(clause__policy__in=policies).select_related("clause"):
        category = OutsideCategory(mapping.taxonomy, mapping.taxonomy_version, mapping.category)
        outside[mapping.clause.key].append(category)
    return [_document(version, texts[version.pk], {**to_come, **outside}) for version in versions]


def files_of(versions: Sequence[PolicyVersion]) -> dict[str, str]:
    """Return the files of all ``versions`` by path. 3 queries. Raises Fault where a key cannot name a file."""
    return {path: text for document in documents_of(versions) for path, text in layout.render(document).items()}


def _document(
    version: PolicyVersion, texts: list[ClauseText], outside: dict[str, list[OutsideCategory]]
) -> PolicyDocument:
    return PolicyDocument(
        key=version.policy.key,
        version=version.number,
        order=version.policy.position,
        restricted_category=version.policy.restricted_category,
        change_note=version.change_note,
        text=queries.whole(version, texts),
        outside={text.key: tuple(sorted(outside.get(text.key, ()))) for text in texts},
    )
