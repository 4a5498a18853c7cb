"""The small marks of the interface: severity, clock, chips, keys, people, text under review. See docs/interface.md.

Tones and words stand here as plain strings, because the ground knows no room; policies/vocabulary.py has the same
values.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy

from trust import hostile as hostile_text, keymap, languages, markdown as markdown_text, numbers
from trust.once import FIELD

register = template.Library()
_CLOSING: Final = {"removed": format_html("</{}>", "del"), "added": format_html("</{}>", "ins")}

Words = dict[str, tuple[str, Promise | str]]

VERDICTS: Final[Words] = {
    "violating": ("danger", gettext_lazy("Violating")),
    "benign": ("success", gettext_lazy("Benign")),
    "no_policy_fits": ("novel", gettext_lazy("No policy fits")),
    "cannot_judge": ("neutral", gettext_lazy("Cannot judge")),
}
STANDINGS: Final[Words] = {
    "good": ("success", gettext_lazy("Good standing")),
    "warned": ("warning", gettext_lazy("Warned")),
    "limited": ("warning", gettext_lazy("Limited")),
    "suspended": ("danger", gettext_lazy("Suspended")),
    "banned": ("danger", gettext_lazy("Banned")),
    "unknown": ("neutral", gettext_lazy("Unknown")),
}
SOURCE_KINDS: Final[Words] = {
    "detector": ("neutral", gettext_lazy("Detector")),
    "user_report": ("accent", gettext_lazy("User report")),
    "partner_report": ("novel", gettext_lazy("Partner report")),
    "staff": ("accent", gettext_lazy("Staff")),
    "random_sample": ("neutral", gettext_lazy("Random sample")),
}
SEVERITIES: Final = (
    pgettext_lazy("severity", "none"),
    pgettext_lazy("severity", "minor"),
    pgettext_lazy("severity", "moderate"),
    pgettext_lazy("severity", "serious"),
    pgettext_lazy("severity", "critical"),
)

BAR_POSITIONS: Final = ("0", "4.3", "8.6", "12.9")

# Due soon is the last quarter of the allowance, or the last hour when the allowance is not known.
SOON: Final = timedelta(hours=1)
SOON_SHARE: Final = 4


# ── Judgements ───────────────────────────────────────────


@register.simple_tag
def severity(level: int | None) -> SafeString:
    """Draw the meter of four bars with "S2 moderate" beside it; None reads "not rated"."""
    if level is None:
        return format_html('<span class="faint small">{}</span>', _("not rated"))
    bars = ((x, 12 - 3 * n, 3 * n, "on" if n <= level else "off") for n, x in enumerate(BAR_POSITIONS, start=1))
    return format_html(
        '<span class="severity" data-level="{}"><svg viewBox="0 0 16 12" aria-hidden="true">{}</svg>S{} {}</span>',
        level,
        format_html_join("", '<rect x="{}" y="{}" width="3" height="{}" rx="1" class="{}"/>', bars),
        level,
        SEVERITIES[level],
    )


@register.simple_tag
def verdict(value: str) -> SafeString:
    """Draw the chip of a verdict: dot and word."""
    return _chip(VERDICTS, value, "chip dot")


@register.simple_tag
def standing(value: str) -> SafeString:
    """Draw the chip of an actor's standing."""
    return _chip(STANDINGS, value, "chip")


@register.simple_tag
def source_kind(value: str) -> SafeString:
    """Draw the chip that says who raised an alert: a detector, a report, staff, a random sample."""
    return _chip(SOURCE_KINDS, value, "chip")


def _chip(words: Words, value: str, classes: str) -> SafeString:
    """Draw ``value`` in its tone and word; a value that is not known stays grey and is shown as it is."""
    tone, label = words.get(value, ("neutral", escape(value)))
    return format_html('<span class="{}" data-tone="{}">{}</span>', classes, tone, label)


# ── Time ─────────────────────────────────────────────────


