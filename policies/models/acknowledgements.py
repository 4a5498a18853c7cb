from __future__ import annotations

from django.conf import settings
from django.db import models

from policies.models.guidelines import PolicyVersion


class Acknowledgement(models.Model):
    """That a person read and understood a version. Append-only; a trigger refuses one of what was never in force."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="acknowledgements", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "version"], name="acknowledgement_once")]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.version_id}"
