"""What providers' records become is stored like any native alert."""

import json

import pytest

from incidents.intake import operations
from incidents.intake.models import Alert, Generation
from tests.intake.formats.cases import CASES, changed, first_of, given

pytestmark = pytest.mark.django_db

# The others are about a generation that must be known already.
WITH_TEXT = [case for case in CASES if all("messages" in alert["generation"] for alert in case.alerts)]


def native_records(case, record):
    return case.format.alerts(json.dumps(record).encode(), given(**case.given))


@pytest.mark.parametrize("case", WITH_TEXT, ids=lambda case: f"{case.slug}: {case.name}")
def test_the_alerts_of_a_record_are_stored_once(case):
    records = native_records(case, case.record)

    first, again = (operations.accept(records, source="tests") for _time in range(2))

    assert (first.rejected, first.accepted) == ([], len(records))
    assert (again.rejected, again.duplicates, again.differs) == ([], len(records), [])


def test_two_sides_of_a_record_without_an_id_of_its_own_share_one_generation():
    case = first_of("azure-openai-content-filter")
    generation = {name: said for name, said in case.record["generation"].items() if name != "external_id"}
    records = native_records(case, changed(case.record, "generation", generation))

    operations.accept(records, source="tests")

    assert Generation.objects.count() == 1
    assert list(Alert.objects.order_by("pk").values_list("external_id", "has_other_content")) == [
        ("e-1:prompt", False),
        ("e-1:response", False),
    ]
