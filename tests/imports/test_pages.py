"""The pages of an import: upload, mapping, preview, dry run, result; every mistake beside its field, nothing lost."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.imports import operations, tasks
from incidents.imports.models import Import
from incidents.intake import operations as intake
from incidents.intake.models import Alert, Batch, SavedMapping
from policies.models import Clause, Mapping
from tests.factories import make_policy, make_user
from tests.imports.factories import fresh, imported, lines, make_import, rehearsed
from tests.intake.native import native
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

IMPORTS = "/settings/sources/imports/"
FIELDS = {
    "external_id": {"column": "id"},
    "occurred_at": {"column": "at", "zone": "UTC"},
    "generation.messages.user": {"column": "said"},
}
CSV = b"id,at,said,odd\n1,2026-11-01 10:00,Buy our tea.,x\n2,soon,Tea.,y\n"


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def upload(client, content: bytes, *, name: str = "alerts.jsonl", **said: str):
    fields = {"format": "native", "source": "files"} | said
    return client.post(IMPORTS, {**fields, "file": SimpleUploadedFile(name, content)})


def rows(*typed: dict[str, str]) -> dict[str, str]:
    table = {f"f{at}-{name}": value for at, row in enumerate(typed) for name, value in row.items()}
    return {**table, "rows": str(len(typed)), "keep": "1"}


def test_a_file_goes_from_upload_to_its_batch_without_a_script(client, lead):
    answer = upload(client, gzip.compress(CSV), name="reports.csv.gz", format="csv")
    found = Import.objects.get()
    assert answer["Location"] == f"{IMPORTS}{found.pk}/mapping/"
    assert (found.records, found.columns) == (2, ["id", "at", "said", "odd"])

    typed = rows(
        {"path": "external_id", "origin": "column", "value": "id"},
        {"path": "occurred_at", "origin": "column", "value": "at", "zone": "UTC"},
        {"path": "generation.messages.user", "origin": "column", "value": "said"},
        {"path": "", "origin": "column", "value": "odd"},
    )
    answer = client.post(f"{IMPORTS}{found.pk}/mapping/", typed)
    assert answer["Location"] == f"{IMPORTS}{found.pk}/"
    assert fresh(found).mapping == {"fields": FIELDS}

    preview = client.get(f"{IMPORTS}{found.pk}/").content.decode()
    assert "Buy our tea." in preview
    assert "“soon” is not a time" in preview

    client.post(f"{IMPORTS}{found.pk}/rehearse/")
    tasks.rehearse()
    assert not Alert.objects.exists()
    told = client.get(f"{IMPORTS}{found.pk}/findings/").content.decode()
    assert "“soon” is not a time" in told
    table = client.get(f"{IMPORTS}{found.pk}/findings.csv").content.decode()
    assert table.splitlines()[1].startswith("2,2,Rejected,occurred_at,")

    client.post(f"{IMPORTS}{found.pk}/start/")
    assert "Records done" in client.get(f"{IMPORTS}{found.pk}/").content.decode()
    tasks.import_files()
    batch = Batch.objects.get()
    answer = client.get(f"{IMPORTS}{found.pk}/progress/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/settings/sources/batches/{batch.pk}/"
    assert (batch.accepted, batch.rejected) == (1, 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n", "holds no record"),
        (gzip.compress(lines(*[native() for _line in range(200)]))[:-20], "cut short"),
        (gzip.compress(b" " * 20_000_000), "times its size"),
        ("{}\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_will_not_do_is_told_beside_its_field_and_nothing_is_kept(client, lead, content, sentence):
    answer = upload(client, content)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page.partition('id="id_file_error"')[2].partition("</span>")[0]
    assert 'value="files"' in page
    assert not Import.objects.exists()


def test_a_file_beyond_the_quota_is_told_and_what_was_typed_stays(client, lead, monkeypatch):
    monkeypatch.setattr("trust.uploads.MOST_BYTES", 100_000)

    answer = upload(client, b"x" * 300_000, source="platform")

    assert answer.status_code == 422
    assert "Larger than 64 MiB" in answer.content.decode()
    assert 'value="platform"' in answer.content.decode()


@pytest.mark.parametrize(
    ("said", "field"),
    [({"source": "no slug!"}, "source"), ({"source": "x" * 61}, "source"), ({"format": "gossip"}, "format")],
)
def test_what_is_typed_wrong_is_told_beside_its_field(client, lead, said, field):
    answer = upload(client, b"{}", **said)

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.jsonl", "../../etc/passwd", "a\u202egpj.exe", "=cmd.csv", "n" * 250]
)
def test_a_hostile_file_name_is_only_text(client, lead, name):
    answer = upload(client, lines(native()), name=name)

    assert answer.status_code == 302
    for address in (IMPORTS, answer["Location"]):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "/etc/passwd" not in page


def test_hostile_content_is_shown_escaped_and_covered(client, lead):
    alert = native(generation={"messages": [{"role": "<b>user</b>", "content": "<img src=x onerror=alert(1)>"}]})
    found = make_import(lines(alert), by=lead)

    page = client.get(f"{IMPORTS}{found.pk}/").content.decode()

    assert "<img" not in page
    assert "<b>user" not in page
    assert '<details class="covered"' in page
    assert '<details class="covered" open' not in page


def test_each_look_at_the_first_records_is_recorded(client, lead):
    found = make_import(lines(native(external_id="a"), native(external_id="b")), by=lead)

    client.get(f"{IMPORTS}{found.pk}/")

    event = AuditEvent.objects.get(kind="import.previewed")
    assert (event.by, event.data) == (lead, {"records": 2})
    assert AuditEvent.objects.about(found).filter(pk=event.pk).exists()


def test_what_is_restricted_is_not_in_the_preview(client, lead):
    clause = Clause.objects.create(policy=make_policy(restricted_category="child_safety"), key="minors")
    Mapping.objects.create(clause=clause, taxonomy="own", taxonomy_version="1", category="sexual/minors")
    taxonomy = {"name": "own", "version": "1"}
    closed = native(taxonomy=taxonomy, flagged=["sexual/minors"], comment="a secret")
    closed["generation"]["messages"] = [{"role": "user", "content": "a secret"}]
    found = make_import(lines(closed, {**closed, "kind": "a secret"}), by=lead)

    page = client.get(f"{IMPORTS}{found.pk}/").content.decode()

    assert "secret" not in page
    assert page.count("never shown here") == 2


def test_a_mapping_that_will_not_do_is_told_beside_its_row_and_nothing_typed_is_lost(client, lead):
    found = make_import(CSV, format="csv", by=lead)
    before = found.mapping
    typed = rows(
        {"path": "external_id", "origin": "column", "value": "no such"},
        {"path": "occurred_at", "origin": "column", "value": "at", "zone": "Middle/Earth"},
        {"path": "generation.messages.user", "origin": "column", "value": "said"},
        {"path": "nonsense", "origin": "column", "value": "odd"},
    )

    answer = client.post(f"{IMPORTS}{found.pk}/mapping/", typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    for field, sentence in (("f0-value", "no column"), ("f1-zone", "no time zone"), ("f3-path", "no such field")):
        assert sentence in page.partition(f'id="id_{field}_error"')[2].partition("</span>")[0]
        assert f'<a href="#id_{field}">' in page
    assert "3 things to correct" in page
    assert 'value="Middle/Earth"' in page
    assert 'value="nonsense"' in page
    assert fresh(found).mapping == before


def test_more_rows_keep_what_was_typed(client, lead):
    found = make_import(CSV, format="csv", by=lead)
    typed = rows({"path": "comment", "origin": "constant", "value": "From a form."}) | {"more": "1"}
    del typed["keep"]

    page = client.post(f"{IMPORTS}{found.pk}/mapping/", typed).content.decode()

    assert 'value="From a form."' in page
    assert 'name="f3-path"' in page


def test_what_a_row_cannot_say_stays_when_the_table_is_used(client, lead):
    found = make_import(CSV, format="csv", by=lead)
    scale = {"column": "odd", "scale": {"from": [0, 100], "to": [0, 1]}}
    digest = {"digest": ["at", "said"]}
    operations.map_columns(found, {"fields": FIELDS | {"scores.spam": scale, "external_id": digest}}, by=lead)

    page = client.get(f"{IMPORTS}{found.pk}/mapping/").content.decode()
    assert "Rules that a row cannot say" in page
    kept = [
        {"was": "occurred_at", "path": "occurred_at", "origin": "column", "value": "at", "zone": "UTC"},
        {"path": "generation.messages.user", "origin": "column", "value": "said"},
        {"was": "scores.spam", "path": "scores.junk", "origin": "column", "value": "odd"},
    ]
    client.post(f"{IMPORTS}{found.pk}/mapping/", rows(*kept))

    assert fresh(found).mapping["fields"] == {**FIELDS, "external_id": digest, "scores.junk": scale}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("{", "Not valid JSON"),
        ("[]", "Must be an object"),
        ("[" * 5000, "Not valid JSON"),
        ('{"fields": {"scores.\\u0000": {"column": "id"}}}', "NUL"),
        ('{"fields": {}}', "say where this comes from"),
        ('{"fields": 7}', "Must be an object"),
        ('{"fields": {"external_id": 7}}', "Must be an object"),
        ('{"fields": {}, "alerts": [7]}', "Must be an object"),
    ],
)
def test_json_that_will_not_do_is_told(client, lead, typed, sentence):
    found = make_import(CSV, format="csv", by=lead)

    answer = client.post(f"{IMPORTS}{found.pk}/mapping/json/", {"mapping": typed})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_json_that_will_do_is_used(client, lead):
    found = make_import(CSV, format="csv", by=lead)

    client.post(f"{IMPORTS}{found.pk}/mapping/json/", {"mapping": json.dumps({"fields": FIELDS})})

    assert fresh(found).mapping == {"fields": FIELDS}


def test_a_mapping_is_kept_by_name_and_taken_for_the_next_file(client, lead):
    found = make_import(CSV, format="csv", by=lead)
    operations.map_columns(found, {"fields": FIELDS}, by=lead)

    answer = client.post(f"{IMPORTS}{found.pk}/mapping/save/", {"name": "reports"}, follow=True)
    assert "kept as reports, version 1" in answer.content.decode()
    assert SavedMapping.objects.get().mapping == {"fields": FIELDS}
    taken = client.post(f"{IMPORTS}{found.pk}/mapping/save/", {"name": "convabuse"})
    assert (taken.status_code, "ready-made" in taken.content.decode()) == (422, True)

    following = make_import(CSV, format="csv", by=lead)
    answer = client.post(f"{IMPORTS}{following.pk}/mapping/choose/", {"name": "reports"})
    assert answer["Location"] == f"{IMPORTS}{following.pk}/"
    assert fresh(following).mapping == {"fields": FIELDS}


def test_a_ready_made_mapping_that_does_not_fit_is_taken_told_and_cannot_be_imported(client, lead):
    found = make_import(CSV, format="csv", by=lead)

    answer = client.post(f"{IMPORTS}{found.pk}/mapping/choose/", {"name": "convabuse"}, follow=True)

    assert "the file has no column" in answer.content.decode()
    refused = client.post(f"{IMPORTS}{found.pk}/start/")
    assert refused.status_code == 409
    assert "which columns hold what" in refused.content.decode()
    assert "aria-disabled" in client.get(f"{IMPORTS}{found.pk}/").content.decode()


def test_every_ready_made_mapping_can_be_shown_in_the_table(client, lead):
    found = make_import(CSV, format="csv", by=lead)

    for name in ("convabuse", "github-toxicity", "near-duplicates"):
        page = client.post(f"{IMPORTS}{found.pk}/mapping/choose/", {"name": name}, follow=True)
        assert page.status_code == 200


def test_a_format_without_columns_has_no_mapping_page(client, lead):
    found = make_import(by=lead)

    assert client.get(f"{IMPORTS}{found.pk}/mapping/").status_code == 404


def test_an_import_under_way_asks_again_and_one_that_ended_does_not(client, lead):
    found = make_import(by=lead)
    operations.rehearse(found, by=lead)

    waiting = client.get(f"{IMPORTS}{found.pk}/").content.decode()
    tasks.rehearse()
    done = client.get(f"{IMPORTS}{found.pk}/").content.decode()

    assert f'hx-get="{IMPORTS}{found.pk}/progress/"' in waiting
    assert "hx-get" not in done.partition("<main")[2]


def test_every_state_of_an_import_has_a_page(client, lead):
    cancelled = make_import(by=lead)
    operations.start(cancelled, by=lead)
    operations.cancel(cancelled, by=lead)
    assert "Being cancelled" in client.get(f"{IMPORTS}{cancelled.pk}/").content.decode()
    tasks.import_files()
    discarded = make_import(by=lead)
    operations.discard(discarded, by=lead)

    pages = {
        "Cancelled after 0 of 1": cancelled,
        "The file is deleted": discarded,
        "The file was imported": imported(make_import(by=lead)),
        "The dry run": rehearsed(make_import(by=lead)),
    }

    for sentence, found in pages.items():
        assert sentence in client.get(f"{IMPORTS}{found.pk}/").content.decode()
    assert client.get(IMPORTS).content.decode().count('id="import-') == 4


def test_the_sources_lead_to_the_import_for_leads_alone(client, lead):
    batch = Batch.objects.get(pk=intake.accept([native()], source="tests").batch)

    address = f"/settings/sources/{batch.source_id}/"
    assert f'href="{IMPORTS}"' in client.get("/settings/sources/").content.decode()
    page = client.get(address).content.decode()
    assert f'href="{IMPORTS}?source=tests"' in page
    assert f'href="/settings/sources/batches/{batch.pk}/"' in page
    client.force_login(make_user(role="analyst"))
    assert IMPORTS not in client.get(address).content.decode()
