"""What the page of a mapping proposes, says and keeps, whatever a file has between its cells."""

import pytest

from incidents.imports import operations
from incidents.imports.models import Finding, Import
from incidents.intake.models import Alert
from tests.factories import make_user
from tests.imports.factories import fresh, make_import, rehearsed
from tests.imports.test_pages import CSV, FIELDS, IMPORTS, rows, upload
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_what_stands_between_the_cells_is_found_and_said(client, lead, delimiter, name):
    upload(client, CSV.replace(b",", delimiter.encode()), format="csv")

    found = Import.objects.get()
    assert (found.delimiter, found.columns) == (delimiter, ["id", "at", "said", "odd"])
    page = client.get(f"{IMPORTS}{found.pk}/mapping/").content.decode()
    assert f"4 columns were found, with {name} between the cells." in page


def test_json_lines_sent_as_csv_are_told_and_another_format_is_chosen_already(client, lead):
    answer = upload(client, b'{"external_id": "1"}\n{"external_id": "2"}\n', format="csv", source="platform")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This looks like JSON, not CSV" in page
    assert '<option value="native" selected>' in page
    assert 'value="platform"' in page


def test_formats_are_offered_by_their_titles(client, lead):
    options = client.get(IMPORTS).content.decode().partition('name="format"')[2].partition("</select>")[0]

    titles = [part.partition("</option>")[0].partition(">")[2] for part in options.split("<option")[1:]]
    assert titles == sorted(titles, key=str.casefold)


def test_a_required_field_that_no_column_is_named_for_is_proposed_as_a_row_and_asked_for(client, lead):
    found = make_import(CSV, format="csv", by=lead)

    page = client.get(f"{IMPORTS}{found.pk}/mapping/").content.decode()

    assert 'name="f1-path" value="occurred_at"' in page
    assert 'name="f1-zone"' in page
    assert '<a href="#id_f1-value">' in page.partition('id="missing"')[2].partition("</ul>")[0]
    assert "to correct" not in page
    left = rows({"path": "occurred_at", "origin": "column", "value": ""})
    told = client.post(f"{IMPORTS}{found.pk}/mapping/", left).content.decode()
    assert "occurred_at: say where this comes from." in told.partition('id="id_f0-value_error"')[2].partition("</sp")[0]


def test_what_cells_stand_for_is_said_in_a_row_and_comes_back(client, lead):
    found = make_import(CSV, format="csv", by=lead)
    odd = {"path": "labels.odd", "origin": "column", "value": "odd", "cells": "x = true; y = ; z = false"}
    at = {"path": "occurred_at", "origin": "column", "value": "at", "zone": "UTC"}
    said = {"path": "generation.messages.user", "origin": "column", "value": "said"}
    typed = rows({"path": "external_id", "origin": "column", "value": "id"}, at, said, odd)

    client.post(f"{IMPORTS}{found.pk}/mapping/", typed)

    rule = {"column": "odd", "values": {"x": True, "y": None, "z": False}}
    assert fresh(found).mapping == {"fields": FIELDS | {"labels.odd": rule}}
    page = client.get(f"{IMPORTS}{found.pk}/mapping/").content.decode()
    assert 'value="x = true; y =; z = false"' in page
    assert "Rules that a row cannot say" not in page


def test_what_cells_stand_for_is_told_beside_it_where_it_cannot_be_read(client, lead):
    found = make_import(CSV, format="csv", by=lead)
    typed = rows({"path": "labels.odd", "origin": "column", "value": "odd", "cells": "x"})

    page = client.post(f"{IMPORTS}{found.pk}/mapping/", typed).content.decode()

    assert "CELL = MEANING" in page.partition('id="id_f0-cells_error"')[2].partition("</span>")[0]
    assert '<a href="#id_f0-cells">' in page


@pytest.mark.parametrize("values", [{"a;b": True}, {" x": True}, {"a=b": True}, {"x": "1"}, {"x": "true"}])
def test_what_a_line_cannot_say_of_cells_stays_as_it_is(client, lead, values):
    found = make_import(CSV, format="csv", by=lead)
    mapping = {"fields": FIELDS | {"labels.odd": {"column": "odd", "values": values}}}
    operations.map_columns(found, mapping, by=lead)
    kept = [
        {"was": path, "path": path, "origin": "column", "value": rule["column"], "zone": rule.get("zone", "")}
        for path, rule in FIELDS.items()
    ]

    client.post(f"{IMPORTS}{found.pk}/mapping/", rows(*kept))

    assert fresh(found).mapping == mapping


def test_a_dry_run_names_records_and_refuses_the_import_of_nothing(client, lead):
    found = make_import(b"id,at,said,odd\n1,soon,Tea.,x\n2,now\n", format="csv", by=lead)
    operations.map_columns(found, {"fields": FIELDS}, by=lead)

    rehearsed(found)

    assert list(Finding.objects.order_by("pk").values_list("external_id", flat=True)) == ["1", None]
    assert (
        "The row has 2 cells, the header names 4 columns."
        in client.get(f"{IMPORTS}{found.pk}/findings/").content.decode()
    )
    page = client.get(f"{IMPORTS}{found.pk}/").content.decode()
    assert "Import 2 records" not in page
    assert "The dry run accepted no record" in page
    with pytest.raises(Refused, match="accepted no record"):
        operations.start(fresh(found), by=lead)
    assert not Alert.objects.exists()


def test_after_a_dry_run_the_button_counts_what_would_come_in(client, lead):
    found = make_import(CSV.replace(b"2,soon", b"1,2026-11-01 10:00") + b"3,soon,Tea.,z\n", format="csv", by=lead)
    operations.map_columns(found, {"fields": FIELDS}, by=lead)

    rehearsed(found)

    assert "Import 1 record " in client.get(f"{IMPORTS}{found.pk}/").content.decode()
    assert list(Finding.objects.order_by("pk").values_list("external_id", flat=True)) == ["1", "3"]
