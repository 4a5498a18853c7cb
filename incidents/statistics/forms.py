"""What may be asked of the statistics, as a plain GET form: the page, the exports and the API read the same one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import BadRequest
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from incidents.statistics import periods, queries
from incidents.statistics.periods import Period
from incidents.statistics.tables import PUBLISHABLE, Across, Cut, Heading
from policies.vocabulary import Severity, Verdict

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 12, 31)
MOST_ROWS: Final = 400
WEEKS_SHOWN: Final = 12
QUARTERS_OFFERED: Final = 8

EXACT: Final = "exact"
PUBLISHED: Final = "published"

NAMES: Final = ("view", "by", "across", "from", "to", "under", "policy", "clause", "severity", "verdict", "source")


class _CutForm(forms.Form):
    """Fields that both kinds of cut have. A field that is left out has its default."""

    error_css_class = "wrong"

    def __init__(self, data: Mapping[str, Any], today: date) -> None:
        asked = {name: value for name, value in data.items() if value}
        super().__init__({"by": Period.WEEK.value, "across": Across.POLICY.value} | asked)
        self.today = today
        self.fields["view"] = forms.ChoiceField(
            choices=[(EXACT, EXACT), (PUBLISHED, PUBLISHED)], required=False, widget=forms.HiddenInput
        )
        for name, label in (("from", gettext_lazy("From")), ("to", pgettext_lazy("until", "To"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                input_formats=["%Y-%m-%d"],
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            )

    def _offer(self, name: str, label: Any, choices: Iterable[tuple[str, Any]], empty: Any = None) -> None:
        offered = [*([("", empty)] if empty else []), *choices]
        self.fields[name] = forms.ChoiceField(label=label, choices=offered, required=False)

    def _cover(self, first: date, last: date) -> None:
        """Note which days are covered, also for the form that is drawn again."""
        self.cleaned_data |= {"from": first, "to": last}
        self.data = {**self.data, "from": first.isoformat(), "to": last.isoformat()}

    def _date(self, name: str) -> date | None:
        day: date | None = self.cleaned_data.get(name)
        if day is not None and not EARLIEST <= day <= LATEST:
            bounds = {"first": date_format(EARLIEST), "last": date_format(LATEST)}
            self.add_error(name, _("Choose a day from %(first)s to %(last)s.") % bounds)
            return None
        return day


class DaysForm(forms.Form):
    """The days on which something began; the last year, where none are given."""

    error_css_class = "wrong"

    def __init__(self, data: Mapping[str, Any], today: date) -> None:
        year = {"from": (today - timedelta(days=364)).isoformat(), "to": today.isoformat()}
        super().__init__(year | {name: value for name, value in data.items() if value})
        for name, label in (("from", gettext_lazy("From")), ("to", pgettext_lazy("until", "To"))):
            self.fields[name] = forms.DateField(
                label=label,
                input_formats=["%Y-%m-%d"],
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
            )

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data
        if "from" in days and "to" in days and days["from"] > days["to"]:
            self.add_error("to", _("Choose a day that is not before the first."))
        return days


class ExactForm(_CutForm):
    """Any cut, narrowed by any filter. Reads what policies, versions, clauses and sources there are: 4 queries.

    Where decisions are carried over to a version, clauses are what one wants to see: the default goes across them.
    """

    def __init__(self, data: Mapping[str, Any], today: date) -> None:
        super().__init__({"across": Across.CLAUSE.value if data.get("under") else "", **data}, today)
        self.versions = {f"{one.policy.key}/{one.number}": one for one in queries.versions()}
        self.known: dict[str, dict[Any, Heading]] = {
            "policy": dict(queries.policies()),
            "clause": dict(queries.clauses()),
            "source": dict(queries.sources()),
        }
        self._offer("by", pgettext_lazy("each", "By"), Period.choices)
        self._offer("across", gettext_lazy("Across"), Across.choices)
        self._offer("under", gettext_lazy("Read under"), self._versions(), gettext_lazy("As decided"))
        self._offer("policy", gettext_lazy("Policy"), self._named("policy"), gettext_lazy("Every policy"))
        self._offer("clause", gettext_lazy("Clause"), self._named("clause"), gettext_lazy("Every clause"))
        levels = [(str(level.value), level.in_full) for level in Severity]
        self._offer("severity", gettext_lazy("Severity"), levels, gettext_lazy("Every severity"))
        self._offer("verdict", gettext_lazy("Verdict"), Verdict.choices, gettext_lazy("Every verdict"))
        self._offer("source", gettext_lazy("Source"), self._named("source"), gettext_lazy("Every source"))
        self.order_fields(NAMES)

    def clean(self) -> dict[str, Any]:
        by = Period(self.cleaned_data.get("by") or Period.WEEK)
        last = self._date("to") or self.today
        first = self._date("from") or last - (WEEKS_SHOWN - 1) * periods.WEEK
        if first > last:
            self.add_error("from", _("Choose a day before the end, %(day)s.") % {"day": date_format(last)})
        elif first > self.today:
            self.add_error("from", _("This lies in the future."))
        elif (min(last, self.today) - first) / timedelta(days=1) >= MOST_ROWS * _shortest(by):
            self.add_error("from", _("That is more than %(most)s rows. Choose fewer.") % {"most": MOST_ROWS})
        if not self.errors:
            self._cover(periods.start_of(by, first), periods.end_of(by, last))
        return self.cleaned_data

    @property
    def cut(self) -> Cut:
        chosen = {name: self.cleaned_data[name] for name in Across.values if self.cleaned_data[name]}
        under = self.cleaned_data["under"]
        return Cut(
            by=Period(self.cleaned_data["by"]),
            across=Across(self.cleaned_data["across"]),
            first=self.cleaned_data["from"],
            last=self.cleaned_data["to"],
            filters={name: self._value(name, text) for name, text in chosen.items()},
            named={"under": under, **chosen} if under else chosen,
            under=self.versions.get(under),
        )

    def _versions(self) -> list[tuple[str, str]]:
        words = _("%(title)s, version %(number)s")
        return [(key, words % {"title": one.title, "number": one.number}) for key, one in self.versions.items()]

    def _named(self, name: str) -> list[tuple[str, str]]:
        return [(heading.key, heading.label) for heading in self.known[name].values()]

    def _value(self, name: str, text: str) -> int | str:
        if name in self.known:
            return next(int(pk) for pk, heading in self.known[name].items() if heading.key == text)
        return int(text) if name == "severity" else text


class PublishedForm(_CutForm):
    """A cut that may be published: whole weeks of one quarter, by one of four dimensions, never narrowed.

    Any two such tables share nothing but the totals of the weeks, which all hide alike: see docs/statistics.md.
    """

    def __init__(self, data: Mapping[str, Any], today: date) -> None:
        super().__init__(data, today)
        self._offer("by", pgettext_lazy("each", "By"), [(Period.WEEK.value, Period.WEEK.label)])
        self._offer("across", gettext_lazy("Across"), [(across.value, across.label) for across in PUBLISHABLE])

    def clean(self) -> dict[str, Any]:
        first, last = self._date("from"), self._date("to")
        asked = first or last
        if asked is not None and asked > self.today:
            self.add_error("from" if first else "to", _("This lies in the future."))
        quarter = periods.quarter_of(asked) if asked else periods.quarter_to_show(self.today)
        if last is not None and not quarter[0] <= last <= quarter[1]:
            days = {"first": date_format(quarter[0], "DATE_FORMAT"), "last": date_format(quarter[1], "DATE_FORMAT")}
            self.add_error(
                "to",
                _("What may be published covers one quarter, here %(first)s to %(last)s. Choose a day in it.") % days,
            )
        if not self.errors:
            self._cover(*quarter)
        return self.cleaned_data

    @property
    def cut(self) -> Cut:
        return Cut(Period.WEEK, Across(self.cleaned_data["across"]), self.cleaned_data["from"], self.cleaned_data["to"])

    def quarters(self) -> list[tuple[str, str]]:
        """Return the quarters to choose from, newest first: (first day, label)."""
        found = periods.quarters_until(self.today, QUARTERS_OFFERED)
        return [(first.isoformat(), periods.quarter_label(first)) for first, _last in found]


CutForm = ExactForm | PublishedForm


def form_of(query: QueryDict, *, is_exact: bool, today: date) -> CutForm:
    """Read a query string. Raises BadRequest for a parameter that is unknown, doubled, or not for this view."""
    form: CutForm = ExactForm(query.dict(), today) if is_exact else PublishedForm(query.dict(), today)
    for name in sorted(query):
        if name not in NAMES:
            raise BadRequest(_("%(name)s: there is no such parameter.") % {"name": ascii(name)})
        if len(query.getlist(name)) > 1:
            raise BadRequest(_("%(name)s: given twice.") % {"name": name})
        if name not in form.fields and query[name]:
            raise BadRequest(_("%(name)s: what may be published is never narrowed.") % {"name": name})
    return form


def cut_of(form: CutForm) -> Cut:
    """Return the cut that ``form`` asks for. Raises BadRequest, which names the first parameter that makes no sense."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadRequest(f"{name}: {errors[0]}")
    return form.cut


def _shortest(by: Period) -> int:
    return {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 28}[by]
