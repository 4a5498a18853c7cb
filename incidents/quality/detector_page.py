"""What the pages of detectors and of a source show; each is put together with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from incidents.intake.models import DetectorVersion, Source
from incidents.quality import queries
from incidents.quality.models import ThresholdSet
from incidents.quality.queries import WEEK, Accuracy, Volume
from incidents.queues import weighing
from incidents.queues.models import Damping
from trust import numbers
from trust.accounts.models import User
from trust.charts import LineChart, Point, line_chart
from trust.permissions import Permission
from trust.proportions import TOO_FEW, Share

MOST_SHOWN: Final = 20


@dataclass(frozen=True)
class Tile:
    label: str
    figure: str | None
    unit: str = ""
    sure: str = ""


@dataclass(frozen=True)
class Precision:
    """How often it was right, as a cell says it; without a figure there is too little to say."""

    figure: str
    sure: str
    accuracy: Accuracy


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, what came in, how often it was right (None: not for this reader)."""

    thing: Any
    volume: Volume
    flagged: str
    precision: Precision | None
    dampings: Sequence[Damping] = ()


@dataclass(frozen=True)
class Threshold:
    """A set of thresholds, with those that the set before it did not have like this."""

    seen: ThresholdSet
    values: list[tuple[str, str, bool]]
    is_newest: bool


@dataclass(frozen=True)
class Overview:
    """What a detector and a source have in common on their pages. Without exact statistics no judgement is told."""

    tiles: list[Tile]
    is_exact: bool
    accuracy: Accuracy | None
    chart: LineChart | None
    dampings: list[Damping]
    in_force: list[Damping]
    priority: str


def rows_of(detectors: Sequence[DetectorVersion], reader: User, now: datetime) -> list[Row]:
    """Return a line for each of ``detectors``: the last seven days, and how right each was so far. 3 queries."""
    ids = [detector.pk for detector in detectors]
    volumes = queries.volumes("detector_version_id", since=(now - WEEK).date(), detector_version_id=ids)
    accuracies = _accuracies("detector_version_id", reader, detector_version_id=ids, is_report=False)
    dampings = queries.dampings_of_detectors(detectors, now)
    return [_row(one, one.pk, volumes, accuracies, dampings.get(one.pk, ())) for one in detectors]


def overview_of_detector(detector: DetectorVersion, reader: User, now: datetime) -> Overview:
    narrowed = {"detector_version_id": detector.pk}
    wanted = Damping.objects.filter(detector_version=detector) | Damping.objects.filter(detector=detector.name)
    return _overview(narrowed, {**narrowed, "is_report": False}, list(wanted.for_panel()[:MOST_SHOWN]), reader, now)


def overview_of_source(source: Source, reader: User, now: datetime) -> Overview:
    narrowed = {"source_id": source.pk}
    return _overview(narrowed, narrowed, list(source.dampings.for_panel()[:MOST_SHOWN]), reader, now)


def versions_of(detector: DetectorVersion, reader: User, now: datetime) -> list[Row]:
    """Return the newest versions of the same detector, this one among them. 4 queries."""
    versions = DetectorVersion.objects.filter(name=detector.name).order_by("-pk")
    return rows_of(list(versions[:MOST_SHOWN]), reader, now)


def sources_of(detector: DetectorVersion, reader: User, now: datetime) -> list[Row]:
    """Return from which sources the detector's alerts came, most first. 3 queries."""
    volumes = queries.volumes("source_id", detector_version_id=detector.pk)
    accuracies = _accuracies("source_id", reader, detector_version_id=detector.pk, is_report=False)
    sources = Source.objects.in_bulk(list(volumes))
    rows = [_row(source, pk, volumes, accuracies) for pk, source in sources.items()]
    return sorted(rows, key=lambda row: (-row.volume.alerts, row.thing.pk))[:MOST_SHOWN]


def detectors_of(source: Source, reader: User) -> list[Row]:
    """Return which detectors a source sends, most first; reports by people stand as None. 3 queries."""
    volumes = queries.volumes("detector_version_id", source_id=source.pk)
    accuracies = _accuracies("detector_version_id", reader, source_id=source.pk)
    detectors: dict[Any, Any] = dict(DetectorVersion.objects.in_bulk([pk for pk in volumes if pk]))
    rows = [_row(detectors.get(pk), pk, volumes, accuracies) for pk in volumes]
    return sorted(rows, key=lambda row: -row.volume.alerts)[:MOST_SHOWN]


def categories_of(detector: DetectorVersion, reader: User) -> list[tuple[str, Precision]]:
    """Return how right it was by flagged category, most judged first; none that is restricted. 2 queries."""
    found = _accuracies("category", reader, with_categories=True, detector_version_id=detector.pk, is_report=False)
    restricted = queries.restricted_names() if found else set()
    named = [(name, accuracy) for name, accuracy in (found or {}).items() if name not in restricted]
    named.sort(key=lambda pair: (-pair[1].judged, pair[0]))
    return [(name, _precision(accuracy)) for name, accuracy in named[:MOST_SHOWN]]