@register.simple_tag
def clock(due_at: datetime | None, since: datetime | None = None, now: datetime | None = None) -> SafeString:
    """Draw the ring and "due in 42 min" or "overdue 24 min".

    ``since`` is when the allowance began: its last quarter is due soon. Without it the last hour is.
    """
    if due_at is None:
        return format_html('<span class="faint small">{}</span>', _("no due time"))
    left = due_at - (now or timezone.now())
    soon = (due_at - since) / SOON_SHARE if since else SOON
    if left < timedelta(0):
        tone, words = "danger", _("overdue %(duration)s") % {"duration": duration(-left)}
    else:
        tone, words = "warning" if left < soon else "neutral", _("due in %(duration)s") % {"duration": duration(left)}
    return format_html(
        '<time class="clock" data-tone="{}" datetime="{}" title="{}">{}</time>',
        tone,
        _machine(due_at),
        _absolute(due_at),
        words,
    )


@register.simple_tag
def when(moment: datetime | date | None, now: datetime | None = None) -> SafeString:
    """Draw a moment the way people say it ("12 min ago", "today 13:58", "21 Nov"), the absolute time on hover."""
    if moment is None:
        return format_html('<span class="faint">{}</span>', "–")
    now = now or timezone.now()
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), _day(moment, timezone.localdate(now)))
    words = _relative(moment, now)
    return format_html('<time datetime="{}" title="{}">{}</time>', _machine(moment), _absolute(moment), words)


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """Draw a moment in full, for what is signed or kept: it must read the same on any day."""
    return format_html('<time datetime="{}">{}</time>', _machine(at), _absolute(at))


