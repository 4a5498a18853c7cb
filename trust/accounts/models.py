from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from trust import languages
from trust.permissions import PERMISSION_BEHIND, Permission, Role, Scope, may

LONGEST_CLEARANCE = timedelta(days=90)


def new_pseudonym() -> str:
    """Return a stable name under which a person may appear outside: "R-7F3K2M"."""
    return "R-" + "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _digit in range(6))


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def with_role(self, role: str) -> UserQuerySet:
        return self.filter(roles__contains=[role])


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        person: User = self.get(email__iexact=username)
        return person


class User(AbstractBaseUser):
    """A member of staff. Emptied when they leave, never deleted."""

    email = models.EmailField(_("e-mail"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, verbose_name=_("roles"))
    pseudonym = models.CharField(max_length=12, unique=True, default=new_pseudonym)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, blank=True)  # "" is what the browser asks for
    own_keys = models.JSONField(default=dict)  # {action: key}, what they changed of trust/keymap.py
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[Any] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=[role.value for role in Role]), name="user_roles_are_known"
            ),
            models.CheckConstraint(condition=Q(language__in=["", *languages.NAMES]), name="user_language_is_known"),
        ]
        indexes = [GinIndex(fields=["roles"], name="user_by_role")]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, permission: Permission | str) -> bool:
        """Say whether this person's roles carry ``permission``. No query."""
        return self.is_active and may(frozenset(self.roles), Permission(permission))

    def role_names(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    def in_force(self, now: datetime) -> ClearanceQuerySet:
        return self.filter(approved_at__isnull=False, revoked_at__isnull=True, expires_at__gt=now)


class Clearance(models.Model):
    """Leave for one person to see one restricted category, for at most 90 days, given by two others."""

    CHILD_SAFETY = "child_safety"
    CATEGORIES = [(CHILD_SAFETY, _("Child safety"))]

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="clearances")
    category = models.CharField(max_length=40, choices=CATEGORIES)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(granted_by=F("person")) & (Q(approved_by__isnull=True) | ~Q(approved_by=F("person"))),
                name="clearance_not_to_oneself",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("granted_by")),
                name="clearance_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("granted_at") + LONGEST_CLEARANCE), name="clearance_at_most_90_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.person_id}"

    def state(self, now: datetime) -> str:
        """Return "waiting", "in_force", "expired" or "revoked"."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        return "in_force" if self.approved_at else "waiting"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def for_list(self) -> ApiKeyQuerySet:
        """Load what ``accounts/_key.html`` reads, in 1 query; ``last_minute`` is the last one in which it was used."""
        uses = KeyUse.objects.filter(key=OuterRef("pk")).order_by("-minute")
        last = Subquery(uses.values("minute")[:1])
        return self.select_related("owner", "created_by", "approved_by").annotate(last_minute=last)


class ApiKey(models.Model):
    """A machine's way in. Shown once; only a digest is kept. Acts as its owner."""

    name = models.CharField(max_length=100)
    public_part = models.CharField(max_length=8, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope.choices))
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    source = models.SlugField(max_length=60)
    requests_per_minute = models.PositiveIntegerField(default=600, help_text=_("0 means no limit"))
    alerts_per_minute = models.PositiveIntegerField(default=100_000, help_text=_("0 means no limit"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("owner")) & (Q(created_by__isnull=True) | ~Q(approved_by=F("created_by")))),
                name="apikey_by_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(scopes__contains=[Scope.CONTENT_READ.value])
                | (Q(expires_at__isnull=False) & Q(expires_at__lte=F("created_at") + LONGEST_CLEARANCE)),
                name="apikey_content_at_most_90_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def may_use(self, scope: Scope) -> bool:
        """Say whether the key holds ``scope`` and its owner still holds the permission behind it."""
        if scope.value not in self.scopes:
            return False
        behind = PERMISSION_BEHIND[scope]
        return behind is None or self.owner.may(behind)

    def state(self, now: datetime) -> str:
        """Return "waiting", "in_force" (else it opens nothing), "expired" or "revoked". Read with its owner."""
        if self.revoked_at is not None or not self.owner.is_active:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "waiting" if self.waits_for_approval() else "in_force"

    def waits_for_approval(self) -> bool:
        """Say whether a second person has yet to approve this key before it answers."""
        return Scope.CONTENT_READ.value in self.scopes and self.approved_by_id is None and self.revoked_at is None


class KeyUse(models.Model):
    """What one key did in one minute: the counter behind its rate limits."""

    pk = models.CompositePrimaryKey("key_id", "minute")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    minute = models.DateTimeField()
    requests = models.IntegerField(default=0)
    alerts = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key_id} {self.minute}"
