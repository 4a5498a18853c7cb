"""Rounds that are ticked one by one: just they are handled, whatever else the list shows."""

import pytest

from incidents.intake.models import Restriction
from incidents.review import tasks
from incidents.review.bulk import operations as bulks
from incidents.review.models import Bulk, Decision
from tests.factories import NOW, make_clause, make_queue, make_round, make_user
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

LIST = "/items/bulk/"


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def tick(client, *rounds, query: str = ""):
    return client.post(f"{LIST}?{query}", {"chosen": "1", "round": [getattr(round, "pk", round) for round in rounds]})


def test_only_what_was_ticked_is_handled(client, lead):
    first, _other, last = make_round(), make_round(), make_round()

    page = client.get(tick(client, first, last).url, follow=True).content.decode()
    bulk = Bulk.objects.get()
    typed = {"action": "benign", "reason": "One campaign", "count": bulk.count, "digest": bulk.digest}
    client.post(f"{LIST}{bulk.pk}/start/", typed)
    tasks.do_in_bulk()

    assert "2 items match" in page
    assert "Chosen one by one" in page
    assert set(Decision.objects.values_list("round", flat=True)) == {first.pk, last.pk}


def test_what_is_ticked_is_narrowed_by_the_list_and_by_what_one_may_know(client, lead):
    wanted, elsewhere, hidden = make_round(), make_round(), make_round(queue=make_queue())
    Restriction.objects.create(generation=hidden.item.generation, category="child_safety", created_at=NOW)

    tick(client, wanted, elsewhere, hidden, query=f"queue={wanted.queue.slug}")

    assert Bulk.objects.get().count == 1


def test_what_was_judged_meanwhile_is_told_by_the_count(lead):
    one, other = make_round(), make_round()
    bulk = bulks.store({"rounds": f"{one.pk},{other.pk}"}, by=lead)
    type(one).objects.filter(pk=one.pk).update(status="closed", closed_at=NOW, closed_by=lead)

    with pytest.raises(Refused, match="it was 2, and is 1 now"):
        bulks.start(bulk, action="benign", values={}, reason="x", count=2, digest=bulk.digest, by=lead)


def test_nothing_ticked_is_told_and_nothing_is_selected(client, lead):
    make_round()

    answer = tick(client)

    assert answer.status_code == 422
    assert "Select items first" in answer.content.decode()
    assert not Bulk.objects.exists()


@pytest.mark.parametrize("sent", [["x"], ["1\0"], ["-1"], ["9" * 30], [str(number) for number in range(1, 52)]])
def test_what_is_no_number_of_a_round_is_named(client, lead, sent):
    answer = tick(client, *sent)

    assert answer.status_code == 400
    assert "round" in answer.content.decode()


def test_any_clause_can_be_named_and_one_that_is_none_is_told_beside_its_field(client, lead):
    text = make_clause(usual_severity=3)
    tick(client, make_round())
    bulk = Bulk.objects.get()
    typed = {"action": "violating", "reason": "One campaign", "count": bulk.count, "digest": bulk.digest}

    refused = client.post(f"{LIST}{bulk.pk}/start/", {**typed, "other": "no.such"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["other"] == ["No clause of that name is in force."]

    client.post(f"{LIST}{bulk.pk}/start/", {**typed, "other": text.clause.key})
    tasks.do_in_bulk()
    assert Decision.objects.get().violations.get().severity == 3
