"""Every write to people, clearances and API keys."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trust import clock, key_names, keymap
from trust.accounts import keys, links, rules
from trust.accounts.models import ApiKey, Clearance, User
from trust.audit.operations import record
from trust.permissions import Scope
from trust.refusals import Refused

LONGEST_CONTENT_KEY_DAYS = 90


@transaction.atomic
def create_person(email: str, *, name: str, roles: Sequence[str], password: str = "", by: User | None) -> User:
    """Make a member of staff. Without ``password`` they set one by a one-time link. Raises Refused."""
    email, name = email.strip().lower(), name.strip()
    if reason := (
        rules.refusal_to_manage_people(by) or rules.refusal_of_roles(roles) or rules.refusal_of_person(email, name)
    ):
        raise Refused(reason)
    person = User(email=email, name=name, roles=sorted(set(roles)))
    person.set_password(password or None)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        sentence = _("There is already a person with this e-mail address.")
        raise Refused(sentence, errors={"email": [sentence]}) from error
    record("person.created", on=[person], by=by, data={"roles": person.roles})
    return person


@transaction.atomic
def change_roles(person: User, *, roles: Sequence[str], by: User | None) -> User:
    """Give ``person`` exactly ``roles``. Raises Refused."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := rules.refusal_to_change_roles(person, by) or rules.refusal_of_roles(roles):
        raise Refused(reason)

    before, person.roles = person.roles, sorted(set(roles))
    person.save(update_fields=["roles"])
    record("person.roles_changed", on=[person], by=by, data={"before": before, "after": person.roles})
    return person


@transaction.atomic
def end_account(person: User, *, by: User | None) -> User:
    """Let ``person`` in no more: sessions, keys, password and open links end at once. Raises Refused."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := rules.refusal_to_end_account(person, by):
        raise Refused(reason)

    person.is_active = False
    person.set_unusable_password()  # also ends every session, for good: their hash is made of it
    person.save(update_fields=["is_active", "password"])
    record("person.deactivated", on=[person], by=by)
    return person


@transaction.atomic
def reopen_account(person: User, *, by: User | None) -> User:
    """Let ``person`` come back; they set a new password by a one-time link. Raises Refused."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := rules.refusal_to_reopen_account(person, by):
        raise Refused(reason)

    person.is_active = True
    person.save(update_fields=["is_active"])
    record("person.reactivated", on=[person], by=by)
    return person


@transaction.atomic
def make_link(person: User, *, by: User | None) -> str:
    """Return a new one-time link by which ``person`` sets a password. Raises Refused."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := rules.refusal_to_make_link(person, by):
        raise Refused(reason)

    record("person.link_made", on=[person], by=by)
    return links.one_time_link(person)


@transaction.atomic
def set_time_zone(person: User, *, time_zone: str) -> User:
    """Show ``person`` times in ``time_zone``; "" is UTC. Raises Refused."""
    if reason := rules.refusal_of_time_zone(time_zone):
        raise Refused(reason)

    person.time_zone = time_zone
    person.save(update_fields=["time_zone"])
    record("person.edited", on=[person], by=person, data={"time_zone": time_zone})
    return person


@transaction.atomic
def set_language(person: User, *, language: str) -> User:
    """Answer ``person`` in ``language``; "" is what their browser asks for. Raises Refused."""
    if reason := rules.refusal_of_language(language):
        raise Refused(reason)

    person.language = language
    person.save(update_fields=["language"])
    record("person.edited", on=[person], by=person, data={"language": language})
    return person


@transaction.atomic
def set_keys(person: User, *, own_keys: dict[str, str]) -> User:
    """Let ``person`` press other keys than the usual ones. Raises Refused, with errors by action."""
    if errors := keymap.errors_in(own_keys, key_names.ALL):
        sentences = {action: [sentence] for action, sentence in errors.items()}
        raise Refused(next(iter(errors.values())), code="invalid", status=422, errors=sentences)

    person.own_keys = own_keys
    person.save(update_fields=["own_keys"])
    record("person.edited", on=[person], by=person, data={"keys": sorted(own_keys)})
    return person


# ── Clearances ───────────────────────────────────────────


@transaction.atomic
def grant_clearance(person: User, *, category: str, days: int, by: User) -> Clearance:
    """Propose to let ``person`` see a restricted category; it opens once another admin approves. Raises Refused."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if reason := rules.refusal_to_grant_clearance(person, category, days, by):
        raise Refused(reason)

    now = clock.now()
    clearance = Clearance.objects.create(
        person=person, category=category, granted_by=by, granted_at=now, expires_at=now + timedelta(days=days)
    )
    record("clearance.granted", on=[clearance, person], by=by, data={"category": category, "days": days})
    return clearance


