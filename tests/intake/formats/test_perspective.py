import pytest
from hypothesis import given, strategies as st

from tests.intake.formats.cases import accepted, changed, errors_of, first_of

CASE = first_of("perspective")
SPANS = "payload.attributeScores.INSULT.spanScores"


def spans_of(text, *places):
    """Convert a record whose one message is ``text``, with a span of each (begin, end) in UTF-16 code units."""
    scored = [{"begin": begin, "end": end, "score": {"value": 0.9}} for begin, end in places]
    record = changed(changed(CASE.record, "generation.messages.0.content", text), SPANS, scored)
    record = changed(record, "payload.attributeScores.TOXICITY.spanScores", [])
    return accepted(CASE.convert(record)[0]).get("spans", [])


@given(st.text(st.sampled_from("aé禁🍵𝔘"), min_size=3, max_size=30), st.data())
def test_a_span_names_the_same_text_in_code_points_as_in_code_units(text, data):
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 1, len(text) - 1))
    units = [len(text[:place].encode("utf-16-le")) // 2 for place in (start, end)]

    (span,) = spans_of(text, units)

    assert (span["start"], span["end"]) == (start, end)


def test_a_span_of_the_whole_text_adds_nothing():
    assert spans_of("🍵 cup", (0, 6)) == []
    assert len(spans_of("🍵 cup", (0, 5))) == 1


@pytest.mark.parametrize(("begin", "end"), [(13, 23), (13, 13), (13, 12), (2**31 - 1, 5), (23, None), (22, None)])
def test_a_span_that_is_empty_or_past_the_end_is_named(begin, end):
    record = changed(changed(CASE.record, f"{SPANS}.1.end", end), f"{SPANS}.1.begin", begin)

    assert errors_of(CASE, record) == {f"{SPANS}.1.end": ["Must lie behind begin, and within the message."]}


@pytest.mark.parametrize("end", [-1, "9", 2**40])
def test_an_offset_that_is_none_is_named(end):
    assert list(errors_of(CASE, changed(CASE.record, f"{SPANS}.0.end", end))) == [f"{SPANS}.0.end"]


def test_spans_lie_in_the_last_message_of_the_side_that_was_judged():
    messages = [
        {"role": "user", "content": "Tea, please, you fool."},
        {"role": "assistant", "content": "Here it is, dear."},
    ]
    record = changed(CASE.record, "generation.messages", [*messages, messages[0]]) | {"judged": "response"}
    record = changed(record, "payload.attributeScores.TOXICITY.spanScores", [])

    alert = accepted(CASE.convert(changed(record, f"{SPANS}", [{"begin": 0, "end": 4, "score": {"value": 1}}]))[0])

    assert {span["message"] for span in alert["spans"]} == {1}


def test_without_the_text_scores_are_kept_and_spans_are_not():
    record = changed(CASE.record, "generation", {"external_id": "known"})

    alert = accepted(CASE.convert(record)[0])

    assert "spans" not in alert
    assert alert["scores"]["INSULT"] == 0.78


def test_nothing_is_flagged_without_a_threshold():
    record = {name: said for name, said in CASE.record.items() if name != "thresholds"}

    assert "flagged" not in accepted(CASE.convert(record)[0])


def test_scores_of_another_type_are_no_probabilities():
    record = changed(CASE.record, "payload.attributeScores.INSULT.summaryScore", {"value": 3.5, "type": "RAW"})

    assert "score_kind" not in accepted(CASE.convert(record)[0])
