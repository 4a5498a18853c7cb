"""Every write to guidelines and gaps: install the pack, draft, submit, publish, send back; join a gap, close it."""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _, gettext_lazy

from policies import queries, rules
from policies.files.documents import PolicyDocument
from policies.models import Clause, ClauseVersion, ClauseVersionQuerySet, Mapping, Policy, PolicyGap, PolicyVersion
from policies.texts import ClauseText
from trust import clock, languages
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = PolicyVersion.Status
LONGEST_TITLE: Final = PolicyGap._meta.get_field("title").max_length


@dataclass(frozen=True)
class Wording:
    """What a draft may change in a clause."""

    title: str
    definition: str
    public_text: str


# ── The default pack ─────────────────────────────────────


@transaction.atomic
def install_pack(policies: Sequence[PolicyDocument]) -> list[PolicyVersion]:
    """Publish version 1 of every policy of the pack, as the system. Raises Refused when any policy exists already."""
    if Policy.objects.exists():
        raise Refused(_("There are policies already; the default pack is only for an empty installation."))

    versions = [_install(document) for document in policies]
    for version in versions:
        version.status = Status.PUBLISHED
        version.published_at = clock.now()
    PolicyVersion.objects.bulk_update(versions, ["status", "published_at"])
    record("policy.pack_installed", on=[version.policy for version in versions], by=None)
    return versions


def _install(document: PolicyDocument) -> PolicyVersion:
    policy = Policy.objects.create(
        key=document.key, position=document.order, restricted_category=document.restricted_category
    )
    version = PolicyVersion.objects.create(
        policy=policy,
        number=1,
        title=document.text.title,
        summary=document.text.summary,
        change_note=document.change_note,
        created_at=clock.now(),
    )
    _write_clauses(version, document)
    _map_new_clauses(version)
    return version


def _write_clauses(version: PolicyVersion, document: PolicyDocument) -> None:
    """Give a draft the clauses of ``document``, making those that are new."""
    clauses = {clause.key: clause for clause in version.policy.clauses.all()}
    new = [Clause(policy=version.policy, key=text.key) for text in document.text.clauses if text.key not in clauses]
    clauses |= {clause.key: clause for clause in Clause.objects.bulk_create(new)}
    ClauseVersion.objects.bulk_create(
        _row(text, ClauseVersion(version=version, clause=clauses[text.key], position=place, outside=[*names]))
        for place, text in enumerate(document.text.clauses, start=1)
        for names in [map(astuple, document.outside[text.key])]
    )


def _says(version: PolicyVersion, document: PolicyDocument) -> bool:
    """Say whether a version and ``document`` are the same, outside names of new clauses included."""
    names = {row.clause.key: row.outside for row in _new_rows(version).select_related("clause")}
    told = {key: [list(astuple(name)) for name in document.outside.get(key, ())] for key in names}
    is_same_note = version.change_note == document.change_note
    return is_same_note and names == told and queries.text_of(version) == document.text


def _new_rows(version: PolicyVersion) -> ClauseVersionQuerySet:
    others = ClauseVersion.objects.filter(clause=OuterRef("clause")).exclude(version=version)
    return version.clauses.filter(~Exists(others))


def _map_new_clauses(version: PolicyVersion) -> None:
    """Give each clause that was never published the outside names that its draft came with; others keep theirs."""
    for row in _new_rows(version):
        Mapping.objects.bulk_create(
            Mapping(clause_id=row.clause_id, taxonomy=taxonomy, taxonomy_version=taxonomy_version, category=category)
            for taxonomy, taxonomy_version, category in row.outside
        )


def _row(text: ClauseText, row: ClauseVersion) -> ClauseVersion:
    row.title = text.title
    row.definition = text.definition
    row.public_text = text.public_text
    row.violates = [asdict(example) for example in text.violates]
    row.does_not_violate = [asdict(example) for example in text.does_not_violate]
    row.ladder = list(text.ladder)
    row.usual_severity = text.usual_severity
    row.recommended = {str(level): step for level, step in enumerate(text.recommended)}
    row.is_anticipated = text.is_anticipated
    row.unmapped_reason = text.unmapped_reason
    return row


# ── From draft to published ──────────────────────────────


