import json

import pytest

from incidents.intake.formats import catalogue, reading
from incidents.intake.formats.converting import NotOfFormat
from tests.intake.formats.cases import CASES, accepted, cases_of, changed, first_of, given

FORMATS = catalogue.FORMATS.values()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.slug}: {case.name}")
def test_a_fixture_becomes_exactly_its_alerts(case):
    alerts = case.convert(case.record)

    assert [accepted(alert) for alert in alerts] == case.alerts


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.slug)
def test_every_format_has_fixtures_and_an_example_that_is_accepted(known):
    alerts = known.convert(known.example, given())

    assert cases_of(known.slug)
    assert str(known.title)
    assert [accepted(alert) for alert in alerts]


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=utf-8", "application/x-ndjson", " application/json "]
)
def test_a_media_type_names_its_format_whatever_its_case_and_parameters(media_type):
    assert catalogue.by_media_type(media_type) is catalogue.NATIVE


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/jsonx", ";"])
def test_a_media_type_of_no_format_names_none(media_type):
    assert catalogue.by_media_type(media_type) is None


def test_no_media_type_stands_for_two_formats():
    every = [media_type for known in FORMATS for media_type in known.media_types]

    assert len(every) == len(set(every))


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.slug)
def test_the_way_in_gives_what_the_native_reader_reads(known):
    records = known.alerts(known.example, given())

    assert [reading.decode(record).external_id for record in records]


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.slug)
def test_a_record_past_the_limit_is_not_even_read(known):
    with pytest.raises(NotOfFormat) as raised:
        known.alerts(b" " * reading.LONGEST_RECORD + known.example, given())

    assert raised.value.errors == {"body": ["Larger than 1048576 bytes."]}


def test_a_small_record_cannot_become_many_times_its_size():
    case = first_of("openai-moderation")
    message = {"role": "user", "content": "x" * 1000}
    record = changed(case.record, "generation.messages", [message] * 300)
    record = changed(record, "payload.results", [{"flagged": False, "categories": {}}] * 300)

    with pytest.raises(NotOfFormat) as raised:
        case.format.alerts(json.dumps(record).encode(), given())

    assert raised.value.errors == {"body": ["Becomes more than 8388608 bytes of alerts."]}
