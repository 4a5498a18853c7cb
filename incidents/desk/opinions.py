"""The second opinions that a person asked for, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from incidents.queues.models import Round
from incidents.review.models import Decision
from trust.accounts.models import User
from trust.permissions import Permission

NEWEST: Final = 10


@dataclass(frozen=True)
class Asked:
    """One second opinion that was asked for: ``own`` is how the person had judged the item, ``given`` the opinion."""

    round: Round
    own: Decision | None
    given: Decision | None

    @property
    def outcome(self) -> tuple[str, str]:
        """Return (tone, words): whether it waits, agrees or differs. It agrees on the same verdict and clauses."""
        if self.given is None:
            return "neutral", _("Waiting")
        if self.own is None:
            return "accent", _("Given")
        if _finding_of(self.given) == _finding_of(self.own):
            return "success", _("Agrees")
        return "warning", _("Differs")


def asked_by(person: User, now: datetime) -> list[Asked]:
    """Return the newest ten that ``person`` asked for, of items whose content they may see. 4 queries."""
    if not person.may(Permission.REVIEW):
        return []
    rounds = Round.objects.open_to(person, now).filter(asked_by=person).select_related("queue")
    newest = list(rounds.order_by("-pk")[:NEWEST])
    decisions = Decision.objects.effective().filter(item__in=[round.item_id for round in newest])
    decisions = decisions.select_related("by").prefetch_related("violations__clause").order_by("-decided_at", "-pk")
    return [_asked(round, [one for one in decisions if one.item_id == round.item_id], person) for round in newest]


def _asked(round: Round, decisions: Sequence[Decision], person: User) -> Asked:
    given = next((one for one in decisions if one.round_id == round.pk), None)
    own = next((one for one in decisions if one.round_id != round.pk and one.by_id == person.pk), None)
    return Asked(round, own, given)


def _finding_of(decision: Decision) -> tuple[str, frozenset[int]]:
    return decision.verdict, frozenset(one.clause.clause_id for one in decision.violations.all())
