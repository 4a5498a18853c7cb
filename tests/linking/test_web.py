"""Who is linked to whom."""

from itertools import pairwise

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.actors.models import Actor, Identifier
from incidents.actors.operations import identifier_digest
from incidents.linking import operations, queries
from incidents.linking.models import Word
from incidents.linking.weighing import LINKED_FROM, weight_of
from tests.factories import NOW, make_actor, make_user
from tests.linking.made import Made, make
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

ASSERTED, REJECTED = Word.Verdict.ASSERTED, Word.Verdict.REJECTED


def share(*actors, kind="payment", value="card"):
    digest = identifier_digest(kind, value)
    Identifier.objects.bulk_create(Identifier(actor=actor, kind=kind, digest=digest) for actor in actors)


def linked_to(actor) -> set[int]:
    return set(queries.web_of(actor).linked)


def accuracy(made: Made, *, innocents: int | None = None) -> tuple[float, float]:
    """Return recall and precision over the pairs that the webs of all in rings, and of ``innocents``, find."""
    in_rings = [one for ring in made.rings for one in ring]
    others = [one for one in made.actors if one not in set(in_rings)][:innocents]
    actors = Actor.objects.in_bulk([*in_rings, *others])
    found = {tuple(sorted((one, other))) for one in actors for other in linked_to(actors[one])}
    right = len(found & made.pairs)
    return right / len(made.pairs), right / len(found)


def test_planted_rings_are_found_and_nobody_else():
    recall, precision = accuracy(make(1, rings=5, innocents=900, crowds=5, crowd=250), innocents=40)

    assert (recall >= 0.95, precision >= 0.95) == (True, True), (recall, precision)


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_planted_rings_are_found_in_full_crowds_whatever_the_seed(seed):
    recall, precision = accuracy(make(seed))

    assert (recall >= 0.95, precision >= 0.95) == (True, True), (recall, precision)


# ── What links ───────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "holders", "links"),
    [
        ("payment", 2, True),
        ("payment", 40, True),
        ("payment", 120, False),
        ("ip", 25, True),
        ("IP", 60, False),
        ("email_domain", 500, False),
        ("payment", 1, False),
    ],
)
def test_what_few_have_links_and_what_many_have_does_not(kind, holders, links):
    assert (weight_of(kind, holders) >= LINKED_FROM) is links


def test_two_things_that_say_a_little_say_enough_together():
    assert weight_of("payment", 100) < LINKED_FROM <= 3 * weight_of("payment", 100)


def test_who_is_linked_to_the_linked_is_linked_too_three_steps_far():
    actors = [make_actor() for _actor in range(5)]
    for number, (one, other) in enumerate(pairwise(actors)):
        share(one, other, value=f"card {number}")

    web = queries.web_of(actors[0])

    assert web.steps == {actor.pk: step for step, actor in enumerate(actors[:4])}


def test_nothing_in_common_is_no_link():
    one, other = make_actor(), make_actor()
    share(one, value="a")
    share(other, value="b")

    assert linked_to(one) == set()


# ── What people say ──────────────────────────────────────


def test_a_persons_word_comes_before_what_is_shared_and_the_newest_stands():
    one, other, reviewer = make_actor(), make_actor(), make_user()
    share(one, other)
    operations.say(other, one, REJECTED, evidence="Two flats, one card.", by=reviewer)
    web = queries.web_of(one)
    assert (web.linked, [link.word.evidence for link in web.rejected]) == ([], ["Two flats, one card."])

    operations.say(one, other, ASSERTED, evidence="They said so.", by=reviewer)

    assert linked_to(one) == {other.pk}


def test_who_is_said_to_be_linked_is_without_anything_shared():
    one, other = make_actor(), make_actor()

    operations.say(one, other, ASSERTED, evidence="Same writing.", by=make_user())

    assert linked_to(one) == {other.pk}
    assert linked_to(other) == {one.pk}


def test_who_is_rejected_is_not_reached_round_about():
    one, other, third = make_actor(), make_actor(), make_actor()
    share(one, other, third)

    operations.say(one, other, REJECTED, evidence="Seen both.", by=make_user())

    assert linked_to(one) == {third.pk}


def test_who_is_rejected_without_sharing_anything_is_not_reached_round_about_either():
    one, between, other = make_actor(), make_actor(), make_actor()
    share(one, between, value="a")
    share(between, other, value="b")

    operations.say(one, other, REJECTED, evidence="Seen both.", by=make_user())

    assert linked_to(one) == {between.pk}


def test_words_need_a_reviewer_two_actors_and_evidence_and_are_not_changed():
    one, other, reviewer = make_actor(), make_actor(), make_user()
    for actor, evidence, by, why in (
        (other, "Why", make_user(role="auditor"), "Only reviewers"),
        (one, "Why", reviewer, "not linked to itself"),
        (other, " ", reviewer, "what it rests on"),
    ):
        with pytest.raises(Refused, match=why):
            operations.say(one, actor, ASSERTED, evidence=evidence, by=by)
    operations.say(one, other, ASSERTED, evidence="Why", by=reviewer)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Word.objects.update(evidence="Other")
    with pytest.raises(IntegrityError, match="word_pair_in_order"), transaction.atomic():
        Word.objects.create(first=other, second=one, verdict=ASSERTED, evidence="x", by=reviewer, at=NOW)


# ── What it costs ────────────────────────────────────────


def test_hundreds_that_share_take_as_many_queries_as_ten_and_no_more_are_followed():
    counts = []
    for many in (10, 300):
        actor = make_actor()
        for place in range(0, many, 100):
            others = [
                Actor(kind="account", external_id=f"a {many} {place} {number}", created_at=NOW)
                for number in range(min(100, many))
            ]
            Actor.objects.bulk_create(others)
            for number in range(4):
                share(actor, *others, value=f"{many} {place} {number}")
        with CaptureQueriesContext(connection) as asked:
            web = queries.web_of(actor)
        counts.append(len(asked))

    assert counts[1] <= counts[0] + 2
    assert len(web.steps) == queries.MOST_LINKED + 1
    assert web.is_cut
