"""Mappings that have a name: versions of them, and where they may be used."""

import pytest
from django.core.management import call_command

from incidents.intake import operations
from incidents.intake.models import Alert, SavedMapping
from tests.factories import make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

MAPPING = {
    "fields": {
        "external_id": {"column": "no"},
        "occurred_at": {"column": "when", "zone": "UTC"},
        "generation.messages.user": {"column": "said"},
    }
}
CSV = b"no,when,said\n1,2026-11-01 10:00,Buy our tea.\n"


def test_each_change_is_a_new_version_and_the_same_again_is_none():
    lead = make_user(role="lead")

    first = operations.save_mapping("reports", MAPPING, by=lead)
    again = operations.save_mapping("reports", MAPPING, by=lead)
    changed = operations.save_mapping("reports", MAPPING | {"title": "Reports"}, by=lead)

    assert (first.version, again.pk, changed.version) == (1, first.pk, 2)
    assert AuditEvent.objects.about(changed).get().kind == "intake.mapping_saved"
    assert SavedMapping.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "mapping", "sentence"),
    [
        ("Not a name", MAPPING, "lower-case letters"),
        ("convabuse", MAPPING, "ready-made"),
        ("good", {"fields": {}}, "say where this comes from"),
        ("good", {"felds": {}}, "Unknown field"),
        ("good", {"fields": {"scores.\0": {"column": "x"}}}, "NUL"),
        ("good", MAPPING | {"title": "x" * 70_000}, "Larger than"),
    ],
)
def test_a_mapping_that_will_not_do_is_refused_with_a_sentence(name, mapping, sentence):
    with pytest.raises(Refused) as refusal:
        operations.save_mapping(name, mapping, by=make_user(role="lead"))

    assert sentence in str(refusal.value.errors)
    assert not SavedMapping.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "analyst", "admin", "auditor", "policy_editor"])
def test_only_leads_save_mappings(role):
    with pytest.raises(Refused, match="Only leads"):
        operations.save_mapping("reports", MAPPING, by=make_user(role=role))


def test_a_saved_mapping_is_used_by_its_name_in_the_api(post):
    operations.save_mapping("reports", MAPPING, by=make_user(role="lead"))

    answer = post(CSV, content_type="text/csv", query="?mapping=reports")

    assert answer.json()["accepted"] == 1
    assert Alert.objects.get().generation.content.messages == [{"role": "user", "content": "Buy our tea."}]


def test_the_newest_version_is_the_one_in_use(post):
    lead = make_user(role="lead")
    operations.save_mapping("reports", MAPPING, by=lead)
    commented = {"fields": MAPPING["fields"] | {"comment": {"constant": "From the form."}}}
    operations.save_mapping("reports", commented, by=lead)

    post(CSV, content_type="text/csv", query="?mapping=reports")

    assert Alert.objects.get().comment == "From the form."


def test_a_saved_mapping_is_used_by_its_name_in_the_command(tmp_path, capsys):
    operations.save_mapping("reports", MAPPING, by=make_user(role="lead"))
    (tmp_path / "reports.csv").write_bytes(CSV)

    arguments = [str(tmp_path / "reports.csv"), "--format", "csv", "--source", "form", "--option", "mapping=reports"]
    call_command("import_alerts", *arguments)

    assert capsys.readouterr().out.strip() == "accepted 1, duplicates 0, rejected 0"


@pytest.mark.parametrize("name", ["unknown", "%00", "x" * 500, "../../etc/passwd"])
def test_a_name_that_nobody_saved_is_said_at_each_record(post, name):
    answer = post(CSV, content_type="text/csv", query=f"?mapping={name}")

    assert answer.status_code == 202
    assert "mapping" in answer.json()["rejected"][0]["errors"]
