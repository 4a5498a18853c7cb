"""What a digest says: how much of what, and where to look. No content, and no names but the reader's own."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from incidents.notices import queries
from incidents.notices.models import Notice

Kind = Notice.Kind


def subject(counts: Counter[str]) -> str:
    many = sum(counts.values())
    return ngettext("Trustdesk: %(n)s thing waits for you", "Trustdesk: %(n)s things wait for you", many) % {"n": many}


def body(counts: Counter[str]) -> str:
    lines = [
        f"{_line(kind, counts[kind])}\n{settings.PUBLIC_URL}{queries.address_of(kind)}" for kind in Kind if counts[kind]
    ]
    foot = _("At most one such mail comes in an hour. You can switch them off: %(address)s")
    return "\n\n".join([*lines, foot % {"address": f"{settings.PUBLIC_URL}/settings/notices/"}]) + "\n"


def _line(kind: str, many: int) -> str:
    words = {
        Kind.SECOND_PERSON: ngettext(
            "%(n)s action waits for a second person.", "%(n)s actions wait for a second person.", many
        ),
        Kind.APPEAL_RECEIVED: ngettext("%(n)s appeal came in.", "%(n)s appeals came in.", many),
        Kind.APPEAL_OVERDUE: ngettext("%(n)s appeal is overdue.", "%(n)s appeals are overdue.", many),
        Kind.GIVEN_UP: ngettext("%(n)s delivery was given up.", "%(n)s deliveries were given up.", many),
        Kind.ENDPOINT_OFF: ngettext("%(n)s endpoint is switched off.", "%(n)s endpoints are switched off.", many),
    }
    return words[Kind(kind)] % {"n": many}