def thresholds_of(detector: DetectorVersion) -> list[Threshold]:
    """Return the sets of thresholds that it sent, the newest first, with what changed from one to the next. 1 query."""
    sets = list(detector.threshold_sets.order_by("-first_at", "-pk")[: MOST_SHOWN + 1])
    newest = max(sets, key=lambda one: one.last_at, default=None)
    before: list[dict[str, Any]] = [*(one.thresholds for one in sets[1:]), {}]
    shown = [
        Threshold(
            one,
            [
                (name, numbers.compact(value), bool(earlier) and earlier.get(name) != value)
                for name, value in sorted(one.thresholds.items())
            ],
            one is newest,
        )
        for one, earlier in zip(sets, before, strict=False)
    ]
    return shown[:MOST_SHOWN]


# ── Parts ────────────────────────────────────────────────


def _overview(
    narrowed: dict[str, Any], judged: dict[str, Any], dampings: list[Damping], reader: User, now: datetime
) -> Overview:
    """5 queries at most, with that of the dampings."""
    by_day = queries.volumes("day", **narrowed)
    week, total = Volume(), Volume()
    for day, volume in by_day.items():
        _pour(volume, total)
        if day >= (now - WEEK).date():
            _pour(volume, week)
    by_month = _accuracies("month", reader, **judged)
    accuracy = _together(by_month.values()) if by_month is not None else None
    return Overview(
        tiles=_tiles(week, total, accuracy),
        is_exact=accuracy is not None,
        accuracy=accuracy,
        chart=_chart(by_month or {}),
        dampings=dampings,
        in_force=[damping for damping in dampings if damping.is_in_force(now)],
        priority=_priority(accuracy),
    )


def _pour(volume: Volume, into: Volume) -> None:
    into.alerts += volume.alerts
    into.flagged += volume.flagged
    into.by_lateness = [one + more for one, more in zip(into.by_lateness, volume.by_lateness, strict=True)]


def _together(accuracies: Any) -> Accuracy:
    whole = Accuracy()
    for accuracy in accuracies:
        for outcome, items in accuracy.items.items():
            whole.add(outcome, items)
    return whole


def _accuracies(by: str, reader: User, **narrowed: Any) -> dict[Any, Accuracy] | None:
    """Return accuracies, or None for who reads no exact statistics: a few judgements may point at a few people."""
    return queries.accuracies(by, **narrowed) if reader.may(Permission.READ_EXACT_STATISTICS) else None


def _row(
    thing: Any,
    key: Any,
    volumes: dict[Any, Volume],
    accuracies: dict[Any, Accuracy] | None,
    dampings: Sequence[Damping] = (),
) -> Row:
    volume = volumes.get(key, Volume())
    share = volume.flagged_share()
    precision = None if accuracies is None else _precision(accuracies.get(key, Accuracy()))
    return Row(thing, volume, numbers.percent(share.value) if share else "", precision, dampings)


def _precision(accuracy: Accuracy) -> Precision:
    share = accuracy.precision()
    if share is None:
        return Precision("", _("n = %(n)s") % {"n": numbers.count(accuracy.judged)}, accuracy)
    return Precision(numbers.decimal(share.value, 2), _sure(share), accuracy)


def _tiles(week: Volume, total: Volume, accuracy: Accuracy | None) -> list[Tile]:
    flagged, so_far = total.flagged_share(), {"n": numbers.count(total.alerts)}
    late = _("95 %% %(late)s; of 7 days") % {"late": week.late()} if week.alerts else _("of 7 days")
    tiles = [
        Tile(_("Alerts, 7 days"), numbers.count(week.alerts), sure=_("all counted; %(n)s so far") % so_far),
        Tile(_("Flagged something"), numbers.percent(flagged.value) if flagged else None, "%", _("of %(n)s") % so_far),
        Tile(_("Here after it happened, median"), week.median() or None, sure=late),
    ]
    if accuracy is not None:
        precision = _precision(accuracy)
        tiles.append(Tile(_("Precision, of what was reviewed"), precision.figure or None, sure=precision.sure))
    return tiles


def _chart(by_month: dict[date, Accuracy]) -> LineChart | None:
    shares = [
        (date_format(month, "SHORT_YEAR_MONTH_FORMAT"), accuracy.precision())
        for month, accuracy in sorted(by_month.items())
    ]
    points = [Point(label, share.value, share.low, share.high) for label, share in shares if share]
    columns = [_("Month"), _("Precision"), _("Interval")]
    return line_chart(_("Precision by month of the judgement"), columns, points, decimals=2) if points else None


def _priority(accuracy: Accuracy | None) -> str:
    """Say what the judgements do to the priority of its next alerts."""
    if accuracy is None or accuracy.judged < weighing.FEWEST_JUDGED:
        return ""
    steps = weighing.steps_of(accuracy.violating, accuracy.judged)
    return f"{steps:+d}" if steps else "0"


def _sure(share: Share) -> str:
    values = {
        "low": numbers.decimal(share.low, 2),
        "high": numbers.decimal(share.high, 2),
        "n": numbers.count(share.whole),
    }
    return _("%(low)s to %(high)s, n = %(n)s") % values


def fewest() -> dict[str, int]:
    """Return from how many judgements on something is said, for the pages that say so."""
    return {"too_few": TOO_FEW, "fewest": weighing.FEWEST_JUDGED}