@transaction.atomic
def draft_clause(
    clause: Clause, *, wording: Wording, change_note: str, gap: PolicyGap | None = None, by: User
) -> PolicyVersion:
    """Change a clause's text in the draft of its policy's next version, opened if there is none.

    ``gap`` is the open gap that the change is to close; its clock then says drafted. Raises Refused.
    """
    policy = Policy.objects.select_for_update().get(pk=clause.policy_id)
    draft = policy.versions.unpublished().first()
    if reason := rules.refusal_to_draft(draft, by):
        raise Refused(reason)

    if draft is None:
        draft = _open_draft(policy, by)
    draft.change_note = change_note
    draft.save(update_fields=["change_note"])
    if not draft.clauses.filter(clause=clause).update(**asdict(wording)):
        told = _("Your draft of version %(number)s leaves this clause out; discard it, or bring the clause back first.")
        raise Refused(told % {"number": draft.number})
    subjects = [draft, policy, clause]
    if gap is not None:
        subjects.append(_take_up(gap, clause))
    record("policy.drafted", on=subjects, by=by, data={"number": draft.number})
    return draft


@transaction.atomic
def draft_document(document: PolicyDocument, *, by: User) -> PolicyVersion | None:
    """Make the draft of a policy's next version say what ``document`` says; a policy that is new is made with it.

    None when it says so already. Order and outside names of what exists are left alone. Raises Refused.
    """
    policy, _is_new = Policy.objects.get_or_create(
        key=document.key,
        defaults={"position": document.order, "restricted_category": document.restricted_category},
    )
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    draft = policy.versions.unpublished().first()
    newest = policy.versions.exclude(status__in=[Status.DRAFT, Status.IN_REVIEW]).order_by("-number").first()
    if reason := rules.refusal_to_draft(draft, by) or rules.refusal_of_document(document, policy, newest, draft):
        raise Refused(reason)
    before = draft or newest
    if before and _says(before, document):
        return None
    if reason := rules.refusal_of_note(document, newest):
        raise Refused(reason)

    if draft is None:
        number = newest.number + 1 if newest else 1
        draft = PolicyVersion(policy=policy, number=number, created_by=by, created_at=clock.now())
    draft.title, draft.summary = document.text.title, document.text.summary
    draft.change_note = document.change_note
    draft.save()
    draft.clauses.all().delete()
    _write_clauses(draft, document)
    _forget_what_never_was(policy)
    record("policy.imported", on=[draft, policy], by=by, data={"number": draft.number})
    return draft


@transaction.atomic
def submit_for_review(version: PolicyVersion, *, by: User) -> PolicyVersion:
    """Close a draft and ask an approver to read it. Raises Refused."""
    version = _locked(version)
    if reason := rules.refusal_to_submit(version, by):
        raise Refused(reason)

    version.status = Status.IN_REVIEW
    version.submitted_at = clock.now()
    version.save(update_fields=["status", "submitted_at"])
    record("policy.submitted", on=[version, version.policy], by=by, data={"number": version.number})
    return version


