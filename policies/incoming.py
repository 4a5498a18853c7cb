"""Policies from files, one by one: what each would change, and what is in the way of its draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from policies import comparisons, exports, operations, queries
from policies.comparisons import Findings
from policies.files.documents import PolicyDocument
from policies.models import PolicyVersion
from policies.texts import PolicyText
from trust.accounts.models import User
from trust.refusals import Refused


@dataclass(frozen=True)
class Incoming:
    """What the files of one policy would do.

    ``number`` is the version whose draft they become, None where they say what is there already. ``replaced`` is the
    draft that they are compared with, None where there is none. ``refusal`` says why they may not become a draft.
    """

    key: str
    title: str
    found: Findings
    left_alone: list[str]
    number: int | None
    replaced: PolicyVersion | None
    refusal: str


def rehearsed(documents: Sequence[PolicyDocument], *, by: User) -> list[Incoming]:
    """Make the drafts and take all of it back; about 20 queries for each policy. Stores nothing."""
    with transaction.atomic():
        found = [_rehearsed(document, by) for document in documents]
        transaction.set_rollback(True)
    return found


@transaction.atomic
def make_drafts(documents: Sequence[PolicyDocument], *, by: User) -> list[PolicyVersion]:
    """Make the drafts of all policies that differ, or none. Raises Refused."""
    drafts = (operations.draft_document(document, by=by) for document in documents)
    return [draft for draft in drafts if draft is not None]


def _rehearsed(document: PolicyDocument, by: User) -> Incoming:
    before, left_alone = text_before(document.key), [line.strip() for line in left_alone_by(document)]
    replaced = PolicyVersion.objects.unpublished().filter(policy__key=document.key).select_related("policy").first()
    draft, refusal = None, ""
    try:
        with transaction.atomic():
            draft = operations.draft_document(document, by=by)
    except Refused as refused:
        refusal = refused.sentence
    return Incoming(
        key=document.key,
        title=document.text.title,
        found=comparisons.of_texts(before, document.text),
        left_alone=left_alone,
        number=draft.number if draft else None,
        replaced=replaced,
        refusal=refusal,
    )


def text_before(policy: str) -> PolicyText:
    """What an import is compared with: the draft that it replaces, else the newest version."""
    version = PolicyVersion.objects.filter(policy__key=policy).order_by("-number").first()
    return queries.text_of(version) if version else PolicyText("", "", ())


def left_alone_by(document: PolicyDocument) -> Iterator[str]:
    """Say what the files hold that belongs to no version, where it differs: an import does not change it."""
    newest = PolicyVersion.objects.filter(policy__key=document.key).select_related("policy").order_by("-number")[:1]
    for now in exports.documents_of(list(newest)):
        if now.order != document.order:
            yield _("  left alone: order is %(now)s here") % {"now": now.order}
        for key in sorted(now.outside.keys() & document.outside.keys()):
            if set(now.outside[key]) != set(document.outside[key]):
                yield _("  left alone: the mappings of %(key)s differ here; they belong to no version") % {"key": key}
