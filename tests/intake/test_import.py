import gzip
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.converting import Given
from incidents.intake.management.commands import import_alerts
from incidents.intake.models import Alert, AlertToRoute, Batch, Restriction
from policies.models import Clause, Mapping
from tests.factories import NOW, make_policy
from tests.intake.native import native
from tests.samples import sample

pytestmark = pytest.mark.django_db

SAMPLES = "openai-moderation/samples-1680.jsonl.gz"


def test_native_lines_are_imported_and_the_command_says_how_many(tmp_path, capsys):
    good, file = native(), tmp_path / "alerts.jsonl"
    file.write_text("\n".join([json.dumps(good), "", "{broken", json.dumps(good), json.dumps(native(kind="gossip"))]))

    call_command("import_alerts", str(file), "--format", "native", "--source", "files")

    output = capsys.readouterr()
    assert output.out.splitlines()[-1] == "accepted 1, duplicates 1, rejected 2"
    assert "line 3: body:" in output.err
    assert "line 5: kind:" in output.err


def test_a_dry_run_says_the_same_and_stores_nothing(tmp_path, capsys):
    file = tmp_path / "alerts.jsonl.gz"
    line = json.dumps(native()) + "\n"
    file.write_bytes(gzip.compress((line + line).encode()))

    call_command("import_alerts", str(file), "--format", "native", "--source", "files", "--dry-run")

    assert capsys.readouterr().out.splitlines()[-1] == "accepted 1, duplicates 1, rejected 0"
    assert not Alert.objects.exists()
    assert not Batch.objects.exists()


def test_a_dry_run_says_the_same_whatever_lies_in_which_thousand_and_writes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(import_alerts, "CHUNK", 2)
    brings, first = native(), native()
    brings["generation"]["external_id"] = "g-1"
    about = native(generation={"external_id": "g-1"})
    orphan = native(generation={"external_id": "nobody"})
    told = [brings, first, native(kind="gossip"), first, {**first, "comment": "Other."}, about, orphan]
    file = tmp_path / "alerts.jsonl"
    file.write_text("\n".join(map(json.dumps, told)))
    arguments = ["import_alerts", str(file), "--format", "native", "--source", "files"]

    with CaptureQueriesContext(connection) as queries:
        call_command(*arguments, "--dry-run")
    said = capsys.readouterr()
    call_command(*arguments)

    assert [line for line in said.out.splitlines() if line] == ["accepted 3, duplicates 2, rejected 2"]
    assert capsys.readouterr().out == said.out
    assert [line.partition(": ")[2] for line in said.err.splitlines()][:2] == ["would be accepted"] * 2
    assert "line 4: is a duplicate\nline 5: is a duplicate that says something else\nline 6: would be" in said.err
    assert "line 7: generation.messages:" in said.err
    assert {one["sql"].split()[0].upper() for one in queries.captured_queries} <= {"SELECT", "WITH"}


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"{}\n" * 100, mtime=0)[:-9]])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path, content):
    file = tmp_path / "alerts.jsonl.gz"
    file.write_bytes(content)

    with pytest.raises(CommandError, match="Cannot read the file"):
        call_command("import_alerts", str(file), "--format", "native", "--source", "files")


def test_a_line_of_the_evaluation_set_keeps_what_is_unknown_unknown():
    line = b'{"prompt": "A text.", "S": 1, "H": 0}'

    (alert,) = FORMATS["openai-moderation-eval"].convert(line, Given(NOW, index=6))

    assert alert["external_id"] == "7"
    assert alert["labels"] == {"S": True, "H": False}
    assert alert["flagged"] == ["S"]


@pytest.mark.parametrize("line", [b'{"S": 1}', b'{"prompt": "x", "S": 2}', b'{"prompt": "x", "Q": 1}', b"[]", b"{"])
def test_what_is_no_line_of_the_evaluation_set_is_rejected(tmp_path, capsys, line):
    file = tmp_path / "samples.jsonl"
    file.write_bytes(line + b'\n{"prompt": "Fine."}')

    call_command("import_alerts", str(file), "--format", "openai-moderation-eval", "--source", "eval")

    assert capsys.readouterr().out.splitlines()[-1] == "accepted 1, duplicates 0, rejected 1"
    assert Alert.objects.get().external_id == "2"


def test_the_evaluation_set_comes_in_once_by_command_and_by_api(post, capsys):
    file = sample(SAMPLES)
    clause = Clause.objects.create(policy=make_policy(restricted_category="child_safety"), key="minors")
    Mapping.objects.create(clause=clause, taxonomy="openai-moderation-eval", taxonomy_version="2022-08", category="S3")
    arguments = ["import_alerts", str(file), "--format", "openai-moderation-eval", "--source", "tests"]

    call_command(*arguments)
    call_command(*arguments)

    with gzip.open(file) as lines:
        body = b"".join(lines)
    answer = post(body, content_type="application/x-ndjson", query="?format=openai-moderation-eval").json()
    assert capsys.readouterr().out.splitlines() == [
        "accepted 1680, duplicates 0, rejected 0",
        "accepted 0, duplicates 1680, rejected 0",
    ]
    assert (answer["accepted"], answer["duplicates"], answer["differs"], answer["rejected"]) == (0, 1680, [], [])
    assert Alert.objects.count() == AlertToRoute.objects.count() == 1680
    assert Restriction.objects.count() == 85
    labels = list(Alert.objects.values_list("labels", flat=True))
    assert [sum(one.get("S") is value for one in labels) for value in (True, False, None)] == [237, 747, 696]
    assert [sum(one.get("V2") is value for one in labels) for value in (True, False, None)] == [24, 1423, 233]


def test_the_same_file_to_two_sources_is_stored_for_both(tmp_path):
    file = tmp_path / "samples.jsonl"
    file.write_bytes(b'{"prompt": "Fine."}')

    for source in ("one", "two"):
        call_command("import_alerts", str(file), "--format", "openai-moderation-eval", "--source", source)

    assert Alert.objects.count() == 2
