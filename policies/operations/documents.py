"""From a document to the draft that says the same: what files bring in, and what the default pack begins with."""

from __future__ import annotations

from dataclasses import asdict, astuple, replace

from django.db import transaction
from django.db.models import Exists, OuterRef

from policies import queries, rules, steps
from policies.files.documents import PolicyDocument
from policies.models import Clause, ClauseVersion, ClauseVersionQuerySet, Mapping, Policy, PolicyVersion
from policies.operations.about import write_about
from policies.operations.drafting import begin_draft, delete_texts, forget_what_never_was, note_writer, write
from policies.texts import ClauseText, PolicyText
from policies.wording import About, Wording
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = PolicyVersion.Status


@transaction.atomic
def draft_document(document: PolicyDocument, *, by: User) -> PolicyVersion | None:
    """Make the draft of a policy's next version say what ``document`` says; a policy that is new is made with it.

    None when it says so already. Clauses that differ get their next revision; order and outside names of what exists
    are left alone. Raises Refused, also when somebody else wrote in the draft.
    """
    policy, _is_new = Policy.objects.get_or_create(
        key=document.key,
        defaults={"position": document.order, "restricted_category": document.restricted_category},
    )
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    draft = policy.versions.unpublished().select_related("created_by").first()
    newest = policy.versions.exclude(status__in=[Status.DRAFT, Status.IN_REVIEW]).order_by("-number").first()
    refusal = rules.refusal_to_draft(draft, by) or rules.refusal_to_replace(draft, by, writers=_writers(draft))
    if refusal := refusal or rules.refusal_of_document(document, policy, newest, draft):
        raise Refused(refusal)
    before = draft or newest
    if before and _says(before, document):
        return None
    if refusal := rules.refusal_of_note(document, newest):
        raise Refused(refusal)

    draft = draft or begin_draft(policy, newest, by)
    note_writer(draft, by)
    write_about(draft, _about(document.text), by)
    draft.change_note = document.change_note
    draft.save(update_fields=["change_note"])
    _rewrite(draft, document, by)
    forget_what_never_was(policy)
    record("policy.imported", on=[draft, policy], by=by, data={"number": draft.number})
    return draft


def write_clauses(version: PolicyVersion, document: PolicyDocument) -> None:
    """Give a version those clauses of ``document`` that it does not have, making those that are new to the policy."""
    clauses = {clause.key: clause for clause in version.policy.clauses.all()}
    new = [Clause(policy=version.policy, key=text.key) for text in document.text.clauses if text.key not in clauses]
    had_before = set(clauses)
    clauses |= {clause.key: clause for clause in Clause.objects.bulk_create(new)}
    held = set(version.clauses.values_list("clause__key", flat=True))
    ClauseVersion.objects.bulk_create(
        ClauseVersion(
            version=version,
            clause=clauses[text.key],
            position=place,
            outside=_outside(document, text.key),
            # One that comes back is no copy of what it was before: nothing that was based on that is current.
            revision=2 if text.key in had_before else 1,
            **_wording(text).changes(),
        )
        for place, text in enumerate(document.text.clauses, start=1)
        if text.key not in held
    )


def map_new_clauses(version: PolicyVersion) -> None:
    """Give each clause that was never published the outside names that its draft came with; others keep theirs."""
    for row in _new_rows(version):
        Mapping.objects.bulk_create(
            Mapping(clause_id=row.clause_id, taxonomy=taxonomy, taxonomy_version=taxonomy_version, category=category)
            for taxonomy, taxonomy_version, category in row.outside
        )


def _writers(draft: PolicyVersion | None) -> list[User]:
    if draft is None:
        return []
    return [one.person for one in draft.contributions.select_related("person").order_by("at", "pk")]


def _rewrite(draft: PolicyVersion, document: PolicyDocument, by: User) -> None:
    """Make the clauses of a draft those of ``document``: each keeps its row, its notes and its earlier revisions."""
    told = {text.key: (place, text) for place, text in enumerate(document.text.clauses, start=1)}
    delete_texts(draft.clauses.exclude(clause__key__in=told))
    new = set(_new_rows(draft).values_list("pk", flat=True))
    for row in draft.clauses.select_related("clause"):
        row.position, text = told[row.clause.key]
        row.save(update_fields=["position"])
        outside = _outside(document, text.key) if row.pk in new else row.outside
        if queries.clause_text(row) != text or row.outside != outside:
            write(row, replace(_wording(text), outside=outside), by)
    write_clauses(draft, document)


def _says(version: PolicyVersion, document: PolicyDocument) -> bool:
    """Say whether a version and ``document`` are the same, outside names of new clauses included."""
    names = {row.clause.key: row.outside for row in _new_rows(version).select_related("clause")}
    told = {key: _outside(document, key) for key in names}
    is_same_note = version.change_note == document.change_note
    return is_same_note and names == told and queries.text_of(version) == document.text


def _new_rows(version: PolicyVersion) -> ClauseVersionQuerySet:
    others = ClauseVersion.objects.filter(clause=OuterRef("clause")).exclude(version=version)
    return version.clauses.filter(~Exists(others))


def _outside(document: PolicyDocument, key: str) -> list[list[str]]:
    return [list(astuple(name)) for name in sorted(document.outside.get(key, ()))]


def _about(text: PolicyText) -> About:
    definitions = [asdict(definition) for definition in text.definitions]
    return About(title=text.title, summary=text.summary, definitions=definitions)


def _wording(text: ClauseText) -> Wording:
    return Wording(
        title=text.title,
        definition=text.definition,
        public_text=text.public_text,
        violates=[asdict(example) for example in text.violates],
        does_not_violate=[asdict(example) for example in text.does_not_violate],
        ladder=list(text.ladder),
        usual_severity=text.usual_severity,
        recommended=steps.write(text.recommended, text.steps),
        is_anticipated=text.is_anticipated,
        unmapped_reason=text.unmapped_reason,
        languages=list(text.languages),
    )
