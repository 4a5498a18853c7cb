"""Two versions of a policy of half a megabyte, compared: the texts that are hardest, by processor time."""

import random
import time
from collections.abc import Callable

from bench.registry import Result, at_most, bench
from bench.world import World
from policies import diff
from policies.texts import PolicyText
from tests.policies.texts import long_text, make_text

SIZE = 500_000
CLAUSE = 4_000
SECONDS = 1.0


@bench("policy_diff")
def policy_diff(world: World) -> list[Result]:
    draw = random.Random(7)
    text = long_text(1, size=SIZE)
    parts = [text[start : start + CLAUSE] for start in range(0, SIZE, CLAUSE)]
    cases: dict[str, tuple[list[str], list[str]]] = {
        "rewritten": ([text], [long_text(2, size=SIZE)]),
        "shuffled": ([text], [_shuffled(draw, text)]),
        "each fifth word": (parts, [_edited(draw, part) for part in parts]),
        "all clauses shuffled": (parts, [_shuffled(draw, part) for part in parts]),
    }
    return [_measured(name, _version(old), _version(new)) for name, (old, new) in cases.items()]


def _measured(name: str, old: PolicyText, new: PolicyText) -> Result:
    spent = _processor_seconds(lambda: diff.between(old, new))
    if diff.apply(diff.between(old, new), old) != new:
        raise RuntimeError("the comparison does not give the new version back")
    note = f"{len(old.clauses):,} clauses, {SIZE:,} characters"
    return Result(f"policy_diff/{name}", spent, SECONDS, "s of one core", at_most(1), note=note)


def _processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _version(texts: list[str]) -> PolicyText:
    return PolicyText("Spam", "", tuple(make_text(key=f"spam.{n}", definition=text) for n, text in enumerate(texts)))


def _shuffled(draw: random.Random, text: str) -> str:
    words = text.split(" ")
    draw.shuffle(words)
    return " ".join(words)


def _edited(draw: random.Random, text: str) -> str:
    return " ".join(f"new{word}" if draw.random() < 0.2 else word for word in text.split(" "))
