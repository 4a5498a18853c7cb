"""The template tags: what they draw, and that what they are given is escaped."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from policies import vocabulary
from trust.accounts.models import User
from trust.templatetags import trustdesk

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def drawn(source: str, **context: object) -> str:
    return Template("{% load trustdesk %}" + source).render(Context(context))


@pytest.fixture(autouse=True)
def utc():
    with timezone.override(UTC):
        yield


def test_a_moment_of_what_is_kept_reads_the_same_on_any_day():
    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

    assert drawn("{% moment at %}", at=at) == '<time datetime="2026-11-02T09:30:00Z">2 November 2026, 09:30 UTC</time>'


def test_severity_fills_as_many_bars_as_its_level():
    for level in range(5):
        html = drawn("{% severity level %}", level=level)

        assert html.count('class="on"') == level
        assert f'data-level="{level}"' in html
        assert f">S{level} " in html.replace("</svg>", ">")


def test_a_severity_that_was_never_given_says_so():
    assert "not rated" in drawn("{% severity level %}", level=None)


@pytest.mark.parametrize(
    ("table", "words"),
    [(trustdesk.VERDICTS, vocabulary.Verdict), (trustdesk.STANDINGS, vocabulary.Standing)],
)
def test_every_value_of_the_vocabulary_has_a_tone(table, words):
    assert set(table) == set(words.values)


def test_severity_words_are_those_of_the_vocabulary():
    assert [str(word) for word in trustdesk.SEVERITIES] == [str(label) for label in vocabulary.Severity.labels]


def test_a_chip_carries_tone_and_word():
    assert drawn("{% verdict 'benign' %}") == '<span class="chip dot" data-tone="success">Benign</span>'
    assert 'data-tone="warning">Limited<' in drawn("{% standing 'limited' %}")
    assert 'data-tone="accent">User report<' in drawn("{% source_kind 'user_report' %}")


def test_an_unknown_value_is_shown_grey_and_escaped():
    assert drawn("{% standing '<b>' %}") == '<span class="chip" data-tone="neutral">&lt;b&gt;</span>'


@pytest.mark.parametrize(
    ("minutes", "tone", "words"),
    [
        (-24, "danger", "overdue 24 min"),
        (42, "warning", "due in 42 min"),
        (84, "neutral", "due in 1 h 24 min"),
        (26 * 60, "neutral", "due in 26 h"),
        (3 * 24 * 60, "neutral", "due in 3 days"),
    ],
)
def test_the_clock_says_how_long_and_how_urgent(minutes, tone, words):
    html = str(trustdesk.clock(NOW + timedelta(minutes=minutes), now=NOW))

    assert f'data-tone="{tone}"' in html
    assert f">{words}</time>" in html


def test_with_an_allowance_the_last_quarter_is_due_soon():
    due = NOW + timedelta(hours=2)

    assert 'data-tone="warning"' in trustdesk.clock(due, since=due - timedelta(hours=9), now=NOW)
    assert 'data-tone="neutral"' in trustdesk.clock(due, since=due - timedelta(hours=7), now=NOW)


def test_the_clock_shows_the_absolute_time_in_the_viewers_zone_on_hover():
    with timezone.override("Europe/Berlin"):
        html = str(trustdesk.clock(NOW, now=NOW))

    assert 'datetime="2026-11-23T14:00:00Z" title="23 November 2026, 15:00 CET"' in html


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW - timedelta(seconds=10), "just now"),
        (NOW - timedelta(minutes=12), "12 min ago"),
        (NOW - timedelta(hours=3), "today 11:00"),
        (NOW - timedelta(days=1), "yesterday 14:00"),
        (NOW + timedelta(days=1), "tomorrow 14:00"),
        (NOW - timedelta(days=20), "3 Nov"),
        (NOW - timedelta(days=400), "19 Oct 2025"),
        (date(2026, 11, 23), "today"),
        (date(2026, 3, 1), "1 Mar"),
    ],
)
def test_moments_are_said_the_way_people_say_them(moment, words):
    assert f">{words}</time>" in trustdesk.when(moment, now=NOW)


def test_a_printed_key_and_its_data_key_come_from_one_map():
    assert drawn("{% key 'approve' %}") == '<kbd class="key">⇧Y</kbd>'
    assert drawn("<a{% keyed 'approve' %}>") == '<a data-key="Y">'


def test_the_nth_thing_has_a_digit_and_the_tenth_none():
    assert drawn("{% key 9 %}{% keyed 9 %}") == '<kbd class="key">9</kbd> data-key="9"'
    assert drawn("{% key 10 %}{% keyed 10 %}") == ""


def test_a_misspelt_key_is_an_error():
    with pytest.raises(ValueError, match="beningn"):
        drawn("{% key 'beningn' %}")


def test_text_from_outside_stands_isolated_and_out_of_reach_of_htmx():
    html = drawn("{% hostile text %}", text="<i hx-get='/'>\N{RIGHT-TO-LEFT OVERRIDE}")

    assert html.startswith('<bdi class="content" dir="auto" hx-disable>&lt;i hx-get=&#x27;/&#x27;&gt;<span class="un')


def test_nobody_in_particular_is_the_system():
    assert "The system" in drawn("{% person nobody %}", nobody=None)
    assert "ana@example.org" in drawn("{% person unnamed %}", unnamed=User(email="ana@example.org"))


def test_a_field_shows_its_error_above_the_input_and_links_both():
    class EndsForm(forms.Form):
        ends = forms.DateField(help_text="At most 90 days.")

    html = drawn('{% include "components/_field.html" with field=form.ends %}', form=EndsForm({"ends": ""}))

    assert html.index('id="id_ends_error"') < html.index("<input")
    assert 'aria-describedby="id_ends_helptext id_ends_error"' in html
    assert 'aria-invalid="true"' in html


def test_an_error_summary_links_to_each_field():
    class EndsForm(forms.Form):
        ends = forms.DateField()

    html = drawn('{% include "components/_error_summary.html" %}', form=EndsForm({"ends": ""}))

    assert "One thing to correct" in html
    assert '<a href="#id_ends">Ends: This field is required.</a>' in html


def test_one_error_summary_tells_of_several_forms_and_of_what_is_about_no_field():
    class EndsForm(forms.Form):
        ends = forms.ChoiceField(label="It ends", choices=[("now", "Now")], widget=forms.RadioSelect)

    html = drawn(
        '{% include "components/_error_summary.html" with more_forms=rows more_sentences=others %}',
        form=EndsForm({"ends": "now"}),
        rows=[EndsForm({}, prefix="a"), EndsForm({}, prefix="b")],
        others=["Too many."],
    )

    assert "3 things to correct" in html
    assert '<a href="#id_b-ends">It ends: This field is required.</a>' in html
    assert "<li>Too many.</li>" in html
    assert "<li>" not in drawn('{% include "components/_error_summary.html" %}', form=EndsForm())
