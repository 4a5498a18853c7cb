"""The tier of an actor: a word of the deployer's that comes with alerts, of which the newest holds."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents.actors import operations
from incidents.actors.models import Actor
from incidents.actors.operations import Reference, Sighting, Word
from tests.factories import NOW, make_actor, make_api_key, make_user

pytestmark = pytest.mark.django_db

ACCOUNT = Reference("account", "acct_9")


def note(sightings, *, namespace: str = "default") -> None:
    heard: dict[int, Word] = {}
    operations.hear_tiers(sightings, operations.note(sightings, namespace=namespace), heard)
    operations.tell_tiers(heard)


def tell(*words, namespace: str = "default"):
    """Tell words, each a tier and the minutes past ``NOW``, and return what holds."""
    sightings = [
        Sighting(ACCOUNT, tier=tier, told_at=None if at is None else NOW + timedelta(minutes=at)) for tier, at in words
    ]
    note(sightings, namespace=namespace)
    actor = Actor.objects.get(namespace=namespace)
    return actor.tier, actor.tier_told_at and (actor.tier_told_at - NOW) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        ([("free", 0)], [("pro", 5)], ("pro", 5)),
        ([("pro", 5)], [("free", 0)], ("pro", 5)),
        ([("free", 0)], [("pro", 9), ("", 20)], ("pro", 9)),
        ([("", 0)], [("", 1)], ("", None)),
        ([("free", 3), ("pro", 1)], [], ("free", 3)),
        ([("free", 0)], [("pro", 0)], ("pro", 0)),
        ([("free", 0), ("pro", 0)], [], ("pro", 0)),
        ([("free", 0)], [("free", 59)], ("free", 0)),
        ([("free", 0)], [("free", 60)], ("free", 60)),
    ],
    ids=[
        "newer",
        "older comes late",
        "silence",
        "never told",
        "within one body",
        "same moment",
        "same moment and body",
        "the same within an hour",
        "the same after an hour",
    ],
)
def test_the_newest_word_holds_with_its_time(first, second, holds):
    before = tell(*first)

    assert (tell(*second) if second else before) == holds


def test_a_word_from_the_future_holds_no_longer_than_from_now():
    year = 365 * 24 * 60
    tell(("free", 50 * year))

    assert Actor.objects.get().tier_told_at <= timezone.now()
    assert tell(("pro", None))[0] == "pro"


def test_each_namespace_is_told_for_itself():
    tell(("free", 0))

    assert tell(("pro", 5), namespace="other") == ("pro", 5)
    assert tell(("", 9)) == ("free", 0)


@pytest.mark.parametrize("fields", [{"tier": "pro"}, {"tier_told_at": NOW}])
def test_a_tier_and_its_time_stand_together_in_the_database(fields):
    with pytest.raises(IntegrityError, match="actor_tier_told_at_some_time"), transaction.atomic():
        make_actor(**fields)


@pytest.mark.parametrize("actors", [2, 60])
def test_telling_takes_one_statement_however_many(actors, django_assert_num_queries):
    sightings = [Sighting(Reference("account", f"a{number}"), tier="pro", told_at=NOW) for number in range(actors)]
    note(sightings)

    with django_assert_num_queries(4):  # the two of them, and the savepoint around
        note([one._replace(tier="free") for one in sightings])

    assert set(Actor.objects.values_list("tier", flat=True)) == {"free"}


# ── From the alert to the page ───────────────────────────


def send(client, alert) -> dict:
    _key, text = make_api_key("intake")
    headers = {"Authorization": f"Bearer {text}"}
    return client.post("/api/v1/alerts", alert, content_type="application/json", headers=headers).json()


def alert(tier) -> dict:
    return {
        "external_id": "a-1",
        "occurred_at": "2026-11-01T10:00:00Z",
        "kind": "detector",
        "generation": {"messages": [{"role": "user", "content": "Write a review of a tea."}]},
        "actor": {"kind": "account", "external_id": "acct_9", "tier": tier},
    }


@pytest.mark.parametrize("tier", ["pro", "Team 10+", "無料", "enterprise/eu_1.0", ""])
def test_a_tier_comes_with_an_alert_and_stands_on_the_page_and_in_the_api(client, tier):
    assert send(client, alert(tier))["rejected"] == []

    actor = Actor.objects.get()
    client.force_login(make_user(role="lead"))
    page = client.get(actor.get_absolute_url()).content.decode()
    _key, text = make_api_key("actors:read")
    [found] = client.get("/api/v1/actors", {"tier": tier}, headers={"Authorization": f"Bearer {text}"}).json()[
        "results"
    ]

    assert (actor.tier, found["tier"]) == (tier, tier)
    assert found["tier_told_at"] == ("2026-11-01T10:00:00Z" if tier else None)
    assert (f">{tier}</bdi>, told" in page) == bool(tier)


@pytest.mark.parametrize("tier", ["x" * 41, "<b>", "pro\n", " pro", "pro ", "a\u202eb", "-", "😀", 7, None, ["pro"]])
def test_a_tier_that_is_no_word_rejects_its_record_by_name(client, tier):
    [rejected] = send(client, alert(tier))["rejected"]

    assert list(rejected["errors"]) == ["actor.tier"]
    assert not Actor.objects.exists()


def test_a_page_of_one_tier_is_read_by_its_index():
    rows = Actor.objects.filter(tier="pro").order_by("-created_at", "-pk")[:51]

    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan to off; set local enable_sort to off")

    assert "actor_newest_of_tier" in rows.explain()
