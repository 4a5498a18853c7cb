from collections.abc import Sequence

from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.permissions import PERMISSION_BEHIND, Permission, Role, Scope


def refusal_to_manage_people(by: User | None) -> str | None:
    """``by`` None is the operator at the command line."""
    if by is not None and not by.may(Permission.MANAGE_PEOPLE):
        return _("Only an admin may change people and their roles.")
    return None


def refusal_to_change_roles(person: User, by: User | None) -> str | None:
    if reason := refusal_to_manage_people(by):
        return reason
    if by is not None and by.pk == person.pk:
        return _("Nobody changes their own roles; ask another admin.")
    return None


def refusal_of_roles(roles: Sequence[str]) -> str | None:
    unknown = [role for role in roles if role not in Role.values]
    if unknown:
        return _("There is no role %(role)s; the roles are %(roles)s.") % {
            "role": unknown[0],
            "roles": ", ".join(Role.values),
        }
    if not roles:
        return _("Give at least one role.")
    return None


def refusal_to_create_key(scopes: Sequence[str], owner: User, by: User | None) -> str | None:
    if by is not None and not by.may(Permission.MANAGE_KEYS):
        return _("Only an admin may make API keys.")
    unknown = [scope for scope in scopes if scope not in Scope.values]
    if unknown:
        return _("There is no scope %(scope)s; the scopes are %(scopes)s.") % {
            "scope": unknown[0],
            "scopes": ", ".join(Scope.values),
        }
    if not scopes:
        return _("Give the key at least one scope.")
    if not owner.is_active:
        return _("%(owner)s is no longer active; name another owner.") % {"owner": owner}
    for scope in scopes:
        behind = PERMISSION_BEHIND[Scope(scope)]
        if behind and not owner.may(behind):
            return _("A key acts as its owner, and %(owner)s may not use the scope %(scope)s; name another owner.") % {
                "owner": owner,
                "scope": scope,
            }
    return None


def refusal_to_manage_keys(by: User | None) -> str | None:
    if by is not None and not by.may(Permission.MANAGE_KEYS):
        return _("Only an admin may change API keys.")
    return None
