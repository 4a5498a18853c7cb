"""Who may draft, submit, publish and send back a policy version, and in which state."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from policies.files.documents import PolicyDocument
from policies.models import Clause, ClauseVersion, Policy, PolicyGap, PolicyVersion, Retirement
from policies.queries import Category
from policies.texts import MOST_OUTSIDE
from trust import languages
from trust.accounts.models import User
from trust.permissions import Permission

Status = PolicyVersion.Status
CLAUSE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
LONGEST_KEY: Final = 80
LONGEST_TAXONOMY: Final = 60
LONGEST_CATEGORY: Final = 120
FURTHEST: Final = timedelta(days=366)


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
    return None


def refusal_to_replace(draft: PolicyVersion | None, by: User, *, writers: Iterable[User]) -> str | None:
    """Files say the whole of a draft: they replace one's own, and no word of anybody else. ``writers`` wrote in it."""
    if draft is None:
        return None
    for author in (draft.created_by, *writers):
        if author != by:
            return _("%(author)s is drafting version %(number)s; ask them to submit or to discard it.") % {
                "author": author or _("The system"),
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


def refusal_to_submit(version: PolicyVersion, by: User, *, writers: Collection[int]) -> str | None:
    """``writers`` are the ids of all who wrote in the version."""
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may ask for review.")
    if by.pk not in {version.created_by_id, *writers}:
        return _("Only someone who wrote in this draft may ask for its review.")
    if version.status != Status.DRAFT:
        return _already(version)
    return None


def refusal_to_discard(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may discard a draft.")
    if version.status != Status.DRAFT:
        return _already(version)
    return None


def refusal_to_publish(version: PolicyVersion, by: User, *, writers: Collection[int]) -> str | None:
    """``writers`` are the ids of all who wrote in the version."""
    if not by.may(Permission.APPROVE_POLICY):
        return _("Only a policy approver may publish a version.")
    if by.pk in {version.created_by_id, *writers}:
        return _("Someone other than the author must publish this version.")
    if version.status == Status.DRAFT:
        return _("This is still a draft; its author must ask for review first.")
    if version.status != Status.IN_REVIEW:
        return _already(version)
    if version.takes_effect_at:
        return _("Version %(number)s is approved and takes effect by itself; cancel that first.") % {
            "number": version.number
        }
    return None


def refusal_of_moment(moment: datetime, now: datetime) -> str | None:
    """``moment`` is when an approved version is to take effect."""
    if moment <= now:
        return _("That moment is past; publish now, or give one to come.")
    if moment > now + FURTHEST:
        return _("Give a moment within a year.")
    return None


def refusal_to_cancel(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.APPROVE_POLICY):
        return _("Only a policy approver may cancel a publication.")
    if version.status != Status.IN_REVIEW:
        return _already(version)
    if not version.takes_effect_at:
        return _("Version %(number)s waits for no moment.") % {"number": version.number}
    return None


def refusal_of_empty_clauses(texts: Iterable[ClauseVersion]) -> str | None:
    """A clause that was added and not written yet keeps its draft from review."""
    for text in texts:
        if not all(part.strip() for part in (text.title, text.definition, text.public_text, *text.ladder)):
            return _("The clause “%(title)s” is not written yet; complete it or remove it.") % {"title": text.title}
    return None


def refusal_of_key(key: str, policy: Policy, *, is_taken: bool) -> str | None:
    """``is_taken`` says whether another policy, or the draft itself, has a clause of that key."""
    start, _dot, name = key.partition(".")
    if len(key) > LONGEST_KEY or start != policy.key or not CLAUSE_NAME.fullmatch(name):
        return _("Write “%(policy)s.” and a name of small letters, digits and underscores.") % {"policy": policy.key}
    if is_taken:
        return _("There is a clause of this key already.")
    return None


def refusal_to_remove(*, left: int) -> str | None:
    if left < 1:
        return _("A policy keeps one clause at least.")
    return None


def refusal_to_propose_retirement(version: PolicyVersion, waiting: Retirement | None, by: User) -> str | None:
    """``waiting`` is the proposal to retire this version that nobody decided yet, if there is one."""
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may propose to retire a policy.")
    if version.status != Status.PUBLISHED:
        return _("Version %(number)s is not in force; there is nothing to retire.") % {"number": version.number}
    if waiting:
        return _("It is proposed already to retire version %(number)s.") % {"number": version.number}
    return None


def refusal_to_approve_retirement(retirement: Retirement, version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.APPROVE_POLICY):
        return _("Only a policy approver may retire a policy.")
    if retirement.proposed_by_id == by.pk:
        return _("Someone other than who proposed it must retire this policy.")
    if retirement.status != Retirement.Status.PROPOSED:
        return _("This proposal is already decided.")
    if version.status != Status.PUBLISHED:
        return _("Version %(number)s is not in force; there is nothing to retire.") % {"number": version.number}
    return None


def refusal_to_decline_retirement(retirement: Retirement, by: User) -> str | None:
    if not by.may(Permission.APPROVE_POLICY) and retirement.proposed_by_id != by.pk:
        return _("Only a policy approver, or who proposed it, may decline this.")
    if retirement.status != Retirement.Status.PROPOSED:
        return _("This proposal is already decided.")
    return None


def refusal_to_acknowledge(version: PolicyVersion, by: User) -> str | None:
    if not by.may(Permission.ACKNOWLEDGE_POLICIES):
        return _("Only who reviews says that a policy is read and understood.")
    if version.status != Status.PUBLISHED:
        return _("Version %(number)s is not in force; read the one that is.") % {"number": version.number}
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


def refusal_to_map(category: Category, clause: Clause, by: User) -> str | None:
    if reason := _refusal_of_mappings(clause, by):
        return reason
    if not category.taxonomy or not category.name.strip():
        return _("Name the taxonomy and the category.")
    if max(len(category.taxonomy), len(category.taxonomy_version)) > LONGEST_TAXONOMY:
        return _("The taxonomy has too long a name.")
    if len(category.name) > LONGEST_CATEGORY:
        return _("The category has too long a name.")
    return None


def refusal_of_outside(names: list[list[str]] | None, *, is_new: bool) -> str | None:
    """Say why a draft of a clause may not bring these outside names; None are none of its matter."""
    if names is None:
        return None
    if not is_new:
        return _("What stands for a clause that was published is said on the pages of outside taxonomies.")
    if len(names) > MOST_OUTSIDE:
        return _("There are more than %(most)s outside names.") % {"most": MOST_OUTSIDE}
    if len({tuple(row) for row in names}) < len(names):
        return _("This category stands here twice.")
    for name in names:
        if not all(name):
            return _("Name the taxonomy, its version and the category.")
    return None


def refusal_to_unmap(clause: Clause, by: User) -> str | None:
    if reason := _refusal_of_mappings(clause, by):
        return reason
    if clause.policy.restricted_category:
        return _(
            "What stands for a restricted policy is not taken from it here: content would be shown to more people."
        )
    return None


def _refusal_of_mappings(clause: Clause, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may say which category stands for a clause.")
    return None


def refusal_to_close_gap(gap: PolicyGap, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may close a gap.")
    return refusal_to_take_up(gap)


def refusal_to_own_gap(gap: PolicyGap, owner: User | None, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may say who answers a gap.")
    if gap.status == PolicyGap.Status.NOT_A_VIOLATION:
        return refusal_to_take_up(gap)
    if owner is not None and not (owner.is_active and owner.may(Permission.DRAFT_POLICY)):
        return _("%(owner)s is not a policy editor, and could not draft the clause.") % {"owner": owner}
    return None


def refusal_to_reopen_gap(gap: PolicyGap, by: User, *, has_open_namesake: bool) -> str | None:
    """``has_open_namesake`` says whether another gap of this name is open or being drafted."""
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only a policy editor may open a gap again.")
    if gap.status in {PolicyGap.Status.OPEN, PolicyGap.Status.DRAFTING}:
        return refusal_to_take_up(gap) or _("The gap “%(title)s” is open.") % {"title": gap.title}
    if has_open_namesake:
        return _("There is an open gap “%(title)s”; what is found now is counted there.") % {"title": gap.title}
    return None


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
