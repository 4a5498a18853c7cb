"""How texts come into the index, behind what others wait for, and how they leave it."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from incidents.intake import operations as intake
from incidents.intake.models import DetectorVersion
from incidents.queues import operations as queues, searching
from incidents.queues.models import Item, ItemToGroup
from incidents.review import operations as review
from incidents.search import operations, tasks
from incidents.search.models import Document, GenerationToIndex
from tests.factories import make_actor, make_decision, make_round, make_source, make_user, make_waiting_alert
from tests.intake.native import native
from tests.search.factories import index, make_searchable
from tests.search.test_find import found
from trust import sweeps
from trust.accounts.models import Clearance


@pytest.mark.django_db
class TestFilling:
    def test_acceptance_writes_nothing_for_search_and_routing_notes_what_came_in(self):
        intake.accept([native()], source="tests")
        assert not GenerationToIndex.objects.exists()

        queues.route_alerts()
        assert GenerationToIndex.objects.count() == 1

        tasks.index()
        assert not GenerationToIndex.objects.exists()
        assert Document.objects.get().generation == Item.objects.get().generation

    def test_what_is_wanted_sooner_comes_first(self, monkeypatch):
        monkeypatch.setattr(searching, "MOST_WAITING", 1)
        for text in ("a green kettle", "a blue kettle"):
            make_searchable(text)
        ItemToGroup.objects.bulk_create(ItemToGroup(item=item) for item in Item.objects.all())

        tasks.index()
        assert not Document.objects.exists()

        queues.group_items()
        tasks.index()
        assert Document.objects.count() == 2

    def test_much_is_indexed_a_while_at_a_time(self, monkeypatch):
        hints = []
        monkeypatch.setattr(sweeps, "hint", hints.append)
        monkeypatch.setattr(sweeps, "SECONDS_AT_ONCE", 0)
        monkeypatch.setattr(operations, "MOST_CHARACTERS", 10)
        for _place in range(3):
            make_searchable("a green kettle")

        tasks.index()

        assert Document.objects.count() == 1
        assert hints == ["incidents.search.tasks.index"]

    def test_indexing_again_changes_no_row_that_says_the_same(self):
        item = make_searchable("a green kettle")
        index()
        before = versions()
        operations.wait_for_index([item.generation_id] * 3)
        index()

        assert versions() == before

    def test_a_further_alert_is_found_by_its_detector_and_source(self):
        item = make_searchable("a green kettle")
        index()
        other = DetectorVersion.objects.create(name="Second Look", version="2")
        make_waiting_alert(
            generation=item.generation,
            detector_version=other,
            source=make_source(slug="partner-7"),
            kind="partner_report",
        )
        queues.route_alerts()
        index()

        assert found('detector:"second look"') == [item.pk]
        assert found("detector:second*") == [item.pk]
        assert found("source:partner-7 kettle") == [item.pk]

    def test_what_is_left_over_by_a_failure_is_indexed_later(self, monkeypatch):
        make_searchable("a green kettle")
        with monkeypatch.context() as patch, transaction.atomic():
            patch.setattr(operations, "_store", fail)
            with pytest.raises(RuntimeError), transaction.atomic():
                operations.index_documents()

        assert GenerationToIndex.objects.count() == 1
        index()
        assert Document.objects.count() == 1

    def test_reindex_finds_what_came_before_there_was_a_search(self, capsys):
        make_searchable("a green kettle")
        GenerationToIndex.objects.all().delete()

        call_command("reindex")
        call_command("reindex")

        assert capsys.readouterr().out.split() == ["indexed", "1", "indexed", "0"]
        assert Document.objects.count() == 1

    def test_a_batch_takes_as_many_queries_for_sixty_as_for_two(self, django_assert_num_queries):
        for many in (2, 60):
            for _place in range(many):
                make_searchable("a green kettle")
            with django_assert_num_queries(10):
                operations.index_documents()

    def test_long_texts_are_taken_a_few_at_a_time(self, monkeypatch):
        monkeypatch.setattr(operations, "MOST_CHARACTERS", 30)
        for _place in range(3):
            make_searchable("a green kettle in it")

        assert [operations.index_documents() for _batch in range(3)] == [2, 1, 0]


@pytest.mark.django_db
class TestMarks:
    def test_a_decision_is_found_by_verdict_clause_and_queue_and_after_undo_no_more(self):
        reviewer = make_user(role="lead")
        item = make_searchable("a green kettle", actor=None)
        round = make_round(item=item, lease_by=reviewer)
        decision = review.decide(round, fence=1, verdict="benign", by=reviewer)
        index()

        assert found("verdict:benign") == [item.pk]
        assert found(f"queue:{round.queue.slug} kettle -verdict:violating") == [item.pk]
        review.undo(decision, by=reviewer)
        index()
        assert found("verdict:benign") == []
        assert found("kettle -verdict:benign") == [item.pk]

    def test_clauses_are_found_by_key_and_by_the_policy_that_it_begins_with(self):
        item = make_searchable("a green kettle")
        clause = make_decision(item=item).violations.get().clause.clause.key
        operations.wait_for_index([item.generation_id])
        index()

        assert found(f"clause:{clause}") == [item.pk]
        assert found(f"clause:{clause[:8]}*") == [item.pk]
        assert found(f"-clause:{clause} kettle") == []

    def test_an_actor_with_quotes_and_spaces_in_its_name_is_found(self):
        item = make_searchable("a kettle", actor=make_actor(external_id="O'Neil \\ & sons | (x) !*"))
        index()

        assert found('actor:"o\'neil \\ & sons | (x) !*"') == [item.pk]
        assert found("actor:o'neil*") == [item.pk]


@pytest.mark.django_db
class TestRestriction:
    def test_what_becomes_restricted_leaves_the_index_with_its_notes_and_stays_out(self):
        item = make_searchable("a green kettle")
        index()

        intake.restrict(item.generation, category=Clearance.CHILD_SAFETY, by=None)
        queues.move_to_restricted_queue([item.generation_id], category=Clearance.CHILD_SAFETY)

        assert not Document.objects.exists()
        index()
        assert not Document.objects.exists()

    def test_what_comes_in_restricted_is_never_indexed(self):
        make_searchable("a green kettle", restricted=True)
        index()

        assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_indexes_and_the_other_finds_nothing_to_do():
    for _place in range(5):
        make_searchable("a green kettle")
    taken: list[int] = []

    def work() -> None:
        taken.append(operations.index_documents())
        connection.close()

    with transaction.atomic():
        assert operations.index_documents() == 5
        other = threading.Thread(target=work)
        other.start()
        other.join()

    assert taken == [0]
    assert Document.objects.count() == 5


def versions() -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, ctid::text from search_document order by id")
        return cursor.fetchall()


def fail(documents: object) -> None:
    raise RuntimeError("the disk is full")
