"""The friction account: what enforcement cost those whom it hit by mistake, as far as they appealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from incidents.appeals.models import Appeal, AppealJudgement, OverturnedDecision
from trust.accounts.models import User
from trust.proportions import Share, share_of

FEWEST_OF_A_REVIEWER: Final = 5
MOST_ROWS: Final = 50

# From a decision to what its row is counted under.
CLAUSE: Final = "violations__clause__clause__key"
DETECTOR: Final = "item__generation__alerts__detector_version__name"
REVIEWER: Final = "by__pseudonym"


@dataclass(frozen=True)
class Row:
    """Of ``judged`` appeals about ``name``, in so many (``fell``) what is counted under it fell, all or in part."""

    name: str
    judged: int
    fell: int

    @property
    def share(self) -> Share | None:
        """The share that fell, with its Wilson interval; None of too few."""
        return share_of(self.fell, self.judged)


@dataclass(frozen=True)
class Month:
    month: datetime
    received: int
    late: int
    whole: Row


@dataclass(frozen=True)
class Account:
    received: int
    open: int
    late: int
    whole: Row
    months: list[Month]
    clauses: list[Row]
    detectors: list[Row]
    reviewers: list[Row]


def account_of(person: User, now: datetime) -> Account:
    """Count the appeals that ``person`` may know of; reviewers are pseudonyms, those of few folded. 8 queries.

    An appeal counts once for each clause, detector and reviewer behind its action, and as fallen there where a decision
    of theirs fell. Late is what was judged after it was due, or is due and was not.
    """
    appeals = Appeal.objects.open_to(person, now)
    late = Q(judgement__at__gt=F("due_at")) | Q(status="open", due_at__lt=now)
    counts = {
        "received": Count("pk"),
        "judged": Count("pk", filter=Q(status="judged")),
        "fell": Count("pk", filter=Q(judgement__outcome__in=["partly", "overturned"])),
        "late": Count("pk", filter=late),
    }
    whole = appeals.aggregate(**counts)
    months: QuerySet[Any, Any] = appeals.annotate(month=TruncMonth("received_at")).values("month").annotate(**counts)
    return Account(
        received=whole["received"],
        open=whole["received"] - whole["judged"],
        late=whole["late"],
        whole=Row("", whole["judged"], whole["fell"]),
        months=[
            Month(one["month"], one["received"], one["late"], Row("", one["judged"], one["fell"]))
            for one in months.order_by("-month")[:MOST_ROWS]
        ],
        clauses=_rows(appeals, CLAUSE),
        detectors=_rows(appeals, DETECTOR),
        reviewers=_folded(_rows(appeals, REVIEWER)),
    )


def _rows(appeals: Any, under: str) -> list[Row]:
    """2 queries: what was judged, and where something of it fell."""
    judgements = AppealJudgement.objects.filter(appeal__in=appeals)
    judged: QuerySet[Any, Any] = judgements.values(name=F(f"appeal__enforcement__decision_links__decision__{under}"))
    fallen: QuerySet[Any, Any] = OverturnedDecision.objects.filter(judgement__in=judgements).values(
        name=F(f"decision__{under}")
    )
    fell = dict(fallen.annotate(n=Count("judgement", distinct=True)).values_list("name", "n"))
    rows = judged.exclude(name=None).annotate(n=Count("pk", distinct=True)).values_list("name", "n")
    return [Row(str(name), n, fell.get(name, 0)) for name, n in rows.order_by("-n", "name")]


def _folded(rows: list[Row]) -> list[Row]:
    """Put together those of whom too few appeals tell: they would tell more of the person than of the work."""
    shown = [row for row in rows if row.judged >= FEWEST_OF_A_REVIEWER]
    few = [row for row in rows if row.judged < FEWEST_OF_A_REVIEWER]
    if not few:
        return shown
    return [*shown, Row(_("Fewer than five each"), sum(row.judged for row in few), sum(row.fell for row in few))]