@transaction.atomic
def approve_clearance(clearance: Clearance, *, by: User) -> Clearance:
    """Put a granted clearance in force, as the second admin. Raises Refused."""
    clearance = Clearance.objects.select_for_update(of=["self"]).select_related("person").get(pk=clearance.pk)
    if reason := rules.refusal_to_approve_clearance(clearance, clock.now(), by):
        raise Refused(reason)

    clearance.approved_by, clearance.approved_at = by, clock.now()
    clearance.save(update_fields=["approved_by", "approved_at"])
    record("clearance.approved", on=[clearance, clearance.person], by=by)
    return clearance


@transaction.atomic
def revoke_clearance(clearance: Clearance, *, by: User) -> Clearance:
    """End a clearance at once, approved or not. Raises Refused."""
    clearance = Clearance.objects.select_for_update(of=["self"]).select_related("person").get(pk=clearance.pk)
    if reason := rules.refusal_to_manage_people(by):
        raise Refused(reason)

    if clearance.revoked_at is None:
        clearance.revoked_at = clock.now()
        clearance.save(update_fields=["revoked_at"])
        record("clearance.revoked", on=[clearance, clearance.person], by=by)
    return clearance


# ── API keys ─────────────────────────────────────────────


@transaction.atomic
def create_api_key(
    name: str,
    *,
    scopes: Sequence[str],
    owner: User,
    by: User | None,
    **options: Any,
) -> tuple[ApiKey, str]:
    """Make a key; return it with its text, which is never shown again. Raises Refused.

    Options: ``source`` (slug; default the name's), ``expires_days``, ``requests_per_minute``, ``alerts_per_minute``.
    """
    if reason := rules.refusal_to_create_key(scopes, owner, by) or rules.refusal_of_key_options(name, options):
        raise Refused(reason)
    days = options.get("expires_days")
    if Scope.CONTENT_READ in scopes:
        days = min(days or LONGEST_CONTENT_KEY_DAYS, LONGEST_CONTENT_KEY_DAYS)

    text, now = keys.new_key(), clock.now()
    key = ApiKey.objects.create(
        name=name,
        public_part=keys.public_part_of_new(text),
        digest=keys.digest(text),
        scopes=sorted(set(scopes)),
        owner=owner,
        source=options.get("source") or slugify(name)[:60] or "default",
        requests_per_minute=options.get("requests_per_minute", 600),
        alerts_per_minute=options.get("alerts_per_minute", 100_000),
        created_at=now,
        created_by=by,
        expires_at=now + timedelta(days=days) if days else None,
    )
    limits = {"requests_per_minute": key.requests_per_minute, "alerts_per_minute": key.alerts_per_minute}
    record("api_key.created", on=[key, owner], by=by, data={"scopes": key.scopes, "source": key.source, **limits})
    return key, text


@transaction.atomic
def approve_api_key(key: ApiKey, *, by: User) -> ApiKey:
    """Let a key that reads content answer, as the second admin. Raises Refused."""
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if reason := rules.refusal_to_approve_key(key, by):
        raise Refused(reason)

    key.approved_by = by
    key.save(update_fields=["approved_by"])
    record("api_key.approved", on=[key], by=by)
    return key


@transaction.atomic
def revoke_api_key(key: ApiKey, *, by: User | None) -> ApiKey:
    """End a key at once. Raises Refused."""
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if reason := rules.refusal_to_manage_keys(by):
        raise Refused(reason)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        record("api_key.revoked", on=[key], by=by)
    return key


def count_request(key: ApiKey) -> float | None:
    """Count one request of ``key`` in this minute. Return the seconds to wait once its limit is passed, else None.

    One statement; also notes the minute in which the key was last used.
    """
    requests, seconds_left = _add_to_minute(key, requests=1, alerts=0)[::2]
    if key.requests_per_minute and requests > key.requests_per_minute:
        return float(seconds_left)
    return None


def count_alerts(key: ApiKey, alerts: int) -> float | None:
    """Count ``alerts`` that ``key`` sent in this minute, like ``count_request``."""
    _requests, counted, seconds_left = _add_to_minute(key, requests=0, alerts=alerts)
    if key.alerts_per_minute and counted > key.alerts_per_minute:
        return float(seconds_left)
    return None


def _add_to_minute(key: ApiKey, *, requests: int, alerts: int) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into accounts_keyuse as used (key_id, minute, requests, alerts)
            values (%s, date_trunc('minute', now()), %s, %s)
            on conflict (key_id, minute)
            do update set requests = used.requests + excluded.requests, alerts = used.alerts + excluded.alerts
            returning requests, alerts, 60 - extract(second from now())::int
            """,
            [key.pk, requests, alerts],
        )
        row: tuple[int, int, int] = cursor.fetchone()
        return row
