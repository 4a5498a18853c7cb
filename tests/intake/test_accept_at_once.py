"""Two real connections at once: both have looked, and neither has stored, when they go on."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, IntegrityError, connection
from psycopg import errors

from incidents.actors.models import Actor
from incidents.intake import operations
from incidents.intake.models import Alert, AlertToRoute, Batch, Content, Generation
from incidents.intake.operations import accepting, storing
from tests.factories import make_actor
from tests.intake.native import native

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_once(monkeypatch):
    """Accept two bodies at the same time; each waits for the other before it first stores anything."""
    gate, passed = threading.Barrier(2), threading.local()
    actually_note = accepting.actors.note

    def wait_then_note(*arguments, **options):
        if not getattr(passed, "gate", False):
            passed.gate = True
            gate.wait(10)
        return actually_note(*arguments, **options)

    monkeypatch.setattr(accepting.actors, "note", wait_then_note)

    def accept(body):
        try:
            return operations.accept(body, source="tests")
        finally:
            connection.close()

    def run(*bodies):
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(accept, bodies))

    operations.accept([], source="tests")
    return run


def test_the_same_body_twice_at_once_is_stored_once(at_once):
    body = [native(actor={"kind": "account", "external_id": f"acct-{number}"}) for number in range(50)]

    receipts = at_once(body, body)

    assert sorted((one.accepted, one.duplicates) for one in receipts) == [(0, 50), (50, 0)]
    assert Alert.objects.count() == AlertToRoute.objects.count() == Generation.objects.count() == 50
    assert Actor.objects.count() == 50
    assert sum(Batch.objects.values_list("accepted", flat=True)) == 50


def test_bodies_in_opposite_order_do_not_lock_each_other_out(at_once):
    body = [
        native(
            generation={"external_id": f"g-{number}", "messages": [{"role": "user", "content": "Hello."}]},
            actor={"kind": "account", "external_id": f"acct-{number}"},
        )
        for number in range(200)
    ]

    receipts = at_once(body, body[::-1])

    assert sum(one.accepted for one in receipts) == 200
    assert sum(one.duplicates for one in receipts) == 200
    assert Alert.objects.count() == Content.objects.count() == 200


def test_two_alerts_that_bring_the_same_generation_share_it_and_one_is_marked(at_once):
    def bringing(text):
        return native(generation={"external_id": "g", "messages": [{"role": "user", "content": text}]})

    receipts = at_once([bringing("One.")], [bringing("Two.")])

    assert [one.accepted for one in receipts] == [1, 1]
    assert Generation.objects.get().alerts.count() == 2
    assert sorted(Alert.objects.values_list("has_other_content", flat=True)) == [False, True]


def test_the_rest_of_a_body_is_kept_when_one_of_its_alerts_is_lost_to_another(at_once):
    shared = native()

    receipts = at_once([native(), shared], [shared, native()])

    assert sum(one.accepted for one in receipts) == 3
    assert sum(one.duplicates for one in receipts) == 1


def test_whoever_never_wins_is_told_so_and_leaves_nothing(monkeypatch):
    def lose(*arguments):
        raise IntegrityError("someone was faster") from errors.UniqueViolation()

    monkeypatch.setattr(storing, "store", lose)

    with pytest.raises(IntegrityError, match="someone was faster"):
        operations.accept([native()], source="tests")

    assert not Batch.objects.exists()


def test_two_bodies_of_many_chunks_that_lock_each_other_are_both_stored(at_once, monkeypatch):
    monkeypatch.setattr(accepting, "CHUNK", 2)
    body = [native(external_id=f"a-{number}") for number in range(20)]

    receipts = at_once(body, body[::-1])

    assert sum(one.accepted for one in receipts) == 20
    assert sum(one.duplicates for one in receipts) == 20
    assert Alert.objects.count() == 20


def test_bodies_of_many_chunks_that_tell_tiers_of_the_same_actors_never_lock_each_other_out(at_once, monkeypatch):
    monkeypatch.setattr(accepting, "CHUNK", 1)
    accounts = [{"kind": "account", "external_id": make_actor().external_id, "tier": "pro"} for _actor in range(2)]
    gate, calls, tries = threading.Barrier(2), threading.local(), []
    actually_note, actually_open = accepting.actors.note, accepting.open_batch

    def wait_before_the_second(*arguments, **options):
        calls.made = getattr(calls, "made", 0) + 1
        if calls.made == 2:
            gate.wait(10)
        return actually_note(*arguments, **options)

    def count_and_open(**options):
        tries.append(1)
        return actually_open(**options)

    monkeypatch.setattr(accepting.actors, "note", wait_before_the_second)
    monkeypatch.setattr(accepting, "open_batch", count_and_open)

    at_once(*([native(actor=account) for account in order] for order in (accounts, accounts[::-1])))

    assert len(tries) == 2
    assert set(Actor.objects.values_list("tier", flat=True)) == {"pro"}


def test_a_statement_that_fails_otherwise_is_not_tried_again(monkeypatch):
    tries = []

    def fail(*arguments):
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")

    monkeypatch.setattr(storing, "store", fail)

    with pytest.raises(DataError):
        operations.accept([native()], source="tests")

    assert len(tries) == 1
