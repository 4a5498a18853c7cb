"""Which outside category means which clause, in force from the moment it is said: names belong to no version."""

from __future__ import annotations

from django.db import transaction

from policies import rules
from policies.models import Clause, Mapping
from policies.queries import Category
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def map_category(category: Category, clause: Clause, *, by: User) -> Mapping:
    """Let ``category`` stand for ``clause``; once, however often it is said. Raises Refused."""
    clause = Clause.objects.select_for_update(of=("self",)).select_related("policy").get(pk=clause.pk)
    if reason := rules.refusal_to_map(category, clause, by):
        raise Refused(reason)

    mapping, is_new = Mapping.objects.get_or_create(
        clause=clause,
        taxonomy=category.taxonomy,
        taxonomy_version=category.taxonomy_version,
        category=category.name,
    )
    if is_new:
        record("policy.mapped", on=[clause], by=by, data=_told(mapping))
    return mapping


@transaction.atomic
def unmap_category(mapping: Mapping, *, by: User) -> None:
    """Let a category stand for a clause no more. Nothing to do when it does not already. Raises Refused."""
    clause = Clause.objects.select_for_update(of=("self",)).select_related("policy").get(pk=mapping.clause_id)
    if reason := rules.refusal_to_unmap(clause, by):
        raise Refused(reason)
    found = Mapping.objects.filter(pk=mapping.pk).first()
    if found is None:
        return

    record("policy.unmapped", on=[clause], by=by, data=_told(found))
    found.delete()


def _told(mapping: Mapping) -> dict[str, str]:
    return {
        "taxonomy": mapping.taxonomy,
        "taxonomy_version": mapping.taxonomy_version,
        "category": mapping.category,
    }
