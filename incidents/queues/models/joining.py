from __future__ import annotations

from django.conf import settings
from django.db import models

from incidents.queues.models.items import Queue


class Joining(models.Model):
    """That a person was told once what a queue holds, and joined it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "queue"], name="joining_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.queue_id}"
