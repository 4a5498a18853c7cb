"""One list over all queues: what it may be narrowed by, as an address and as a stored query."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import django_filters
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy as _

from incidents.intake.models import Alert, AlertKind, DetectorVersion, Generation
from incidents.queues.alone import judged_alone
from incidents.queues.models import Queue, Round, RoundQuerySet
from policies.vocabulary import Severity, Verdict
from trust import clock
from trust.accounts.models import User
from trust.filtering import ListFilter
from trust.integers import read_id
from trust.offering import OfferingInput
from trust.pagination import Page, bounded_page
from trust.patience import at_most
from trust.permissions import ROLES_WITH, Permission
from trust.saved.places import Reading

FIRST_LOOK: Final = 1_000  # rounds that are looked through for a page; mostly they fill it
LOOKED_THROUGH: Final = 20_000  # that are looked through at most, however few of them fit
LONGEST_MS: Final = 10_000  # that finding everything may take
MOST_HOLDERS: Final = 200  # that the form offers by name
NOBODY, SOMEBODY = "nobody", "somebody"
ROUNDS: Final = "rounds"  # in a stored query: the numbers of those that were chosen one by one
OPEN_ORDER: Final = ("due_at", "pk")
CLOSED_ORDER: Final = ("-closed_at", "-pk")
AGES: Final = {
    "1": _("1 hour"),
    "4": _("4 hours"),
    "24": _("1 day"),
    "72": _("3 days"),
    "168": _("7 days"),
}


@dataclass(frozen=True)
class Measured:
    """How many rounds were found, a digest of which, and their numbers in order."""

    count: int
    digest: str
    rounds: list[int]


class EveryFilter(ListFilter):
    """What the list of all queues is narrowed by. ``person`` may see the queues and items; others stay out of it."""

    queue = django_filters.ChoiceFilter(label=_("Queue"), empty_label=_("All"))
    status = django_filters.ChoiceFilter(label=_("Status"), choices=[("closed", _("Closed"))], empty_label=_("Open"))
    verdict = django_filters.ChoiceFilter(label=_("Verdict"), choices=Verdict.choices, empty_label=_("Any"))
    severity = django_filters.ChoiceFilter(
        label=_("Severity at least"),
        choices=[(level.value, level.in_full) for level in list(Severity)[1:]],
        empty_label=_("Any"),
    )
    kind = django_filters.ChoiceFilter(label=_("Raised by"), choices=AlertKind.choices, empty_label=_("Anything"))
    detector = django_filters.CharFilter(
        label=_("Detector"), max_length=200, widget=OfferingInput(DetectorVersion.known_names)
    )
    language = django_filters.CharFilter(
        label=_("Language"), max_length=60, widget=OfferingInput(Generation.newest_languages)
    )
    holder = django_filters.ChoiceFilter(label=_("Held by"), empty_label=_("Anyone or nobody"))
    age = django_filters.ChoiceFilter(label=_("Arrived before"), choices=list(AGES.items()), empty_label=_("Any time"))
    overdue = django_filters.ChoiceFilter(label=_("Overdue"), choices=[("yes", _("Overdue"))], empty_label=_("All"))

    class Meta:
        model = Round
        fields: list[str] = []

    def __init__(self, *arguments: Any, person: User | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.person: User = person or options["request"].user
        self.now = clock.now()
        self.only: list[int] | None = None
        self.queues = list(Queue.objects.visible_to(self.person, self.now).order_by("position", "pk"))
        self.filters["queue"].extra["choices"] = [(queue.slug, queue.name) for queue in self.queues]
        self.filters["holder"].extra["choices"] = _holders()

    def filter_queryset(self, rounds: Any) -> RoundQuerySet:
        """Narrow ``rounds`` to what was chosen, and to what the person may know of."""
        chosen = self.form.cleaned_data
        seen = [queue.pk for queue in self.queues if chosen["queue"] in ("", queue.slug)]
        rounds = rounds.open_to(self.person, self.now).filter(status=self.wanted_status, queue__in=seen)
        if self.only is not None:
            rounds = rounds.filter(pk__in=self.only)
        if self.wanted_status == Round.Status.CLOSED:
            rounds = rounds.exclude(item__in=judged_alone(self.person, self.now).values("item"))
        return narrowed(rounds, chosen, self.now)

    @property
    def wanted_status(self) -> str:
        return str(self.form.cleaned_data["status"] or Round.Status.OPEN)

    def page(self, request: HttpRequest) -> Page[Round]:
        """Return one page: earliest due first, or last closed first. 2 queries, 4 where few of many fit."""
        by = CLOSED_ORDER if self.wanted_status == Round.Status.CLOSED else OPEN_ORDER
        rows = self.qs.for_queue_page().select_related("item__generation", "queue", "lease_by", "closed_by")
        among = Round.objects.filter(status=self.wanted_status)
        return bounded_page(request, rows, among=among, by=by, most=(FIRST_LOOK, LOOKED_THROUGH))

    def stored(self) -> dict[str, str]:
        """Return what was chosen as strings by name, so that ``read`` finds the same again."""
        chosen = {name: str(value) for name, value in self.form.cleaned_data.items() if value not in (None, "")}
        return chosen if self.only is None else chosen | {ROUNDS: ",".join(map(str, self.only))}

    def words(self) -> list[tuple[str, str]]:
        """Say what was chosen, a label and a value each."""
        said: list[tuple[Any, Any]] = [
            (_("Status"), _("Closed") if self.wanted_status == Round.Status.CLOSED else _("Open"))
        ]
        for name, value in self.stored().items():
            if name in ("status", ROUNDS):
                continue
            field = self.form.fields[name]
            choices = dict(getattr(field, "choices", ()))
            shown = choices.get(value, choices.get(read_id(value), value))
            said.append((field.label, shown))
        if self.only is not None:
            said.append((_("Chosen one by one"), len(self.only)))
        return [(str(label), str(value)) for label, value in said]


def read(stored: Mapping[str, str], person: User) -> EveryFilter | None:
    """Return the filter of a stored query, or None when it names what is gone. 2 queries."""
    found = EveryFilter(stored, queryset=Round.objects.all(), person=person)
    if numbers := stored.get(ROUNDS):
        found.only = [int(number) for number in numbers.split(",")]
    return found if found.form.is_valid() else None


def reading(stored: Mapping[str, str], person: User) -> Reading:
    """Say what the list makes of a query that was kept: queues and people may be gone. 2 queries, or 4 then."""
    found = EveryFilter(stored, queryset=Round.objects.all(), person=person)
    gone = [_said_of_gone(found, name, value) for name, value in stored.items() if name not in found.filters]
    gone += [_said_of_gone(found, name, stored[name]) for name in found.form.errors]
    if gone:
        kept = {name: stored[name] for name in found.filters if name in stored and name not in found.form.errors}
        found = EveryFilter(kept, queryset=Round.objects.all(), person=person)
        found.form.is_valid()
    return Reading(found.stored(), found.words(), gone)


def _said_of_gone(found: EveryFilter, name: str, value: str) -> str:
    if name not in found.filters:
        return gettext("There is no filter “%(name)s” any more.") % {"name": name}
    label = found.form.fields[name].label
    return gettext("%(label)s: “%(value)s” is not there any more, or not for you.") % {"label": label, "value": value}


def measured(rounds: RoundQuerySet, *, most: int) -> Measured:
    """Find which ``rounds`` there are, up to one more than ``most``. Raises Refused when it takes too long."""
    with at_most(LONGEST_MS, otherwise=gettext("Counting takes too long. Narrow the list to one queue.")):
        numbers = list(rounds.order_by("pk").values_list("pk", flat=True)[: most + 1])
    digest = hashlib.md5(repr(numbers).encode(), usedforsecurity=False).hexdigest()
    return Measured(len(numbers), digest, numbers)


def narrowed(rounds: RoundQuerySet, chosen: Mapping[str, Any], now: datetime) -> RoundQuerySet:
    """Narrow ``rounds``, all of one status: by the severity expected of what is open, else by the judged one."""
    is_closed = chosen["status"] == Round.Status.CLOSED
    if chosen["severity"]:
        name = "item__severity__gte" if is_closed else "expected_severity__gte"
        rounds = rounds.filter(**{name: int(chosen["severity"])})
    if chosen["overdue"]:
        rounds = rounds.filter(due_at__lt=now)
    if chosen["age"]:
        rounds = rounds.filter(created_at__lt=now - timedelta(hours=int(chosen["age"])))
    if chosen["verdict"]:
        rounds = rounds.filter(item__verdict=chosen["verdict"])
    if chosen["language"]:
        rounds = rounds.filter(item__generation__language=chosen["language"])
    return _of_holder(_with_alert(rounds, chosen), chosen["holder"], now)


def _with_alert(rounds: RoundQuerySet, chosen: Mapping[str, Any]) -> RoundQuerySet:
    """Keep what one alert of the kind, by the detector, is about."""
    alerts = Alert.objects.filter(generation=OuterRef("item__generation"))
    if chosen["kind"]:
        alerts = alerts.filter(kind=chosen["kind"])
    if chosen["detector"]:
        alerts = alerts.filter(detector_version__name=chosen["detector"])
    return rounds.filter(Exists(alerts)) if chosen["kind"] or chosen["detector"] else rounds


def _of_holder(rounds: RoundQuerySet, holder: str, now: datetime) -> RoundQuerySet:
    if holder == NOBODY:
        return rounds.exclude(lease_by__isnull=False, lease_until__gt=now)
    if holder == SOMEBODY:
        return rounds.filter(lease_by__isnull=False, lease_until__gt=now)
    return rounds.filter(lease_by=int(holder), lease_until__gt=now) if holder else rounds


def _holders() -> list[tuple[str, Any]]:
    people = User.objects.active().filter(roles__overlap=sorted(ROLES_WITH[Permission.REVIEW])).order_by("name", "pk")
    named = [(str(pk), name) for pk, name in people.values_list("pk", "name")[:MOST_HOLDERS]]
    return [(NOBODY, _("nobody")), (SOMEBODY, _("somebody")), *named]
