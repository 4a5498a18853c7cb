"""Counts of traffic: told once, told again, corrected; nothing that was told is lost."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from incidents.intake import operations
from incidents.intake.models import Source, TrafficCount
from incidents.intake.operations import counting_traffic
from tests.factories import make_api_key
from trust import clock
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

DAY = "2026-11-01"


@pytest.fixture
def tell(client: Client):
    """Send a body to the traffic endpoint with a good key of the source "tests"."""
    _key, text = make_api_key("traffic", source="tests")

    def send(body, *, key=text, content_type="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}"}
        return client.post("/api/v1/traffic", data, content_type=content_type, headers=headers)

    return send


def count(**fields):
    return {"day": DAY, "generations": 1000, "actors": 40, **fields}


def history():
    rows = TrafficCount.objects.order_by("revision").values_list("generations", "actors", "revision", "corrects_id")
    return list(rows)


def test_one_count_is_created_and_recorded(tell):
    answer = tell(count(model="m-1", deployment="web", stage="pilot", language="en"))

    assert answer.status_code == 200
    assert answer.json() == {"created": 1, "unchanged": 0, "corrected": [], "rejected": []}
    stored = TrafficCount.objects.get()
    assert (stored.source.slug, str(stored.day), stored.model, stored.deployment) == ("tests", DAY, "m-1", "web")
    assert (stored.stage, stored.language, stored.generations, stored.actors) == ("pilot", "en", 1000, 40)
    event = AuditEvent.objects.about(stored.source).get()
    assert (event.kind, event.data) == ("intake.traffic_counted", {"created": 1, "corrected": 0})


def test_the_same_again_changes_nothing_and_is_not_recorded_again(tell):
    tell([count(), count(model="m-1")])

    answer = tell([count(), count(model="m-1")])

    assert answer.json() == {"created": 0, "unchanged": 2, "corrected": [], "rejected": []}
    assert TrafficCount.objects.count() == 2
    assert AuditEvent.objects.filter(kind="intake.traffic_counted").count() == 1


def test_other_numbers_correct_and_what_was_told_stays(tell):
    tell(count())
    tell(count(generations=1200))
    answer = tell([count(model="m-1"), count(generations=1200, actors=None)])

    first, second, third = TrafficCount.objects.filter(model="").order_by("pk")
    assert answer.json() == {"created": 1, "unchanged": 0, "corrected": [1], "rejected": []}
    assert (first.generations, first.actors, first.corrects) == (1000, 40, None)
    assert (second.generations, second.revision, second.corrects) == (1200, 2, first)
    assert (third.actors, third.revision, third.corrects) == (None, 3, second)
    assert list(TrafficCount.objects.in_effect().filter(model="")) == [third]


def test_going_back_to_an_earlier_number_is_a_correction_too(tell):
    for generations in (1000, 1200, 1000):
        tell(count(generations=generations))

    assert [row[0] for row in history()] == [1000, 1200, 1000]


def test_each_source_counts_for_itself(tell):
    tell(count())
    _key, other = make_api_key("traffic", source="other")

    answer = tell(count(generations=700), key=other)

    assert answer.json() == {"created": 1, "unchanged": 0, "corrected": [], "rejected": []}
    assert Source.objects.filter(traffic__isnull=False).count() == 2


def test_the_same_cell_twice_in_one_body_is_an_error_not_a_guess(tell):
    answer = tell([count(), count(generations=500), count(model="m-1")])

    assert answer.json()["created"] == 2
    [rejected] = answer.json()["rejected"]
    assert (rejected["index"], list(rejected["errors"])) == (1, ["day"])
    assert "Record 0" in rejected["errors"]["day"][0]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"day": "2026-02-30"}, "day"),
        ({"day": "1999-12-31"}, "day"),
        ({"day": "2026-11-01T00:00:00Z"}, "day"),
        ({"day": 20261101}, "day"),
        ({"generations": -1}, "generations"),
        ({"generations": 2**53 + 1}, "generations"),
        ({"generations": 10**30}, "generations"),
        ({"generations": 1.5}, "generations"),
        ({"generations": True}, "generations"),
        ({"generations": "12"}, "generations"),
        ({"actors": 1001}, "actors"),
        ({"actors": -1}, "actors"),
        ({"model": "x" * 201}, "model"),
        ({"model": "a\u0000b"}, "model"),
        ({"model": "a\nb"}, "model"),
        ({"deployment": "\ud800"}, "deployment"),
        ({"language": "x" * 36}, "language"),
        ({"stage": "beta"}, "stage"),
        ({"tenant": "x"}, "tenant"),
        ({"model": None}, "model"),
    ],
)
def test_a_bad_count_is_rejected_by_path_and_its_neighbours_are_kept(tell, fields, path):
    answer = tell([count(model="before"), count(**fields), count(model="after")])

    assert answer.json()["created"] == 2
    [rejected] = answer.json()["rejected"]
    assert rejected["index"] == 1
    assert list(rejected["errors"]) == [path]


@pytest.mark.parametrize("missing", ["day", "generations"])
def test_day_and_generations_are_required(tell, missing):
    body = count()
    del body[missing]

    assert list(tell(body).json()["rejected"][0]["errors"]) == [missing]


def test_a_day_in_the_future_is_rejected_and_the_running_day_is_taken():
    now = datetime(2026, 11, 1, 23, 59, tzinfo=UTC)

    with clock.at(now):
        receipt = operations.count_traffic([count(), count(day="2026-11-02")], source="tests")
    with clock.at(now + timedelta(minutes=2)):
        later = operations.count_traffic([count(day="2026-11-02")], source="tests")

    assert (receipt.created, [one.index for one in receipt.rejected], later.created) == (1, [1], 1)


@pytest.mark.parametrize("body", [b"", b"{", b'"x"', b"5"])
def test_a_body_that_cannot_be_read_is_a_400(tell, body):
    assert tell(body).status_code == 400


def test_more_records_than_the_limit_are_a_413(tell):
    assert tell(b"[" + b",".join([b"{}"] * 10_001) + b"]").status_code == 413


def test_three_thousand_counts_take_a_handful_of_statements(django_assert_max_num_queries):
    body = [count(model=f"m-{number}") for number in range(3_000)]

    with django_assert_max_num_queries(14):
        created = operations.count_traffic(body, source="tests").created
    with django_assert_max_num_queries(8):
        unchanged = operations.count_traffic(body, source="tests").unchanged

    assert (created, unchanged) == (3_000, 3_000)


def test_a_count_is_never_edited_in_place(tell):
    tell(count())

    with pytest.raises(DatabaseError), transaction.atomic():
        TrafficCount.objects.update(generations=1)


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_become_one_chain(monkeypatch):
    operations.count_traffic([count()], source="tests")
    gate, actually_look = threading.Barrier(2), counting_traffic.Source.objects.get_or_create

    def look_then_wait(*arguments, **options):
        found = actually_look(*arguments, **options)
        gate.wait(10)
        return found

    def correct(generations):
        try:
            return operations.count_traffic([count(generations=generations)], source="tests")
        finally:
            connection.close()

    monkeypatch.setattr(counting_traffic.Source.objects, "get_or_create", look_then_wait)
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(correct, (2000, 3000)))

    assert [receipt.corrected for receipt in receipts] == [[0], [0]]
    assert [row[2] for row in history()] == [1, 2, 3]
    assert TrafficCount.objects.in_effect().count() == 1


def listed(client, key, query=""):
    return client.get(f"/api/v1/traffic?{query}", headers={"Authorization": f"Bearer {key}"})


def test_the_list_gives_what_holds_last_told_first(client, tell):
    _key, exact = make_api_key("statistics:exact")
    tell([count(), count(model="m-1")])
    tell(count(generations=1200))

    results = listed(client, exact).json()["results"]

    assert [(one["model"], one["generations"], one["revision"]) for one in results] == [("", 1200, 2), ("m-1", 1000, 1)]
    assert results[0]["source"] == "tests"


def test_the_list_is_narrowed_by_source_and_days_and_paged(client, tell):
    _key, exact = make_api_key("statistics:exact")
    tell([count(model=f"m-{number}") for number in range(60)] + [count(day="2026-10-01")])

    first = listed(client, exact, "since=2026-11-01&source=tests").json()
    second = listed(client, exact, f"since=2026-11-01&source=tests&cursor={first['next']}").json()

    assert (len(first["results"]), len(second["results"]), second["next"]) == (50, 10, None)
    assert listed(client, exact, "until=2026-10-31").json()["results"][0]["day"] == "2026-10-01"
    assert listed(client, exact, "source=other").json()["results"] == []
    assert listed(client, exact, "since=2026-13-01").status_code == 400


HEADER = "day,model,deployment,stage,language,generations,actors\n"


def test_a_file_is_counted_and_the_command_says_what_became_of_it(tmp_path, capsys):
    file = tmp_path / "traffic.csv"
    file.write_text(
        HEADER + f'{DAY},"m, one",web,pilot,en,1000,40\n\n{DAY},m-2,,,,5,\n{DAY},m-3,,,,many,1\n', "utf-8-sig"
    )

    call_command("import_traffic", str(file), "--source", "files")
    call_command("import_traffic", str(file), "--source", "files")
    file.write_text(HEADER + f"{DAY},m-2,,,,6,2\n")
    call_command("import_traffic", str(file), "--source", "files")

    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "created 2, unchanged 0, corrected 0, rejected 1",
        "created 0, unchanged 2, corrected 0, rejected 1",
        "created 0, unchanged 0, corrected 1, rejected 0",
    ]
    assert "line 5: generations: Must be a whole number" in output.err
    assert "line 2: corrects what was told before" in output.err
    assert TrafficCount.objects.in_effect().get(model="m-2").actors == 2


def test_a_dry_run_of_a_file_says_the_same_and_stores_nothing(tmp_path, capsys):
    file = tmp_path / "traffic.csv"
    file.write_text(HEADER + f"{DAY},m-1,,,,5,\n")

    call_command("import_traffic", str(file), "--source", "files", "--dry-run")

    assert capsys.readouterr().out.splitlines() == ["created 1, unchanged 0, corrected 0, rejected 0"]
    assert not TrafficCount.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "day is missing"),
        (b"day,generations,tenant\n", "no column 'tenant'"),
        (b"day,generations,day\n", "stands twice"),
        (b"generations\n5\n", "day is missing"),
        (b'day,generations\n"2026-11-01,5\n', "not CSV"),
        (b"day,generations\n\xff,5\n", "Cannot read"),
        (b"PK\x03\x04\x00\x00", "Cannot read"),
    ],
)
def test_a_file_that_is_no_table_of_counts_is_a_sentence(tmp_path, text, reason):
    file = tmp_path / "traffic.csv"
    file.write_bytes(text)

    with pytest.raises(CommandError, match=reason):
        call_command("import_traffic", str(file), "--source", "files")


def test_cells_beyond_the_header_reject_their_row(tmp_path, capsys):
    file = tmp_path / "traffic.csv"
    file.write_text(f"day,generations\n{DAY},5,6\n{DAY},7\n")

    call_command("import_traffic", str(file), "--source", "files")

    assert capsys.readouterr().out.splitlines() == ["created 1, unchanged 0, corrected 0, rejected 1"]
