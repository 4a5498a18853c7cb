"""Dry runs and imports in the worker: part by part, told truly, and safe wherever they stop."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.imports import cutting, operations, tasks
from incidents.imports.models import Finding, Foreseen, Import, Part
from incidents.imports.operations import keeping
from incidents.intake import operations as intake
from incidents.intake.models import Alert, AlertToRoute, Batch, Source
from policies.models import Clause, Mapping
from tests.factories import make_policy, make_user
from tests.imports.factories import fresh, imported, lines, make_import, rehearsed
from tests.intake.native import native
from trust.audit.models import AuditEvent
from trust.jobs import operations as jobs
from trust.jobs.models import Job
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(cutting, "RECORDS_IN_PART", 2)


def mixed() -> tuple[bytes, dict[str, int]]:
    """Return a file of every outcome, repeats in other parts included, and how many there are of each."""
    first, second, brings = native(), native(), native()
    brings["generation"]["external_id"] = "g-1"
    about = native(generation={"external_id": "g-1"})
    orphan = native(generation={"external_id": "nobody"})
    told = [first, brings, native(kind="gossip"), first, {**first, "comment": "Other."}, about, second, orphan, b"{"]
    return lines(*told), {"accepted": 4, "duplicates": 2, "differs": 1, "rejected": 3}


def test_a_dry_run_tells_what_the_import_then_does(small_parts):
    content, counts = mixed()
    found = rehearsed(make_import(content))

    assert found.rehearsal.status == "done"
    assert found.rehearsal.result == counts
    assert not Alert.objects.exists()
    assert not Batch.objects.exists()
    assert not Source.objects.exists()
    assert not Foreseen.objects.exists()

    batch = imported(found).batch
    assert (batch.accepted, batch.duplicates, batch.rejected) == (4, 2, 3)
    assert [one.index for one in batch.rejections.order_by("pk")] == [2, 7, 8]
    told = found.findings.order_by("pk").values_list("index", "outcome")
    assert list(told) == [(2, "rejected"), (3, "duplicate"), (4, "differs"), (7, "rejected"), (8, "rejected")]


def test_a_dry_run_counts_what_is_stored_already(small_parts):
    known = native()
    intake.accept([known], source="files")

    found = rehearsed(make_import(lines(known, native(), {**known, "comment": "Other."})))

    assert found.rehearsal.result == {"accepted": 1, "duplicates": 2, "differs": 1, "rejected": 0}


def test_an_import_is_one_batch_recorded_once_and_lets_the_file_go(small_parts):
    found = imported(make_import(lines(*[native() for _record in range(5)])))

    assert found.job.status == "done"
    assert (found.batch.accepted, Batch.objects.count()) == (5, 1)
    assert AlertToRoute.objects.count() == 5
    event = AuditEvent.objects.about(found.batch).get()
    assert (event.by, event.data["accepted"]) == (found.made_by, 5)
    assert not Part.objects.exists()
    assert found.file_gone_at


def test_rows_are_numbered_as_in_the_file(small_parts):
    content = b"said,at\n" + b"Buy tea.,2026-11-01T10:00:00Z\n" * 5
    found = make_import(content, format="csv", name="rows.csv")
    mapping = {
        "fields": {
            "external_id": {"text": "row {#}"},
            "occurred_at": {"column": "at"},
            "generation.messages.user": {"column": "said"},
        }
    }
    operations.map_columns(found, mapping, by=found.made_by)

    imported(fresh(found))

    assert sorted(Alert.objects.values_list("external_id", flat=True)) == [f"row {n}" for n in range(1, 6)]


def test_a_step_that_breaks_off_leaves_nothing_behind_and_is_done_again(small_parts, monkeypatch):
    found = make_import(lines(*[native() for _record in range(6)]))
    operations.start(found, by=found.made_by)
    jobs.work_once("imports.import", step=operations.import_some, end=operations.end_import)

    def breaks(job: Job) -> int:
        operations.import_some(job)
        raise ZeroDivisionError

    assert jobs.work_once("imports.import", step=breaks, end=operations.end_import)
    assert (Alert.objects.count(), fresh(found).job.done, fresh(found).job.failures) == (2, 2, 1)
    Job.objects.update(due_at=timezone.now())
    tasks.import_files()

    done = fresh(found)
    assert (done.job.status, done.batch.accepted, done.batch.duplicates) == ("done", 6, 0)


def test_an_import_that_always_fails_is_given_up_with_what_it_brought_in(small_parts):
    found = make_import(lines(*[native() for _record in range(6)]))
    operations.start(found, by=found.made_by)
    jobs.work_once("imports.import", step=operations.import_some, end=operations.end_import)

    def breaks(_job: Job) -> int:
        raise ZeroDivisionError

    for _time in range(jobs.MOST_FAILURES):
        Job.objects.update(due_at=timezone.now())
        jobs.work_once("imports.import", step=breaks, end=operations.end_import)

    done = fresh(found)
    assert (done.job.status, done.batch.accepted) == ("failed", 2)
    assert AuditEvent.objects.about(done.batch).exists()
    assert not Part.objects.exists()


def test_a_cancelled_import_keeps_what_is_in(small_parts):
    found = make_import(lines(*[native() for _record in range(6)]))
    operations.start(found, by=found.made_by)
    jobs.work_once("imports.import", step=operations.import_some, end=operations.end_import)

    operations.cancel(found, by=found.made_by)
    tasks.import_files()

    done = fresh(found)
    assert (done.job.status, done.job.done, done.batch.accepted) == ("cancelled", 2, 2)
    assert not Part.objects.exists()
    with pytest.raises(Refused, match="Nothing is under way"):
        operations.cancel(done, by=done.made_by)


@pytest.mark.parametrize(("start", "task"), [("start", "import_files"), ("rehearse", "rehearse")])
def test_calling_off_again_and_again_is_one_event(start, task):
    found, second = make_import(), make_user(role="lead")
    getattr(operations, start)(found, by=found.made_by)

    for by in (found.made_by, second, second):
        operations.cancel(found, by=by)
    getattr(tasks, task)()

    assert [event.by for event in AuditEvent.objects.filter(kind="import.cancelled")] == [found.made_by]


def test_calling_off_what_ends_at_the_same_moment_is_no_event(small_parts):
    found = make_import()
    operations.start(found, by=found.made_by)

    def step(job: Job) -> int:
        operations.cancel(found, by=found.made_by)  # seen by the next step, and there is none
        return operations.import_some(job)

    jobs.work_once("imports.import", step=step, end=operations.end_import)

    assert fresh(found).job.status == "done"
    assert not AuditEvent.objects.filter(kind="import.cancelled").exists()


def test_a_cancelled_dry_run_leaves_the_file(small_parts):
    found = make_import()
    operations.rehearse(found, by=found.made_by)
    operations.cancel(found, by=found.made_by)
    tasks.rehearse()

    assert fresh(found).rehearsal.status == "cancelled"
    assert imported(fresh(found)).batch.accepted == 1


def test_another_mapping_makes_the_dry_run_void():
    fields = {
        "external_id": {"column": "id"},
        "occurred_at": {"constant": "2026-11-01T10:00:00Z"},
        "generation.messages.user": {"column": "text"},
    }
    found = make_import(b"id,text\n1,Tea.\n1,Tea.\n", format="csv")
    operations.map_columns(found, {"fields": fields}, by=found.made_by)
    found = rehearsed(found)
    assert found.findings.count() == 1

    operations.map_columns(found, {"fields": fields, "title": "Other"}, by=found.made_by)

    assert fresh(found).rehearsal is None
    assert not fresh(found).told().exists()
    tasks.forget_files()
    assert not found.findings.exists()


@pytest.mark.parametrize("role", ["reviewer", "admin", "analyst", "auditor", "policy_editor", "policy_approver"])
def test_only_leads_import(role):
    found, other = make_import(), make_user(role=role)

    for act in (operations.rehearse, operations.start, operations.discard, operations.cancel):
        with pytest.raises(Refused, match="Only leads"):
            act(found, by=other)
    with pytest.raises(Refused, match="Only leads"):
        make_import(by=other)


def test_while_something_is_under_way_nothing_else_starts():
    found = make_import()
    operations.rehearse(found, by=found.made_by)

    for act in (operations.rehearse, operations.start, operations.discard):
        with pytest.raises(Refused, match="dry run is under way"):
            act(found, by=found.made_by)


def test_an_import_starts_once():
    found = make_import()
    imported(found)

    for act in (operations.rehearse, operations.start, operations.discard):
        with pytest.raises(Refused, match="being imported, or was"):
            act(found, by=found.made_by)


def test_a_discarded_file_is_gone():
    found = make_import()

    operations.discard(found, by=found.made_by)

    assert not Part.objects.exists()
    with pytest.raises(Refused, match="file is gone"):
        operations.start(found, by=found.made_by)


def test_a_file_is_forgotten_after_a_day_unless_it_is_worked_on():
    old, worked_on, young = make_import(), make_import(), make_import()
    operations.rehearse(worked_on, by=worked_on.made_by)
    Import.objects.exclude(pk=young.pk).update(made_at=timezone.now() - timedelta(hours=25))

    tasks.forget_files()

    assert [one.file_gone_at is None for one in (fresh(old), fresh(worked_on), fresh(young))] == [False, True, True]
    assert set(Part.objects.values_list("of", flat=True)) == {worked_on.pk, young.pk}


def with_findings(**more: Any) -> Import:
    return rehearsed(make_import(lines(native(kind="gossip"), native(kind="rumour"), native()), **more))


def test_what_was_quoted_goes_with_a_discarded_file(monkeypatch):
    monkeypatch.setattr(keeping, "AT_A_TIME", 1)
    found, other = with_findings(), with_findings()

    operations.discard(found, by=found.made_by)
    assert not fresh(found).told().exists()
    tasks.forget_files()

    assert set(Finding.objects.values_list("of", flat=True)) == {other.pk}


def test_what_was_quoted_goes_with_a_file_that_is_a_day_old_and_a_week_after_an_import():
    left, taken = with_findings(), imported(with_findings())

    Import.objects.update(made_at=timezone.now() - timedelta(hours=25))
    tasks.forget_files()
    assert set(Finding.objects.values_list("of", flat=True)) == {taken.pk}

    Import.objects.update(made_at=timezone.now() - timedelta(days=8))
    tasks.forget_files()
    assert not Finding.objects.exists()
    assert [fresh(one).rehearsal for one in (left, taken)] == [None, None]


def test_asking_for_a_dry_run_again_deletes_nothing_while_one_waits_and_shows_nothing_old():
    found = with_findings()

    with CaptureQueriesContext(connection) as queries:
        operations.rehearse(found, by=found.made_by)

    assert not [one for one in queries.captured_queries if one["sql"].startswith("DELETE")]
    assert not fresh(found).told().exists()
    tasks.forget_files()
    tasks.rehearse()
    assert fresh(found).told().count() == found.findings.count() == 2


def test_a_dry_run_is_not_shown_what_is_restricted_in_its_reasons():
    clause = Clause.objects.create(policy=make_policy(restricted_category="child_safety"), key="minors")
    Mapping.objects.create(clause=clause, taxonomy="own", taxonomy_version="1", category="sexual/minors")

    rehearsed(make_import(lines(native(kind="sexual/minors"), native(kind="gossip"))))

    assert list(Finding.objects.order_by("pk").values_list("is_restricted", flat=True)) == [True, False]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_import_everything_once(monkeypatch):
    monkeypatch.setattr(cutting, "RECORDS_IN_PART", 5)
    files = [make_import(lines(*[native() for _record in range(60)]), source=f"s{n}") for n in range(3)]
    for found in files:
        operations.start(found, by=found.made_by)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        tasks.import_files()
        connection.close()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    close_old_connections()

    assert {(one.accepted, one.duplicates) for one in Batch.objects.all()} == {(60, 0)}
    assert (Batch.objects.count(), Alert.objects.count()) == (3, 180)
    assert {job.status for job in Job.objects.all()} == {"done"}
    assert AlertToRoute.objects.count() == 180
