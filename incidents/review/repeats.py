"""A decision that is sent again under its key: the same is answered again, anything else is refused."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from incidents.queues.models import Round
from incidents.review import rules
from incidents.review.findings import Finding, places_of
from incidents.review.models import Decision
from trust.accounts.models import User
from trust.refusals import Refused


def sent_before(decision: Decision, findings: Sequence[Finding]) -> Decision | None:
    """Return what the same person sent under the same key, if anything. Raises Refused when it said something else."""
    if decision.idempotency_key is None:
        return None
    earlier = Decision.objects.filter(by=decision.by, idempotency_key=decision.idempotency_key).first()
    if earlier is None:
        return None
    if earlier.round_id != decision.round_id or not _says_the_same(earlier, decision, findings):
        raise key_reused()
    earlier.is_repeat = True
    return earlier


def _says_the_same(earlier: Decision, decision: Decision, findings: Sequence[Finding]) -> bool:
    if (earlier.verdict, earlier.note, earlier.is_detector_wrong) != (
        decision.verdict,
        decision.note,
        decision.is_detector_wrong,
    ):
        return False
    violations = earlier.violations.select_related("clause__clause")
    found_before = {
        (one.clause.clause.key, one.severity, one.side, one.complied, one.span_message, one.span_start, one.span_end)
        for one in violations
    }
    found = {(one.clause, one.severity, one.side, one.complied, *places_of(one.span)) for one in findings}
    return found_before == found


def key_reused() -> Refused:
    return Refused(_("This Idempotency-Key was used for another decision."), code="idempotency-key-reused")


def in_own_words(refusal: Refused, round: Round, *, by: User) -> Refused:
    """Return ``refusal`` as a person is told it, who knows of no key: they decided the round before, otherwise."""
    if refusal.code != "idempotency-key-reused":
        return refusal
    decided = rules.refusal_as_decided(Round.objects.select_related("closed_by").get(pk=round.pk), by)
    return Refused(decided, code="already-decided") if decided else refusal
