"""Days, weeks and months as rows of a table. A week begins on its Monday and lies in the quarter of that Monday."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy

WEEK = timedelta(days=7)
BEGUN_ENOUGH = 5  # weeks of a quarter from which it is what one wants to see, and no longer the quarter before


class Period(TextChoices):
    DAY = "day", gettext_lazy("Day")
    WEEK = "week", gettext_lazy("Week")
    MONTH = "month", gettext_lazy("Month")


def start_of(period: Period, day: date) -> date:
    """Return the first day of the ``period`` that ``day`` lies in."""
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == Period.MONTH else day


def end_of(period: Period, day: date) -> date:
    """Return the last day of the ``period`` that ``day`` lies in."""
    return next_start(period, day) - timedelta(days=1)


def next_start(period: Period, day: date) -> date:
    start = start_of(period, day)
    if period == Period.WEEK:
        return start + WEEK
    return (start + timedelta(days=32)).replace(day=1) if period == Period.MONTH else start + timedelta(days=1)


def starts(period: Period, first: date, last: date) -> list[date]:
    """Return the first days of all periods from that of ``first`` to that of ``last``."""
    found = []
    start = start_of(period, first)
    while start <= last:
        found.append(start)
        start = next_start(period, start)
    return found


def label_of(period: Period, start: date) -> str:
    if period == Period.WEEK:
        return _("Week of %(day)s") % {"day": date_format(start, "DATE_FORMAT")}
    return date_format(start, "YEAR_MONTH_FORMAT" if period == Period.MONTH else "DATE_FORMAT")


def short_label_of(period: Period, key: str) -> str:
    """Return what stands under a chart for the period that begins on ``key``."""
    return date_format(
        date.fromisoformat(key), "SHORT_YEAR_MONTH_FORMAT" if period == Period.MONTH else "MONTH_DAY_FORMAT"
    )


def quarter_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter of whole weeks that ``day`` lies in."""
    monday = start_of(Period.WEEK, day)
    begin = monday.replace(month=3 * ((monday.month - 1) // 3) + 1, day=1)
    following = (begin + timedelta(days=93)).replace(day=1)
    return _first_monday(begin), _first_monday(following) - timedelta(days=1)


def quarter_to_show(today: date) -> tuple[date, date]:
    """Return this quarter once five of its weeks have begun, before that the last one."""
    first, last = quarter_of(today)
    return (first, last) if today >= first + (BEGUN_ENOUGH - 1) * WEEK else quarter_of(first - WEEK)


def quarters_until(today: date, count: int) -> list[tuple[date, date]]:
    """Return the last ``count`` quarters, newest first."""
    found = [quarter_of(today)]
    while len(found) < count:
        found.append(quarter_of(found[-1][0] - WEEK))
    return found


def quarter_label(first: date) -> str:
    return _("Q%(quarter)s %(year)s") % {"quarter": (first.month - 1) // 3 + 1, "year": first.year}


def _first_monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)
