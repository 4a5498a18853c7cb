from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.enforcement.models.actions import EnforcementAction
from policies.models import PolicyVersion
from trust import languages

LONGEST_TEMPLATE = 4_000

_KNOWN = Q(language__in=sorted(languages.NAMES))


class StatementTemplate(models.Model):
    """How actors are told why, under a version of a policy and later ones until they say it otherwise.

    Append-only: the newest stands. An empty text says that the one of our own does again.
    """

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=_KNOWN, name="statementtemplate_language_is_known")]
        indexes = [models.Index(fields=["version", "language", "-id"], name="statementtemplate_newest")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"


class Statement(models.Model):
    """What the actor of an action is told, as it stood when the action was approved. Never changed.

    In place of the link to appeal by stands ``{appeal_url}``: whoever has it can appeal, so it is kept nowhere but in
    the message that hands it on.
    """

    enforcement = models.OneToOneField(
        EnforcementAction, on_delete=models.PROTECT, primary_key=True, related_name="statement"
    )
    template = models.ForeignKey(
        StatementTemplate, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    language = models.CharField(max_length=10)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_KNOWN, name="statement_language_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="statement_says_something"),
        ]

    def __str__(self) -> str:
        return f"of {self.enforcement_id}"
