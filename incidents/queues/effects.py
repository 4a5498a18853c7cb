"""What follows for one alert, by itself, from the rule it met. Pure: routing carries it out, a trial only counts it."""

import hashlib
from dataclasses import dataclass
from typing import Final

from incidents.intake.models import AlertKind
from incidents.queues.matching import AlertFacts, Match, Matcher, Rule
from incidents.queues.models import Item

LAST: Final = 2**31  # stands after every rule; the random sample after that


@dataclass(frozen=True, slots=True)
class Effect:
    """Where an alert leads. ``queue`` is a slug; empty stands for the default queue, unless ``for_audit``.

    ``standing`` is the place of the rule: of several alerts about one generation, the lowest names the queue.
    """

    match: Match
    standing: int
    queue: str = ""
    for_audit: bool = False
    priority: int = 0
    due_minutes: int | None = None
    tags: tuple[str, ...] = ()
    closed_as: str = ""
    sampled_as: str = ""
    probability: float = 1.0


def effect_of(facts: AlertFacts, matcher: Matcher) -> Effect:
    """Say what the rules do with an alert that is not restricted.

    A random sample meets no rule: whatever moved or closed part of it would bias what is estimated from it.
    """
    if facts.traits.values["alert.kind"] == AlertKind.RANDOM_SAMPLE:
        return Effect(
            match=Match(None, None, 0),
            standing=LAST + 1,
            for_audit=True,
            sampled_as=Item.SampledAs.RANDOM_SAMPLE,
            probability=facts.sampling_rate,
        )
    match = matcher.first_match(facts)
    if match.rule is None or match.position is None:
        return Effect(match=match, standing=LAST)
    return _effect_of_rule(match.rule, match.position, match, draw=draw(facts.generation_id))


def _effect_of_rule(rule: Rule, position: int, match: Match, *, draw: float) -> Effect:
    for_audit, closed_as, sampled_as, probability = False, "", "", 1.0
    if rule.close:
        for_audit, sampled_as, probability = draw < rule.audited, Item.SampledAs.AUDIT, rule.audited
        closed_as = "" if for_audit else rule.close
    elif rule.keep_every > 1:
        sampled_as, probability = Item.SampledAs.SAMPLE_RATE, 1 / rule.keep_every
        closed_as = "" if draw < probability else Item.ClosedAs.NOT_SAMPLED
    return Effect(
        match=match,
        standing=position,
        queue=rule.queue,
        for_audit=for_audit,
        priority=rule.priority,
        due_minutes=rule.due_minutes,
        tags=rule.tags,
        closed_as=closed_as,
        sampled_as=sampled_as,
        probability=probability,
    )


def draw(generation_id: int) -> float:
    """Return a number from 0 up to 1 that looks random and never changes: a retry draws alike.

    By generation, not by alert: an item with many alerts has the same chance as one with a single alert.
    """
    digest = hashlib.sha256(b"routing %d" % generation_id).digest()
    return int.from_bytes(digest[:6]) / 2**48
