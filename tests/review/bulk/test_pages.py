"""The pages of a bulk action: selecting, looking, confirming with the count, following, taking back."""

import pytest

from incidents.intake.models import Restriction
from incidents.review import tasks
from incidents.review.models import Bulk, BulkPart, Decision
from tests.factories import NOW, make_clause, make_queue, make_round, make_user

pytestmark = pytest.mark.django_db

LIST = "/items/bulk/"
WHY = "A test of the shop, by its own staff."


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def select(client, query: str) -> Bulk:
    answer = client.post(f"{LIST}?{query}")
    assert answer.status_code == 302, answer.content.decode()
    return Bulk.objects.latest("pk")


def confirm(client, bulk: Bulk, **typed):
    form = {"action": "benign", "reason": WHY, "count": bulk.count, "digest": bulk.digest, **typed}
    return client.post(f"{LIST}{bulk.pk}/start/", form)


def test_from_the_list_to_the_end_and_back(client, lead):
    rounds = [make_round(queue=make_queue(name="Health claims"))]
    rounds += [make_round(queue=rounds[0].queue) for _row in range(2)]
    make_round()
    query = f"queue={rounds[0].queue.slug}"
    assert f'action="{LIST}?{query}"' in client.get(f"/queues/all/?{query}").content.decode()

    bulk = select(client, query)
    page = client.get(f"{LIST}{bulk.pk}/", follow=True).content.decode()
    for text in ("3 items match", "Health claims", "Do it with all 3 items", f"Item {rounds[2].item_id}"):
        assert text in page
    assert "a tea I never drank" not in page

    assert confirm(client, bulk).status_code == 302
    page = client.get(f"{LIST}{bulk.pk}/").content.decode()
    assert "Cancel, and keep what is done" in page
    assert client.get(f"{LIST}{bulk.pk}/progress/", headers={"HX-Request": "true"}).status_code == 200
    tasks.do_in_bulk()

    done = client.get(f"{LIST}{bulk.pk}/progress/", headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == f"{LIST}{bulk.pk}/"
    page = client.get(f"{LIST}{bulk.pk}/").content.decode()
    assert "Take back 3 items" in page
    assert WHY in client.get(LIST).content.decode()
    client.post(f"{LIST}{bulk.pk}/undo/")
    tasks.undo_in_bulk()
    assert set(bulk.parts.values_list("outcome", flat=True)) == {"undone"}
    assert "Taken back" in client.get(f"{LIST}{bulk.pk}/").content.decode()


def test_what_changed_is_told_beside_what_was_typed_and_the_new_count_can_be_confirmed(client, lead):
    first = make_round()
    bulk = select(client, "")
    make_round(queue=first.queue)

    answer = confirm(client, bulk)
    page = answer.content.decode()

    assert answer.status_code == 409
    for text in (
        "it was 1, and is 2 now. Nothing was done",
        WHY,
        "Do it with all 2 items",
        'name="count" value="2"',
    ):
        assert text in page
    assert not BulkPart.objects.exists()
    bulk.refresh_from_db()
    assert confirm(client, bulk).status_code == 302


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"action": ""}, "Choose what to do."),
        ({"action": "delete"}, "Select a valid choice"),
        ({"action": "violating"}, "Say which clause is violated."),
        ({"action": "violating", "clause": "no.such"}, "Select a valid choice"),
        ({"action": "move"}, "Say into which queue."),
        ({"action": "priority"}, "Say which priority."),
        ({"action": "priority", "priority": "99999"}, "less than or equal"),
        ({"reason": ""}, "Say why they are handled alike."),
        ({"reason": "x" * 501}, "at most 500"),
        ({"count": "9" * 30}, "less than or equal"),
        ({"reason": "a\x00b"}, "Null characters"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_lost(client, lead, typed, sentence):
    make_round()
    bulk = select(client, "")

    answer = confirm(client, bulk, **typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Bulk.objects.get().job is None


def test_a_clause_has_its_usual_severity_unless_another_is_chosen(client, lead):
    text = make_clause(usual_severity=3)
    make_round()

    confirm(client, select(client, ""), action="violating", clause=text.clause.key)
    tasks.do_in_bulk()

    assert Decision.objects.get().violations.get().severity == 3


@pytest.mark.parametrize(
    "query", ["queue=nowhere", "severity=1e999999", "kind=%00", "owner__password=a", "status=closed"]
)
def test_a_query_that_makes_no_sense_is_named_and_not_stored(client, lead, query):
    make_round()

    answer = client.post(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.content.decode()
    assert not Bulk.objects.exists()


def test_too_many_are_refused_as_a_sentence(client, lead, monkeypatch):
    monkeypatch.setattr("incidents.review.bulk.rules.MOST", 1)
    for _row in range(2):
        make_round()

    answer = client.post(LIST)

    assert (answer.status_code, "More than 10,000 items match" in answer.content.decode()) == (409, True)


def test_another_lead_sees_it_and_may_not_begin_it(client, lead):
    make_round()
    bulk = select(client, "")
    client.force_login(make_user(role="lead"))

    page = client.get(f"{LIST}{bulk.pk}/start/").content.decode()

    assert "selected these items" in page
    assert confirm(client, bulk).status_code == 409


def test_what_was_left_alone_is_listed_but_for_what_became_restricted(client, lead):
    rounds = [make_round() for _row in range(2)]
    bulk = select(client, "")
    confirm(client, bulk)
    for round in rounds:
        type(round).objects.filter(pk=round.pk).update(status="closed", closed_at=NOW, closed_by=make_user(name="Ana"))
    Restriction.objects.create(generation=rounds[0].item.generation, category="child_safety", created_at=NOW)
    tasks.do_in_bulk()

    page = client.get(f"{LIST}{bulk.pk}/").content.decode()

    assert "Ana has decided this already." in page
    assert f"Item {rounds[1].item_id}" in page
    assert f"Item {rounds[0].item_id}" not in page
