"""By what a report is known among the alerts."""

from typing import Final
from uuid import UUID

SOURCE: Final = "staff-reports"


def external_id_of(form: UUID) -> str:
    """Return the alert's id for a form, so that sending it twice makes one alert."""
    return f"report:{form}"
