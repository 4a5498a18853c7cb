"""A policy of half a megabyte, as its editors and readers meet it: saved, looked at while typing, shown, compared."""

import random
from collections.abc import Callable

from bench.registry import Result, at_most, bench
from bench.viewers import processor
from bench.world import World
from policies import operations
from policies.clause_form import raw_of_text
from policies.models import ClauseVersion, Policy, PolicyVersion
from tests.factories import make_clause, make_policy_version, make_user, publish
from tests.policies.texts import long_text
from trust.accounts.models import User

CLAUSES = 60
DEFINITION, PUBLIC, EXAMPLE = 4_500, 1_500, 300  # characters; with six examples a clause has about 8,400
SECONDS = 1.0
ROUNDS = 3
MARKUP = "- **{}** and some more words of it\n"  # about as dense as what is laid out at all


@bench("policy_500kb")
def policy_500kb(world: World) -> list[Result]:
    """The slowest of three turns: the first finds nothing laid out yet. Once as prose, once as dense markup."""
    return [result for name, write in TEXTS.items() for result in _measured(world, name, write)]


def _prose(seed: int, size: int) -> str:
    return long_text(seed, size=size)[:size].strip()


def _markup(seed: int, size: int) -> str:
    return "".join(MARKUP.format(seed + number) for number in range(size // 30 + 1))[:size].strip()


TEXTS: dict[str, Callable[[int, int], str]] = {"prose": _prose, "markup": _markup}


def _measured(world: World, name: str, write: Callable[[int, int], str]) -> list[Result]:
    policy = _published(f"bench-{name}", write)
    editor = make_user(role="policy_editor")
    draft = _draft(policy, editor)
    size = sum(len(row.definition + row.public_text + str(row.violates)) for row in draft.clauses.all())
    visitor, text = world.visitor(editor), draft.clauses.select_related("clause").order_by("position")[0]
    desk = f"/policies/clauses/{text.clause.key}/draft/"
    turns: dict[str, Callable[[int], object]] = {
        "save": lambda turn: visitor.post(desk, **_typed(text, turn)),
        "preview": lambda turn: visitor.post(f"{desk}preview/", **_typed(text, turn + ROUNDS)),
        "show": lambda _turn: visitor.get(f"/policies/{policy.key}/versions/1/"),
        "outline": lambda _turn: visitor.get(f"/policies/{policy.key}/draft/"),
        "compare": lambda _turn: visitor.get(f"/policies/{policy.key}/versions/1/to/2/"),
        "review": lambda _turn: visitor.get(f"/policies/{policy.key}/versions/2/review/"),
    }
    note = f"{CLAUSES} clauses, {size:,} characters"
    with world.without_background():
        spent = {step: max(_spent(world, turn, number) for number in range(ROUNDS)) for step, turn in turns.items()}
    return [
        Result(f"policy_500kb/{name}/{step}", slowest, SECONDS, "s of one core", at_most(1), note=note)
        for step, slowest in spent.items()
    ]


def _spent(world: World, turn: Callable[[int], object], number: int) -> float:
    """Return the seconds of processor time that all processes of the instance spend, the database's too."""
    before = processor(world)
    turn(number)
    return processor(world) - before


def _published(key: str, write: Callable[[int, int], str]) -> Policy:
    version = make_policy_version(
        policy=Policy.objects.create(key=key), status=PolicyVersion.Status.DRAFT, published_at=None
    )
    for number in range(CLAUSES):
        example = {"text": write(number, EXAMPLE), "reason": write(number + 1, EXAMPLE)}
        make_clause(
            version=version,
            key=f"{key}.rule_{number}",
            definition=write(number, DEFINITION),
            public_text=write(number + 500, PUBLIC),
            violates=[example] * 2,
            does_not_violate=[example] * 2,
        )
    return publish(version).policy


def _draft(policy: Policy, editor: User) -> PolicyVersion:
    """Open the next version and change each fifth word of every definition and public wording."""
    draft = operations.open_draft(policy, by=editor)
    draw = random.Random(3)
    for row in draft.clauses.all():
        row.definition, row.public_text = (_edited(draw, text) for text in (row.definition, row.public_text))
        row.save(update_fields=["definition", "public_text"])
    return draft


def _edited(draw: random.Random, text: str) -> str:
    return " ".join(f"{word}n" if draw.random() < 0.2 else word for word in text.split(" "))


def _typed(text: ClauseVersion, turn: int) -> dict[str, str]:
    """Return what the form of the clause sends, with a word that is new."""
    text.refresh_from_db()
    raw = raw_of_text(text, change_note="It was unclear.")
    return raw | {"definition": f"turn{turn} {raw['definition']}"[: DEFINITION + 400]}
