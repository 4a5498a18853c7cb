"""What a draft is expected to change in a month, in sentences: volume, and what follows."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _, ngettext

from incidents.impact.models import Sampled
from incidents.impact.queries import Change, Cited, Flips, Past
from trust.numbers import Amount
from trust.proportions import Share


def expected_of(change: Change, cited: Mapping[int, Cited], past: Past, flips: Mapping[str, Flips] | None) -> list[str]:
    """Say what of the last 30 days would come out otherwise; without a sample, only what follows from the text."""
    found = []
    if flips:
        found += _of_share(flips[Sampled.Stratum.CITED].share, past.recent, is_fewer=True)
        found += _of_share(flips[Sampled.Stratum.FLAGGED].share, past.flagged, is_fewer=False)
    for one in change.clauses:
        for step in one.steps:
            if not (recent := cited[one.clause_id].by_severity[step.severity]):
                continue
            words = {
                "clause": one.title,
                "severity": step.severity.code,
                "before": step.before,
                "after": step.after,
                "count": Amount(recent),
            }
            sentence = ngettext(
                "%(clause)s, %(severity)s: %(count)s decision would bring %(after)s instead of %(before)s.",
                "%(clause)s, %(severity)s: %(count)s decisions would bring %(after)s instead of %(before)s.",
                recent,
            )
            found.append(sentence % words)
    return found


def _of_share(share: Share | None, recent: int, *, is_fewer: bool) -> list[str]:
    if share is None or not recent:
        return []
    least, middle, most = (round(recent * part) for part in (share.low, share.value, share.high))
    words = {"middle": Amount(middle), "least": Amount(least), "most": Amount(most), "recent": Amount(recent)}
    if is_fewer:
        return [_("About %(middle)s of %(recent)s violations would be none (%(least)s to %(most)s).") % words]
    return [_("About %(middle)s of %(recent)s benign decisions would be violations (%(least)s to %(most)s).") % words]
