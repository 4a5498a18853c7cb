"""What a signed retrospective keeps for ever: its facts, and the table of its scope as it may be published."""

from typing import Any

from django.conf import settings
from django.utils import translation

from incidents.response.models import Incident
from incidents.retrospectives import facts
from incidents.statistics import queries as statistics
from incidents.statistics.tables import Table
from trust import clock


def freeze(incident: Incident) -> dict[str, Any]:
    """Return the facts and the table as they are now, as JSON holds them."""
    with translation.override(settings.LANGUAGE_CODE):  # it reads the same for all who look back, whoever signed
        table = published(statistics.table_of_items(facts.items(incident)))
    return {"counted_at": clock.now().isoformat(), "values": facts.values(incident), "table": table}


def published(table: Table) -> dict[str, Any]:
    """Return ``table`` without small counts: week by policy, totals in the last row and column, null where hidden."""
    shown = table.suppressed()
    return {
        "rows": [str(row.label) for row in shown.rows],
        "columns": [str(column.label) for column in shown.columns],
        "cells": [[cell.count for cell in row] for row in shown.cells],
        "hidden": shown.hidden,
    }
