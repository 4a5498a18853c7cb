"""Every write of linking: what a person says of two actors, and acting on several that are linked."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from incidents.actors.models import Actor
from incidents.enforcement import operations as enforcement, queries as enforcements
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.operations import Proposal
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


@transaction.atomic
def propose_for(actors: Sequence[Actor], proposal: Proposal, *, by: User) -> list[EnforcementAction]:
    """Propose the same for several actors, each with its own decisions as evidence: for all of them or for none.

    Who has as much coming or in force already is left out. Raises Refused.
    """
    if sentence := rules.refusal_to_act(len(actors)):
        raise Refused(sentence)
    covered = enforcements.covered([actor.pk for actor in actors], proposal.kind)
    return [
        enforcement.propose(actor, replace(proposal, decisions=enforcements.upheld_decisions(actor)), by=by)
        for actor in sorted(actors, key=lambda one: one.pk)
        if actor.pk not in covered
    ]
