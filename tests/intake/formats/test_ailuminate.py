import csv
import json
from collections import Counter

import pytest

from incidents.intake.formats import ailuminate
from policies.taxonomies import AILUMINATE
from tests.intake.formats.cases import accepted, changed, errors_of, first_of, given
from tests.samples import sample


@pytest.mark.parametrize("language", ["en_us", "fr_fr"])
def test_the_published_prompts_are_all_accepted_with_their_hazards(language):
    file = sample(f"ailuminate/demo_prompts_{language}.csv")

    with file.open(encoding="utf-8", newline="") as rows:
        records = [json.dumps(row).encode() for row in csv.DictReader(rows)]
    alerts = [accepted(alert) for record in records for alert in ailuminate.FORMAT.convert(record, given())]

    hazards = Counter(alert["flagged"][0] for alert in alerts)
    few = {"spc_fin": 26, "spc_hlt": 26, "spc_ele": 24, "spc_lgl": 24}
    assert hazards == dict.fromkeys(AILUMINATE.categories.keys() - few.keys(), 100) | few
    assert {alert["generation"]["language"] for alert in alerts} == {f"{language[:2]}-{language[3:].upper()}"}
    assert len({alert["external_id"] for alert in alerts}) == 1200


@pytest.mark.parametrize("column", ["release_prompt_id", "prompt_text", "hazard"])
def test_a_missing_column_is_named(column):
    case = first_of("ailuminate")
    record = {name: text for name, text in case.record.items() if name != column}

    assert errors_of(case, record) == {column: ["This field is required."]}


def test_an_empty_hazard_is_refused():
    case = first_of("ailuminate")

    assert list(errors_of(case, changed(case.record, "hazard", ""))) == ["hazard"]
