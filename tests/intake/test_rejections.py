"""What was not taken stays with its batch, with its reasons; who may not read content is not quoted any."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from incidents.intake import operations
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.reader import Reader
from incidents.intake.models import AlertToRoute, Batch, Rejection
from policies.models import Clause, Mapping
from tests.factories import make_api_key, make_policy, make_user
from tests.intake.native import native
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

BY_NAME = Reader(FORMATS["csv"])


def row(**cells: str) -> bytes:
    common = {"external_id": "a", "occurred_at": "2026-11-01T10:00:00Z", "generation.messages.user": "Tea."}
    return json.dumps(common | cells).encode()


def reject(*records: bytes) -> Batch:
    return Batch.objects.get(pk=operations.accept(records, source="tests", reader=BY_NAME).batch)


def test_rejected_records_stay_with_their_batch_in_their_order():
    sent = [native(), {"external_id": "b"}, native(), native(kind="gossip", external_id="d")]

    receipt = operations.accept(sent, source="tests")

    kept = Rejection.objects.filter(batch=receipt.batch).order_by("pk")
    assert [(one.index, one.external_id, one.errors) for one in kept] == [
        (one.index, one.external_id, one.errors) for one in receipt.rejected
    ]
    assert [one.index for one in kept] == [1, 3]


def test_a_batch_without_a_rejection_costs_no_statement_for_it():
    with connection.execute_wrapper(refuse_rejections):
        operations.accept([native()], source="tests")


def refuse_rejections(execute, sql, params, many, context):
    assert "intake_rejection" not in sql
    return execute(sql, params, many, context)


def test_a_reason_that_no_database_can_hold_is_kept_as_far_as_it_can():
    batch = reject(row(occurred_at="yester\0day"), row(**{"scores.\0x" + "y" * 2000: "much"}))

    assert batch.rejected == 2
    assert "yester\ufffdday" in str(batch.rejections.order_by("pk")[0].errors)


def test_a_rejection_is_never_changed():
    batch = reject(row(occurred_at="yesterday"))

    with pytest.raises(Exception, match=r"append-only|permission denied"), transaction.atomic():
        batch.rejections.update(index=7)


def test_the_page_of_a_batch_tells_reasons_to_those_who_read_content_and_counts_to_others(client):
    batch = reject(row(occurred_at="my <b>secret</b>"))

    client.force_login(make_user(role="lead"))
    told = client.get(f"/settings/sources/batches/{batch.pk}/").content.decode()
    client.force_login(make_user(role="analyst"))
    hidden = client.get(f"/settings/sources/batches/{batch.pk}/").content.decode()

    assert "my &lt;b&gt;secret&lt;/b&gt;" in told
    assert "secret" not in hidden
    assert "occurred_at" in hidden
    assert "One reason" in hidden


def test_a_record_that_names_something_restricted_is_quoted_to_nobody(client):
    clause = Clause.objects.create(policy=make_policy(restricted_category="child_safety"), key="minors")
    Mapping.objects.create(clause=clause, taxonomy="own", taxonomy_version="1", category="sexual/minors")
    batch = reject(row(occurred_at="a secret", **{"labels.sexual/minors": "yes"}), row(occurred_at="a riddle"))
    client.force_login(make_user(role="lead"))

    page = client.get(f"/settings/sources/batches/{batch.pk}/").content.decode()
    table = client.get(f"/settings/sources/batches/{batch.pk}/rejected.csv").content.decode()

    for text in (page, table):
        assert "secret" not in text
        assert "riddle" in text


def test_the_download_is_no_formula_and_tells_each_what_the_page_tells(client):
    batch = reject(row(external_id="=1+1", occurred_at="never", **{"scores.hate": "high"}))
    client.force_login(make_user(role="lead"))

    answer = client.get(f"/settings/sources/batches/{batch.pk}/rejected.csv")

    header, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert header == ["line", "external id", "field", "what is wrong"]
    assert [(line, path) for line, _name, path, _why in rows] == [("1", "occurred_at"), ("1", "scores.hate")]
    assert "“never” is not a time of this form." in rows[0][3]
    assert answer["Content-Disposition"] == f'attachment; filename="batch-{batch.pk}-rejected.csv"'


def test_a_cell_that_looks_like_a_formula_is_disarmed(client):
    receipt = operations.accept([{"external_id": "=1+1"}], source="tests")
    client.force_login(make_user(role="lead"))

    answer = client.get(f"/settings/sources/batches/{receipt.batch}/rejected.csv").content.decode()

    assert "1,'=1+1," in answer


def test_the_page_asks_again_while_something_waits_and_stops_then(client):
    receipt = operations.accept([native(), native()], source="tests")
    client.force_login(make_user(role="analyst"))
    address = f"/settings/sources/batches/{receipt.batch}/routed/"

    waiting = client.get(address, headers={"HX-Request": "true"}).content.decode()
    AlertToRoute.objects.all().delete()
    done = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert f'hx-get="{address}"' in waiting
    assert "of 2" in waiting
    assert "hx-get" not in done


def test_the_api_gives_rejections_50_at_a_time_and_quotes_only_to_those_who_read_content(client):
    batch = reject(*[row(external_id=str(number), occurred_at="a secret") for number in range(60)])
    plain = make_api_key("intake", source="tests")[1]
    reading = make_api_key(
        "intake",
        "content:read",
        source="tests",
        owner=make_user(role="lead"),
        approved_by=make_user(role="admin"),
        expires_at=timezone.now() + timedelta(days=1),
    )[1]

    def ask(key: str, query: str = "") -> dict[str, object]:
        headers = {"Authorization": f"Bearer {key}"}
        return client.get(f"/api/v1/batches/{batch.pk}{query}", headers=headers).json()

    first = ask(plain)
    second = ask(plain, f"?cursor={first['next']}")
    assert [one["index"] for one in first["rejections"] + second["rejections"]] == list(range(60))
    assert second["next"] is None
    assert "secret" not in str(first)
    assert "“a secret” is not a time" in str(ask(reading))


def test_a_file_is_one_batch_however_many_chunks_and_its_rejections_have_their_lines(tmp_path, capsys):
    lines = [json.dumps(native()) for _line in range(1_001)]
    (tmp_path / "alerts.jsonl").write_text("\n".join([*lines[:-1], "", "{", lines[-1]]))

    call_command("import_alerts", str(tmp_path / "alerts.jsonl"), "--format", "native", "--source", "files")

    batch = Batch.objects.get()
    assert (batch.accepted, batch.rejected) == (1_001, 1)
    assert [one.index + 1 for one in batch.rejections.all()] == [1_002]
    assert capsys.readouterr().out.strip() == "accepted 1001, duplicates 0, rejected 1"


def test_a_dry_run_says_of_every_line_what_would_become_of_it(tmp_path, capsys):
    first, second = native(), native()
    told = [first, {**first, "comment": "Other."}, second, second, native(kind="gossip")]
    (tmp_path / "alerts.jsonl").write_text("\n".join(json.dumps(one) for one in told))

    call_command("import_alerts", str(tmp_path / "alerts.jsonl"), "--format", "native", "--source", "f", "--dry-run")

    output = capsys.readouterr()
    assert [line.partition(" Must")[0] for line in output.err.splitlines()] == [
        "line 1: would be accepted",
        "line 2: is a duplicate that says something else",
        "line 3: would be accepted",
        "line 4: is a duplicate",
        "line 5: kind:",
    ]
    assert output.out.strip() == "accepted 2, duplicates 2, rejected 1"


@pytest.mark.long
def test_a_file_that_breaks_off_keeps_what_came_before_in_a_closed_batch(tmp_path):
    (tmp_path / "rows.csv").write_bytes(b"external_id\n" + b"a\n" * 10_000 + b"\xff\n")

    with pytest.raises(Exception, match="not UTF-8"):
        call_command("import_alerts", str(tmp_path / "rows.csv"), "--format", "csv", "--source", "files")

    batch = Batch.objects.get()
    assert 0 < batch.rejected < 10_000
    assert batch.rejections.count() == batch.rejected
    assert AuditEvent.objects.about(batch).get().data["rejected"] == batch.rejected
