"""The one write of linking: what a person says of two actors."""

from django.db import transaction

from incidents.actors.models import Actor
from incidents.linking import rules
from incidents.linking.models import Word
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def say(actor: Actor, other: Actor, verdict: Word.Verdict, *, evidence: str, by: User) -> Word:
    """Say that two actors are linked, or that they are not, whatever they share. Raises Refused."""
    if sentence := rules.refusal_to_say(by, is_same=actor.pk == other.pk, evidence=evidence):
        raise Refused(sentence)
    first, second = sorted((actor.pk, other.pk))
    word = Word.objects.create(
        first_id=first, second_id=second, verdict=verdict, evidence=evidence.strip(), by=by, at=clock.now()
    )
    kind = "actors.link_asserted" if verdict == Word.Verdict.ASSERTED else "actors.link_rejected"
    record(kind, on=[actor, other], by=by, reason=word.evidence, data={"word": word.pk})
    return word
