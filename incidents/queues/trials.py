"""What a set of rules would have done with the last alerts, beside the set in force. Reads only, in bounded steps."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from incidents.intake.models import Alert
from incidents.queues import queries
from incidents.queues.effects import Effect, effect_of
from incidents.queues.matching import AlertFacts, Matcher, Rule
from incidents.queues.models import Item, Queue
from trust import clock

MOST: Final = 10_000
STEP: Final = 2_000
EXAMPLES: Final = 10


@dataclass(frozen=True)
class Example:
    """An alert that would go elsewhere: its id and what rules look at, never its content."""

    alert_id: int
    generation_id: int
    facts: tuple[tuple[str, str], ...]
    now: str
    then: str
    rule: str


@dataclass(frozen=True)
class Line:
    """A place, and how many alerts it gets now and then."""

    place: str
    now: int
    then: int

    @property
    def change(self) -> int:
        return self.then - self.now


@dataclass(frozen=True)
class Trial:
    """``tried`` alerts, each by itself. ``closed`` are those that rules would close, now and then, by outcome."""

    tried: int
    moved: int
    by_queue: list[Line]
    closed: list[Line]
    examples: list[Example]


def try_rules(wanted: Sequence[Rule], in_force: Sequence[Rule], *, last: int) -> Trial:
    """Hold both sets against the ``last`` alerts, at most ``MOST``. 5 queries, and 2 for each further ``STEP``.

    What is muted now is muted in both. Restricted ones are left out: no rule moves them, and not everybody may know of
    them.
    """
    queues = {queue.slug: queue for queue in Queue.objects.filter(restricted_category="").order_by("position", "pk")}
    now_by, then_by, weights = Matcher(in_force), Matcher(wanted), queries.weights(clock.now())
    tried = moved = 0
    places: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    outcomes: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    examples: list[Example] = []
    for facts in _last_facts(min(last, MOST)):
        now, then = (weights.weigh(facts, effect_of(facts, by))[0] for by in (now_by, then_by))
        tried += 1
        for number, effect in enumerate((now, then)):
            (outcomes if effect.closed_as else places)[number][_place(effect, queues)] += 1
        if (_place(now, queues), now.closed_as) != (_place(then, queues), then.closed_as):
            moved += 1
            if len(examples) < EXAMPLES:
                examples.append(_example(facts, now, then, queues))
    return Trial(tried, moved, _lines(places, queues), _lines(outcomes, queues), examples)


def _last_facts(last: int) -> Iterator[AlertFacts]:
    """Yield what rules look at, of the newest alerts first."""
    ids = list(
        Alert.objects.filter(generation__restriction__isnull=True).order_by("-pk").values_list("pk", flat=True)[:last]
    )
    for start in range(0, len(ids), STEP):
        facts = queries.alert_facts(ids[start : start + STEP])
        yield from (one for one in reversed(facts) if not one.restricted_category)


def _place(effect: Effect, queues: dict[str, Queue]) -> str:
    """Return the slug of the queue that ``effect`` leads to, or the outcome that it closes as; as routing has it."""
    if effect.closed_as:
        return effect.closed_as
    if effect.for_audit:
        return next((slug for slug, queue in queues.items() if queue.is_for_audit), "audit")
    if effect.queue in queues:
        return effect.queue
    return next((slug for slug, queue in queues.items() if queue.is_default), "general")


def _example(facts: AlertFacts, now: Effect, then: Effect, queues: dict[str, Queue]) -> Example:
    shown = [(name, value) for name, value in facts.traits.values.items() if value and name != "alert.flagged"]
    flagged = [("alert.flagged", ", ".join(facts.traits.flagged[:5]))] if facts.traits.flagged else []
    return Example(
        alert_id=facts.alert_id,
        generation_id=facts.generation_id,
        facts=tuple((name, str(value)) for name, value in shown + flagged),
        now=_named(_place(now, queues), queues),
        then=_named(_place(then, queues), queues),
        rule=then.match.rule.name if then.match.rule else "",
    )


def _lines(counts: tuple[Counter[str], Counter[str]], queues: dict[str, Queue]) -> list[Line]:
    now, then = counts
    order = {slug: number for number, slug in enumerate(queues)}
    found: Iterable[str] = sorted(set(now) | set(then), key=lambda slug: (order.get(slug, len(order)), slug))
    return [Line(_named(slug, queues), now[slug], then[slug]) for slug in found]


def _named(place: str, queues: dict[str, Queue]) -> str:
    if place in Item.ClosedAs.values:
        return str(Item.ClosedAs(place).label)
    return queues[place].name if place in queues else place