@transaction.atomic
def publish_version(version: PolicyVersion, *, reason: str, by: User) -> PolicyVersion:
    """Approve a version in review and put it in force at once; the one before is retired. Raises Refused."""
    version = _locked(version)
    if refusal := rules.refusal_to_publish(version, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    now = clock.now()
    for before in version.policy.versions.published():
        before.status = Status.RETIRED
        before.retired_at = now
        before.save(update_fields=["status", "retired_at"])
    version.status = Status.PUBLISHED
    version.approved_by = by
    version.published_at = now
    version.save(update_fields=["status", "approved_by", "published_at"])
    _map_new_clauses(version)
    gaps = PolicyGap.objects.drafting().filter(clause__policy=version.policy)
    covered = list(gaps)
    gaps.update(status=PolicyGap.Status.COVERED, published_at=now)
    record(
        "policy.published",
        on=[version, version.policy, *covered],
        by=by,
        reason=reason,
        data={"number": version.number},
    )
    return version


@transaction.atomic
def send_back(version: PolicyVersion, *, reason: str, by: User) -> PolicyVersion:
    """Ask the author of a version in review for changes; it is a draft again. Raises Refused."""
    version = _locked(version)
    if refusal := rules.refusal_to_send_back(version, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    version.status = Status.DRAFT
    version.submitted_at = None
    version.save(update_fields=["status", "submitted_at"])
    record("policy.sent_back", on=[version, version.policy], by=by, reason=reason, data={"number": version.number})
    return version


@transaction.atomic
def discard_draft(version: PolicyVersion, *, by: User) -> None:
    """Throw a draft away; the gaps that it was to close are open again. Raises Refused."""
    version = _locked(version)
    if reason := rules.refusal_to_discard(version, by):
        raise Refused(reason)

    PolicyGap.objects.drafting().filter(clause__policy=version.policy).update(
        status=PolicyGap.Status.OPEN, clause=None, drafted_at=None
    )
    record("policy.discarded", on=[version, version.policy], by=by, data={"number": version.number})
    version.clauses.all().delete()
    version.delete()
    _forget_what_never_was(version.policy)


def _forget_what_never_was(policy: Policy) -> None:
    """Delete the clauses that no version has, and the policy when it has none: a draft alone had brought them."""
    policy.clauses.filter(versions__isnull=True, gaps__isnull=True, mappings__isnull=True).delete()
    if not policy.versions.exists() and not policy.clauses.exists():
        policy.delete()


def _open_draft(policy: Policy, by: User) -> PolicyVersion:
    """Copy the newest version, in force or retired, into a draft."""
    newest = policy.versions.order_by("-number")[0]
    texts = list(newest.clauses.all())
    draft = PolicyVersion.objects.create(
        policy=policy,
        number=newest.number + 1,
        title=newest.title,
        summary=newest.summary,
        created_by=by,
        created_at=clock.now(),
    )
    for text in texts:
        text.pk = None
        text.version = draft
    ClauseVersion.objects.bulk_create(texts)
    return draft


def _take_up(gap: PolicyGap, clause: Clause) -> PolicyGap:
    gap = PolicyGap.objects.select_for_update().get(pk=gap.pk)
    if gap.status == PolicyGap.Status.DRAFTING and gap.clause_id == clause.pk:
        return gap
    if reason := rules.refusal_to_take_up(gap):
        raise Refused(reason)
    gap.status = PolicyGap.Status.DRAFTING
    gap.clause = clause
    gap.drafted_at = clock.now()
    gap.save(update_fields=["status", "clause", "drafted_at"])
    return gap


def _locked(version: PolicyVersion) -> PolicyVersion:
    """Lock the policy, then read its version: drafts and publications of one policy take turns. Raises Refused."""
    Policy.objects.select_for_update().get(pk=version.policy_id)
    found = PolicyVersion.objects.select_related("policy", "created_by").filter(pk=version.pk).first()
    if found is None:
        raise Refused(_("This draft was discarded."))
    return found


# ── Gaps ─────────────────────────────────────────────────


@transaction.atomic
def join_gap(title: str, *, items: int = 1, by: User | None) -> PolicyGap:
    """Count ``items`` more in the open gap called ``title`` (cut to 200 characters), opening it if there is none.

    One statement, so that two reviewers at once make one gap. Must be called inside the decision's transaction.
    """
    title = " ".join(title.split())[:LONGEST_TITLE] or languages.stored(gettext_lazy("Not named"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into policies_policygap (title, status, items, opened_at, last_seen_at)
            values (%(title)s, 'open', %(items)s, %(now)s, %(now)s)
            on conflict (title) where status in ('open', 'drafting')
            do update set items = policies_policygap.items + excluded.items,
                last_seen_at = greatest(policies_policygap.last_seen_at, excluded.last_seen_at)
            returning id
            """,
            {"title": title, "items": items, "now": clock.now()},
        )
        gap = PolicyGap.objects.get(pk=cursor.fetchone()[0])
    record("policy_gap.opened" if gap.items == items else "policy_gap.joined", on=[gap], by=by)
    return gap


@transaction.atomic
def leave_gap(gap: PolicyGap, *, by: User | None) -> PolicyGap:
    """Take one item out of a gap, because the decision that put it there was taken back. The gap stays."""
    gap = PolicyGap.objects.select_for_update().get(pk=gap.pk)
    gap.items = max(gap.items - 1, 0)
    gap.save(update_fields=["items"])
    record("policy_gap.left", on=[gap], by=by)
    return gap


@transaction.atomic
def close_gap(gap: PolicyGap, *, reason: str, by: User) -> PolicyGap:
    """Close an open gap: what it holds is no violation. Raises Refused."""
    gap = PolicyGap.objects.select_for_update().get(pk=gap.pk)
    if refusal := rules.refusal_to_close_gap(gap, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    gap.status = PolicyGap.Status.NOT_A_VIOLATION
    gap.save(update_fields=["status"])
    record("policy_gap.closed", on=[gap], by=by, reason=reason)
    return gap


@transaction.atomic
def note_first_enforcement(clause: Clause, *, by: User | None) -> list[PolicyGap]:
    """Stop the clock of the gaps that ``clause`` closed: enforcement rests on it for the first time. Usually none."""
    gaps = list(
        PolicyGap.objects.select_for_update().filter(
            clause=clause, status=PolicyGap.Status.COVERED, first_enforced_at__isnull=True
        )
    )
    for gap in gaps:
        gap.first_enforced_at = clock.now()
        gap.save(update_fields=["first_enforced_at"])
        record("policy_gap.enforced", on=[gap, clause], by=by)
    return gaps
