"""Who may appeal what, who judges an appeal, and what a judgement must say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from incidents.appeals.models import Appeal, AppealJudgement
from incidents.enforcement.models import EnforcementAction
from trust.accounts.models import User
from trust.audit import context
from trust.hostile import is_blank
from trust.permissions import Permission

LONGEST_TEXT: Final = 5000
LONGEST_REASON: Final = 2000
APPEALABLE: Final = (*EnforcementAction.RUNNING, EnforcementAction.Status.EXPIRED)

Outcome = AppealJudgement.Outcome


@dataclass(frozen=True)
class Ruling:
    """A judgement as it is asked for. ``items`` whose findings fall, and ``lifts``, mean something only in part."""

    outcome: str
    reason: str
    statement: str
    items: Collection[int] = ()
    lifts: bool = False


@dataclass(frozen=True)
class Scope:
    """What could fall: the items of the findings that the action rests on, and the action, where it still runs."""

    items: frozenset[int]
    is_running: bool


def refusal_of_text(text: str) -> str | None:
    if is_blank(text):
        return _("Say why the decision is wrong.")
    if len(text) > LONGEST_TEXT:
        return _("The text is longer than %(most)s characters.") % {"most": LONGEST_TEXT}
    if "\0" in text:
        return _("The text holds a NUL character.")
    return None


def refusal_to_receive(enforcement: EnforcementAction, open_one: Appeal | None) -> str | None:
    if enforcement.status == EnforcementAction.Status.REVERSED:
        return _("This action was reversed already.")
    if enforcement.status not in APPEALABLE:
        return _("This action is not in force; there is nothing to appeal.")
    if open_one is not None:
        return _("An appeal against this action is open: %(reference)s.") % {"reference": open_one.reference}
    return None


def refusal_to_judge(appeal: Appeal, by: User, *, took_part: bool) -> str | None:
    """Say why ``by`` may not judge ``appeal``. ``took_part`` is what ``queries.took_part`` says of the two."""
    if context.via_key():
        return _("An appeal is judged by a person, never by an API key.")
    if not by.may(Permission.JUDGE_APPEALS):
        return _("Only a lead judges appeals.")
    if appeal.status != Appeal.Status.OPEN:
        return _("This appeal was judged already.")
    if took_part:
        return _("You took part in what is appealed. Someone who did not has to judge it.")
    return None


def errors_in(ruling: Ruling, scope: Scope) -> dict[str, list[str]]:
    """Return what does not fit, as sentences by the name of the field."""
    errors = {
        name: [problem]
        for name, text in (("reason", ruling.reason), ("statement", ruling.statement))
        if (problem := _problem_of(text))
    }
    if ruling.outcome not in Outcome.values:
        errors["outcome"] = [_("Choose one.")]
    elif ruling.outcome == Outcome.PARTLY and (problem := _problem_of_part(ruling, scope)):
        errors["items"] = [problem]
    return errors


def _problem_of(text: str) -> str | None:
    if is_blank(text):
        return _("This is needed.")
    if len(text) > LONGEST_REASON:
        return _("Longer than %(most)s characters.") % {"most": LONGEST_REASON}
    return _("Holds a NUL character.") if "\0" in text else None


def _problem_of_part(ruling: Ruling, scope: Scope) -> str | None:
    falling = frozenset(ruling.items)
    if not falling <= scope.items:
        return _("The action does not rest on all of these findings.")
    lifts = ruling.lifts and scope.is_running
    if not falling and not lifts:
        return _("Choose what falls: a finding, or the action.")
    if falling == scope.items and lifts == scope.is_running:
        return _("Nothing would be left standing: choose “Overturned”.")
    return None
