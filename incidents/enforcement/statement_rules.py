from __future__ import annotations

from django.utils.translation import gettext as _

from incidents.enforcement import statements
from policies.models import PolicyVersion
from trust.accounts.models import User
from trust.permissions import Permission


def refusal_to_write_template(version: PolicyVersion, text: str, by: User) -> str | None:
    if not by.may(Permission.DRAFT_POLICY):
        return _("Only policy editors say how actors are told.")
    if version.status != PolicyVersion.Status.PUBLISHED:
        return _("This version is not in force any more; open the policy again.")
    return statements.refusal_of_template(text)


def refusal_of_base(newest: int, based_on: int) -> str | None:
    if newest != based_on:
        return _("Somebody else saved it in the meantime. Copy your text, open the page again, and put both together.")
    return None
