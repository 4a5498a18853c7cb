"""Who may draft, submit, publish and send back a policy version, and in which state."""

from django.utils.translation import gettext as _

from policies.files.documents import PolicyDocument
from policies.models import Clause, Policy, PolicyGap, PolicyVersion
from trust import languages
from trust.accounts.models import User
from trust.permissions import Permission

Status = PolicyVersion.Status


def refusal_to_draft(draft: PolicyVersion | None, by: User) -> str | None:
    """``draft`` is the version of the policy that is not published yet, if there is one."""
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may change a clause.")
    if draft is None:
        return None
    if draft.status == Status.IN_REVIEW:
        return _("Version %(number)s waits for approval; change the clause when that is decided.") % {
            "number": draft.number
        }
    if draft.created_by_id != by.pk:
        return _("%(author)s is drafting version %(number)s; ask them to submit or to discard it.") % {
            "author": draft.created_by or _("The system"),
            "number": draft.number,
        }
    return None


def refusal_of_document(
    document: PolicyDocument, policy: Policy, newest: PolicyVersion | None, draft: PolicyVersion | None
) -> str | None:
    """Say why files may not become the next version. ``newest`` is the last published, ``draft`` what comes after."""
    known = [version.number for version in (newest, draft) if version]
    if known and document.version not in known:
        told = _(
            "The files were written from version %(version)s, the newest is %(newest)s. Export it, bring your changes "
            "over, and import again; or set “version: %(newest)s” to replace it as it is."
        )
        return document.at("version", told % {"version": document.version, "newest": known[0]})
    if document.restricted_category != policy.restricted_category:
        told = _("Who may see content under a policy is not changed by files; here it is “%(category)s”.")
        return document.at("restricted_category", told % {"category": policy.restricted_category})
    kept = {clause.key for clause in document.text.clauses}
    for gap in PolicyGap.objects.drafting().filter(clause__policy=policy).exclude(clause__key__in=kept):
        told = _("The files leave out “%(clause)s”, which is to close the gap “%(gap)s”.")
        return document.at("clauses", told % {"clause": gap.clause, "gap": gap.title})
    for clause in Clause.objects.filter(key__in=kept).exclude(policy=policy):
        told = _("The clause “%(clause)s” belongs to another policy.")
        return document.at("clauses", told % {"clause": clause.key})
    return None


def refusal_of_note(document: PolicyDocument, newest: PolicyVersion | None) -> str | None:
    if newest and document.change_note == newest.change_note:
        told = _("This is still the note of version %(number)s; say why the text changes, here or with --note.")
        return document.at("change_note", told % {"number": newest.number})
    return None


def refusal_to_submit(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may ask for review.")
    if version.created_by_id != by.pk:
        return _("Only the author may ask for review of this draft.")
    if version.status != Status.DRAFT:
        return _already(version)
    return None


def refusal_to_discard(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may discard a draft.")
    if version.status != Status.DRAFT:
        return _already(version)
    return None


def refusal_to_publish(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.APPROVE_POLICY):
        return _("Only a policy approver may publish a version.")
    if version.created_by_id == by.pk:
        return _("Someone other than the author must publish this version.")
    if version.status == Status.DRAFT:
        return _("This is still a draft; its author must ask for review first.")
    if version.status != Status.IN_REVIEW:
        return _already(version)
    return None


def refusal_to_send_back(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.APPROVE_POLICY):
        return _("Only a policy approver may ask for changes.")
    if version.status != Status.IN_REVIEW:
        return _already(version)
    return None


def refusal_of_reason(reason: str) -> str | None:
    if not reason.strip():
        return _("Give your reason: it is kept with the version.")
    return None


def refusal_to_close_gap(gap: PolicyGap, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may close a gap.")
    return refusal_to_take_up(gap)


def refusal_to_take_up(gap: PolicyGap) -> str | None:
    if gap.status != PolicyGap.Status.OPEN:
        return _("The gap “%(title)s” is already %(status)s.") % {
            "title": gap.title,
            "status": languages.within(gap.get_status_display()),
        }
    return None


def _already(version: PolicyVersion) -> str:
    return _("Version %(number)s is already %(status)s.") % {
        "number": version.number,
        "status": languages.noun_within(version.get_status_display()),
    }
