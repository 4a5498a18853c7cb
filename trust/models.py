from django.db import models


class Heartbeat(models.Model):
    """When a background process was last alive."""

    process = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.process
