"""What a second look was found by, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _, ngettext

from incidents.backfill.models import Backfill
from trust import numbers
from trust.accounts.models import User
from trust.permissions import Permission


def words_of(backfill: Backfill, person: User) -> list[tuple[str, str]]:
    """Return (label, value). The words of a search may quote content: they are for those who may read that."""
    wanted = backfill.wanted
    rows = [(_("Found by"), str(backfill.get_way_display()))]
    if backfill.way == Backfill.Way.CLAUSE:
        rows.append((_("Clauses"), ", ".join(wanted["clauses"])))
    elif backfill.way == Backfill.Way.CATEGORY:
        names = [" ".join(one) for one in wanted.get("categories", [])]
        rows.append((_("Categories"), ", ".join([*names, *filter(None, [wanted.get("named", "")])])))
    elif person.may(Permission.VIEW_CONTENT):
        rows.append((_("Search"), wanted["q"]))
    if days := wanted.get("days"):
        sentence = ngettext("of the last day", "of the last %(many)s days", days) % {"many": numbers.count(days)}
        rows.append((_("Items"), sentence))
    return rows