@register.filter
def duration(length: timedelta | None) -> str:
    """Say a length of time in at most two units: "42 min", "1 h 24 min", "3 days"."""
    if length is None:
        return "–"
    minutes = max(int(length.total_seconds()) // 60, 0)
    if minutes < 1:
        return _("under 1 min")
    if minutes < 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 10 and rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if hours < 48:
        return _("%(hours)s h") % {"hours": hours}
    days = hours // 24
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _relative(moment: datetime, now: datetime) -> str:
    past = now - moment
    if timedelta(0) <= past < timedelta(minutes=1):
        return _("just now")
    if timedelta(0) <= past < timedelta(hours=1):
        return _("%(duration)s ago") % {"duration": duration(past)}
    day, today = timezone.localtime(moment).date(), timezone.localdate(now)
    time = date_format(timezone.localtime(moment), "TIME_FORMAT")
    if abs((day - today).days) <= 1:
        return f"{_day(day, today)} {time}"
    return _day(day, today)


def _day(day: date, today: date) -> str:
    named = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if (name := named.get((day - today).days)) is not None:
        return name
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")


def _machine(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _absolute(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


# ── Keys ─────────────────────────────────────────────────


def _key_of(context: Context, action: str | int) -> str:
    """Return the key that the person of this page has for an action, the usual one where there is nobody."""
    person = getattr(context.get("request"), "user", None)
    return keymap.key_of(action, getattr(person, "own_keys", None))


@register.simple_tag
def once() -> SafeString:
    """Give a form a name of its own, so that it makes only one thing (trust/once.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid4().hex)


@register.simple_tag(takes_context=True)
def key(context: Context, action: str | int) -> SafeString | str:
    """Print the key of an action, named as in trust/keymap.py; a number is the nth card or thing."""
    found = _key_of(context, action)
    return format_html('<kbd class="key">{}</kbd>', keymap.printed(found)) if found else ""


@register.simple_tag(takes_context=True)
def pressed(context: Context, action: str) -> str:
    """Print the key of an action as bare text, for a button that is itself drawn as its key."""
    return keymap.printed(_key_of(context, action))


@register.simple_tag(takes_context=True)
def keyed(context: Context, action: str | int) -> SafeString | str:
    """Give a control its ``data-key``. Write it without a space before: ``<a href="…"{% keyed "up" %}>``."""
    found = _key_of(context, action)
    return format_html(' data-key="{}"', found) if found else ""


# ── Words and numbers ────────────────────────────────────

register.filter("within", languages.within)
register.filter("noun_within", languages.noun_within)


@register.filter
def amount(value: int) -> numbers.Amount:
    """Let a count that a sentence agrees with read with its thousands separated; elsewhere intcomma does."""
    return numbers.Amount(value)


# ── People and text under review ─────────────────────────


@register.simple_tag
def person(user: Any) -> SafeString:
    """Name a person; None is the system."""
    if user is None:
        return format_html('<span class="soft">{}</span>', _("The system"))
    name = getattr(user, "name", "") or user.get_username()
    return format_html('<bdi class="name">{}</bdi>', name)


@register.simple_tag
def roles(user: Any) -> str:
    """Name the roles of a person, those of the table of permissions, in one line."""
    return ", ".join(user.role_names())


@register.simple_tag
def hostile(text: str | None, spans: Iterable[hostile_text.Span] = ()) -> SafeString:
    """Show text under review, or any text that came from outside: escaped, isolated, its hidden characters boxed.

    ``spans`` are (start, end, number) in code points; a number of None is what a detector found.
    """
    html = hostile_text.marked(text or "", spans or ())
    return format_html('<bdi class="content" dir="auto" hx-disable>{}</bdi>', html)


@register.simple_tag
def changes(pieces: Iterable[Any], side: str = "") -> SafeString:
    """Show the pieces of a comparison: all, or those of one ``side``, "old" or "new". See policies/diff.

    What was removed or added is said in words too, for those who hear the page.
    """
    left_out = {"old": "added", "new": "removed"}.get(side, "")
    opening = {"removed": _told("del", _("(removed:)")), "added": _told("ins", _("(added:)"))}
    shown = (_piece(piece, opening) for piece in pieces if piece.kind != left_out)
    return format_html_join("", "{}", ((html,) for html in shown))


def _told(element: str, words: str) -> SafeString:
    return format_html('<{}><span class="visually-hidden">{} </span>', element, words)


def _piece(piece: Any, opening: dict[str, SafeString]) -> SafeString:
    """Add up what is escaped already: a page has thousands of these."""
    html = hostile_text.marked(piece.text)
    return opening[piece.kind] + html + _CLOSING[piece.kind] if piece.kind in opening else html


@register.filter
def markdown(text: str | None) -> SafeString:
    """Show what our own staff wrote in Markdown: paragraphs, lists, headings. Never text under review."""
    return markdown_text.block(text or "")


@register.filter
def markdown_inline(text: str | None) -> SafeString:
    """Show one line of what our own staff wrote in Markdown: emphasis and code alone."""
    return markdown_text.inline(text or "")


# ── Forms ────────────────────────────────────────────────


class Wrong(NamedTuple):
    """Something to correct, and the name and id of the field that it is about; "" where it is about none."""

    sentence: str
    name: str = ""
    place: str = ""


@register.simple_tag
def wrongs(*given: Any) -> list[Wrong]:
    """Gather what is wrong in forms, in lists of forms, and in sentences about no field; "" and None are nothing."""
    found: list[Wrong] = []
    for one in given:
        if isinstance(one, BaseForm):
            found += [Wrong(str(sentence)) for sentence in one.non_field_errors()]
            found += [Wrong(str(error), str(field.label), _place(field)) for field in one for error in field.errors]
        elif isinstance(one, str):
            found += [Wrong(one)] if one else []
        else:
            found += wrongs(*(one or ()))
    return found


def _place(field: BoundField) -> str:
    """Return the id that leads to a field: its input's, or that of the fieldset around its choices."""
    return str((field.auto_id if field.use_fieldset else field.id_for_label) or field.auto_id)


@register.simple_tag(takes_context=True)
def control(context: Context, field: BoundField, key: str = "", label: str = "") -> SafeString:
    """Draw the input of a form field in our look, with the key that focuses it; Django links its hint and errors."""
    attrs: dict[str, Any] = {}
    if not isinstance(field.field.widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        attrs["class"] = "input"
    if key:
        attrs["data-key"] = _key_of(context, key)
        attrs["data-label"] = label or field.label
    return field.as_widget(attrs=attrs)
