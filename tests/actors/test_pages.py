from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.actors.models import Actor, Identifier
from tests.factories import (
    NOW,
    make_actor,
    make_alert,
    make_clearance,
    make_generation,
    make_item,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/actors/"


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def test_the_list_shows_the_newest_first_and_walks_on(client, lead):
    for number in range(60):
        make_actor(external_id=f"acct-{number:02}", created_at=NOW + timedelta(minutes=number))

    first = client.get(LIST)
    second = client.get(first.context["older_url"])

    assert [actor.external_id for actor in first.context["page"]][:2] == ["acct-59", "acct-58"]
    assert len(first.context["page"]) == 50
    assert [actor.external_id for actor in second.context["page"]] == [
        f"acct-{number:02}" for number in range(9, -1, -1)
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("external_id=org", {"org_1"}),
        ("kind=user", {"user_1"}),
        ("standing=banned", {"acct_1"}),
        ("external_id=o%25", set()),
        ("tier=pro", {"acct_1"}),
        ("tier=pr", set()),
    ],
)
def test_the_list_is_narrowed_by_filters(client, lead, query, expected):
    make_actor(external_id="org_1", kind="organisation")
    make_actor(external_id="user_1", kind="user")
    make_actor(external_id="acct_1", standing="banned", tier="pro", tier_told_at=NOW)

    answer = client.get(f"{LIST}?{query}")

    assert {actor.external_id for actor in answer.context["page"]} == expected


@pytest.mark.parametrize(
    "query",
    ["owner=1", "kind=robot", "external_id__contains=a", "cursor=x", "external_id=%00", "parent__standing=good"],
)
def test_what_is_no_filter_is_named(client, lead, query):
    answer = client.get(f"{LIST}?{query}")

    assert answer.status_code == 400


@pytest.mark.parametrize("rows", [2, 60])
def test_the_list_asks_the_same_few_questions_however_long(client, lead, rows, django_assert_num_queries):
    for number in range(rows):
        make_actor(parent=make_actor(external_id=f"parent-{number}"))

    with django_assert_num_queries(3):
        client.get(LIST)


@pytest.mark.parametrize("rows", [2, 60])
def test_the_page_asks_the_same_few_questions_however_long(client, lead, rows, django_assert_num_queries):
    actor = make_actor(parent=make_actor())
    for number in range(rows):
        generation = make_generation(actor=actor, occurred_at=NOW + timedelta(minutes=number))
        make_item(generation=make_alert(generation=generation).generation)
        make_alert(generation=generation)
        Identifier.objects.create(actor=actor, kind="ip", digest=number.to_bytes(32))

    with django_assert_num_queries(6):
        answer = client.get(actor.get_absolute_url())

    assert len(answer.context["page"]) == min(rows, 20)


def test_the_history_shows_what_came_in_and_never_its_content(client, lead):
    actor = make_actor()
    generation = make_generation(actor=actor, messages=[{"role": "user", "content": "A very private text."}])
    item = make_item(generation=make_alert(generation=generation, flagged=["spam"]).generation)

    page = client.get(actor.get_absolute_url()).content.decode()

    assert "spam" in page
    assert reverse("review:item", args=[item.pk]) in page
    assert "A very private text." not in page


def test_restricted_generations_are_left_out_for_who_has_no_clearance(client, lead):
    actor = make_actor()
    make_alert(generation=make_generation(actor=actor, restricted=True))

    without = client.get(actor.get_absolute_url())
    make_clearance(lead)
    cleared = client.get(actor.get_absolute_url())

    assert len(without.context["page"]) == 0
    assert len(cleared.context["page"]) == 1


def test_the_organisation_says_who_is_above_beside_and_below(client, lead):
    parent = make_actor(external_id="<b>org", kind="organisation")
    actor = make_actor(parent=parent)
    make_actor(parent=parent)
    children = [make_actor(parent=actor, standing="banned") for _number in range(21)]

    answer = client.get(f"/actors/{actor.pk}/organisation/")
    older = client.get(answer.context["older_url"])

    assert (answer.context["organisation"].siblings, answer.context["organisation"].children) == (1, 21)
    assert len(answer.context["page"]) == 20
    assert [one.pk for one in [*answer.context["page"], *older.context["page"]]] == [
        one.pk for one in reversed(children)
    ]
    page = answer.content.decode()
    assert "&lt;b&gt;org" in page
    assert "Banned" in page


def test_a_reviewer_is_told_how_many_belong_to_an_actor_and_their_own_alone(client):
    reviewer, actor = make_user(), make_actor()
    mine, theirs = make_actor(parent=actor), make_actor(parent=actor)
    for one in (actor, mine):
        make_round(item=item_of(one), lease_by=reviewer)
    client.force_login(reviewer)

    page = client.get(f"/actors/{actor.pk}/organisation/").content.decode()

    assert mine.external_id in page
    assert theirs.external_id not in page
    assert "only who is yours to open is named" in page


def test_identifiers_show_how_many_share_them_and_no_value(client, lead):
    actor = make_actor()
    for other in [actor, make_actor(), make_actor()]:
        Identifier.objects.create(actor=other, kind="device", digest=b"\xab" * 32)

    answer = client.get(actor.get_absolute_url())

    [shared] = answer.context["identifiers"]
    assert (shared.kind, shared.mark, shared.actors) == ("device", "abab", 3)
    assert "ab" * 32 not in answer.content.decode()


def test_a_reviewer_sees_the_actors_of_what_they_hold_or_decided(client):
    reviewer, other = make_user(), make_user()
    held, decided, lost, foreign = make_actor(), make_actor(), make_actor(), make_actor()
    make_round(item=item_of(held), lease_by=reviewer)
    make_round(item=item_of(decided), status="closed", closed_at=NOW, closed_by=reviewer)
    make_round(item=item_of(lost), lease_by=reviewer, lease_until=timezone.now() - timedelta(minutes=1))
    make_round(item=item_of(foreign), lease_by=other)
    client.force_login(reviewer)

    assert set(Actor.objects.visible_to(reviewer)) == {held, decided}
    assert client.get(held.get_absolute_url()).status_code == 200
    assert client.get(foreign.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("reviewer", 200),
        ("lead", 200),
        ("auditor", 200),
        ("policy_editor", 403),
        ("policy_approver", 403),
        ("analyst", 403),
        ("admin", 403),
    ],
)
def test_the_list_opens_to_who_may_read_actors(client, role, status):
    client.force_login(make_user(role=role))

    assert client.get(LIST).status_code == status


def test_hostile_names_are_shown_as_text(client, lead):
    actor = make_actor(external_id="<script>alert(1)</script>\u202e")

    for address in (LIST, actor.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "\u202e" not in page


def item_of(actor):
    return make_item(generation=make_generation(actor=actor))
