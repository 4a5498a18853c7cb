"""Every write to guidelines and gaps: install the pack, draft, submit, publish, send back; join a gap, close it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _, gettext_lazy

from policies import rules
from policies.models import Clause, ClauseVersion, Mapping, Policy, PolicyGap, PolicyVersion
from policies.pack import PackClause, PackPolicy
from trust import clock, languages
from trust.accounts.models import Clearance, User
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
def install_pack(policies: Sequence[PackPolicy]) -> list[PolicyVersion]:
    """Publish version 1 of every policy of the pack, as the system. Raises Refused when any policy exists already."""
    if Policy.objects.exists():
        raise Refused(_("There are policies already; the default pack is only for an empty installation."))

    versions = [_install(policy, position) for position, policy in enumerate(policies, start=1)]
    for version in versions:
        version.status = Status.PUBLISHED
        version.published_at = clock.now()
    PolicyVersion.objects.bulk_update(versions, ["status", "published_at"])
    record("policy.pack_installed", on=[version.policy for version in versions], by=None)
    return versions


def _install(packed: PackPolicy, position: int) -> PolicyVersion:
    policy = Policy.objects.create(
        key=packed.key,
        position=position,
        restricted_category=Clearance.CHILD_SAFETY if packed.restricted else "",
    )
    version = PolicyVersion.objects.create(
        policy=policy,
        number=1,
        title=packed.title,
        summary=packed.summary,
        change_note="The default pack.",
        created_at=clock.now(),
    )
    clauses = Clause.objects.bulk_create(Clause(policy=policy, key=clause.key) for clause in packed.clauses)
    ClauseVersion.objects.bulk_create(
        _text_of(clause, ClauseVersion(version=version, clause=row, position=place))
        for place, (row, clause) in enumerate(zip(clauses, packed.clauses, strict=True), start=1)
    )
    Mapping.objects.bulk_create(
        Mapping(clause=row, taxonomy=taxonomy.name, taxonomy_version=taxonomy.version, category=category)
        for row, clause in zip(clauses, packed.clauses, strict=True)
        for taxonomy, category in clause.outside_categories()
    )
    return version


def _text_of(packed: PackClause, text: ClauseVersion) -> ClauseVersion:
    text.title = packed.title
    text.definition = packed.definition
    text.public_text = packed.public_text
    text.violates = [{"text": case.example, "reason": case.reason} for case in packed.violates]
    text.does_not_violate = [{"text": case.example, "reason": case.reason} for case in packed.does_not_violate]
    text.ladder = [packed.severity[level] for level in sorted(packed.severity)]
    text.usual_severity = packed.usual_severity
    text.recommended = {str(level): step for level, step in sorted(packed.recommended.items())}
    text.is_anticipated = packed.anticipated
    text.unmapped_reason = packed.unmapped_reason
    return text


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
    draft.clauses.filter(clause=clause).update(**asdict(wording))
    subjects = [draft, policy, clause]
    if gap is not None:
        subjects.append(_take_up(gap, clause))
    record("policy.drafted", on=subjects, by=by, data={"number": draft.number})
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
def join_gap(title: str, *, by: User | None) -> PolicyGap:
    """Count one more item in the open gap called ``title`` (cut to 200 characters), opening it if there is none.

    One statement, so that two reviewers at once make one gap. Must be called inside the decision's transaction.
    """
    title = " ".join(title.split())[:LONGEST_TITLE] or languages.stored(gettext_lazy("Not named"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into policies_policygap (title, status, items, opened_at, last_seen_at)
            values (%(title)s, 'open', 1, %(now)s, %(now)s)
            on conflict (title) where status in ('open', 'drafting')
            do update set items = policies_policygap.items + 1,
                last_seen_at = greatest(policies_policygap.last_seen_at, excluded.last_seen_at)
            returning id
            """,
            {"title": title, "now": clock.now()},
        )
        gap = PolicyGap.objects.get(pk=cursor.fetchone()[0])
    record("policy_gap.opened" if gap.items == 1 else "policy_gap.joined", on=[gap], by=by)
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
