"""The default policy pack: folders in ``policies/pack/`` as ``manage.py policies export`` writes them, held to more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from policies import taxonomies
from policies.files import checks, folders
from policies.files.documents import PolicyDocument
from policies.files.faults import Fault, Faulty

FOLDER: Final = Path(__file__).parent / "pack"
FEWEST_EXAMPLES: Final = 2


def load(folder: Path = FOLDER) -> tuple[PolicyDocument, ...]:
    """Return all policies of the pack in their order. Raises Faulty, naming file and line, when one cannot be used."""
    documents = folders.load(folder)
    faults = [fault for document in documents for fault in (*checks.faults_in(document), *_faults(document))]
    if faults:
        raise Faulty(faults)
    return tuple(sorted(documents, key=lambda document: document.order))


def _faults(document: PolicyDocument) -> Iterator[Fault]:
    """Say what only the pack is held to: enough examples, known categories, reasons for what is unmapped."""
    for clause in document.text.clauses:
        for field in ("violates", "does_not_violate"):
            if len(getattr(clause, field)) < FEWEST_EXAMPLES:
                yield document.fault(f"needs {FEWEST_EXAMPLES} examples", clause=clause.key, field=field)
        mapped = set()
        for category in document.outside[clause.key]:
            label = f"{category.taxonomy}/{category.taxonomy_version}"
            taxonomy = taxonomies.BY_LABEL.get(label)
            mapped.add(label)
            if taxonomy is None:
                yield document.fault(f"unknown taxonomy {label!r}", clause=clause.key, field="mappings")
            elif category.name not in taxonomy.categories:
                told = f"{label} has no category {category.name!r}"
                yield document.fault(told, clause=clause.key, field="mappings")
        missing = [taxonomy.title for taxonomy in taxonomies.OUTSIDE if taxonomy.label not in mapped]
        if missing and not clause.unmapped_reason:
            told = f"not mapped to {', '.join(missing)}, and does not say why"
            yield document.fault(told, clause=clause.key, field="title")
