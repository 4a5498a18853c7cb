from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.utils.translation import gettext as _

from trust import languages
from trust.accounts.models import LONGEST_CLEARANCE, ApiKey, Clearance, User
from trust.permissions import PERMISSION_BEHIND, Permission, Role, Scope

LONGEST_NAME: Final = {"person": 200, "key": 100, "source": 60, "email": 200}
LONGEST_KEY_DAYS: Final = 3650
HIGHEST_LIMIT: Final = 1_000_000_000


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


def refusal_to_end_account(person: User, by: User | None) -> str | None:
    if reason := refusal_to_manage_people(by):
        return reason
    if by is not None and by.pk == person.pk:
        return _("Nobody ends their own account; ask another admin.")
    if not person.is_active:
        return _("This account is ended already.")
    return None


def refusal_to_reopen_account(person: User, by: User | None) -> str | None:
    if reason := refusal_to_manage_people(by):
        return reason
    if person.is_active:
        return _("This account is open.")
    return None


def refusal_to_make_link(person: User, by: User | None) -> str | None:
    if reason := refusal_to_manage_people(by):
        return reason
    if not person.is_active:
        return _("This account is ended; open it again first.")
    return None


def refusal_to_grant_clearance(person: User, category: str, days: int, by: User) -> str | None:
    if reason := refusal_to_manage_people(by):
        return reason
    if person.pk == by.pk:
        return _("Nobody grants a clearance to themselves.")
    if category not in dict(Clearance.CATEGORIES):
        return _("There is no such restricted category.")
    if not 1 <= days <= LONGEST_CLEARANCE.days:
        return _("A clearance lasts from 1 to %(most)s days.") % {"most": LONGEST_CLEARANCE.days}
    if not person.may(Permission.VIEW_CONTENT):
        return _("%(person)s may not view content at all; a clearance would open nothing.") % {"person": person}
    return None


def refusal_to_approve_clearance(clearance: Clearance, now: datetime, by: User) -> str | None:
    if reason := refusal_to_manage_people(by):
        return reason
    if clearance.granted_by_id == by.pk:
        return _("Someone other than who granted it must approve this.")
    if clearance.person_id == by.pk:
        return _("Nobody approves their own clearance.")
    if clearance.approved_at is not None:
        return _("This is approved already.")
    if clearance.revoked_at is not None or clearance.expires_at <= now:
        return _("This clearance has ended; grant a new one.")
    return None


def refusal_to_approve_key(key: ApiKey, by: User) -> str | None:
    if not by.may(Permission.MANAGE_KEYS):
        return _("Only an admin may change API keys.")
    if not key.waits_for_approval():
        return _("This key does not wait for an approval.")
    if key.created_by_id == by.pk:
        return _("Someone other than who made it must approve this.")
    if key.owner_id == by.pk:
        return _("Nobody approves a key that acts as themselves.")
    return None


def refusal_of_time_zone(name: str) -> str | None:
    if name and name not in available_timezones():
        return _("There is no such time zone.")
    return None


def refusal_of_language(language: str) -> str | None:
    if language and language not in languages.NAMES:
        return _("There is no such language here.")
    return None


def refusal_of_person(email: str, name: str) -> str | None:
    try:
        validate_email(email)
    except ValidationError:
        return _("%(email)s is not an e-mail address.") % {"email": ascii(email).strip("'")}
    if len(email) > LONGEST_NAME["email"]:
        return _("The e-mail address is longer than %(most)s characters.") % {"most": LONGEST_NAME["email"]}
    if not name or len(name) > LONGEST_NAME["person"] or not name.isprintable():
        return _("The name must have 1 to %(most)s printable characters.") % {"most": LONGEST_NAME["person"]}
    return None


def refusal_of_key_options(name: str, options: dict[str, Any]) -> str | None:
    """Say what is wrong with the name, source, expiry (days) or limits (per minute) of a new key."""
    if not name.strip() or len(name) > LONGEST_NAME["key"] or not name.isprintable():
        return _("The name of a key must have 1 to %(most)s printable characters.") % {"most": LONGEST_NAME["key"]}
    if (source := options.get("source")) and not _is_slug(source):
        return _("A source may have letters, digits, - and _ only, at most %(most)s.") % {
            "most": LONGEST_NAME["source"]
        }
    days = options.get("expires_days")
    if days is not None and not 1 <= days <= LONGEST_KEY_DAYS:
        return _("A key may expire after 1 to %(most)s days.") % {"most": LONGEST_KEY_DAYS}
    limits = (options.get("requests_per_minute", 0), options.get("alerts_per_minute", 0))
    if any(not 0 <= limit <= HIGHEST_LIMIT for limit in limits):
        return _("A limit per minute must be from 0 (no limit) to %(most)s.") % {"most": HIGHEST_LIMIT}
    return None


def _is_slug(text: str) -> bool:
    try:
        validate_slug(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_NAME["source"]
