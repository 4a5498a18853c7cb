"""Numbers and times as people read them in each language."""

from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.formats import date_format

from trust import languages, numbers

DAY, MOMENT = date(2026, 3, 7), datetime(2026, 3, 7, 14, 5, tzinfo=UTC)


def drawn(source: str, **context: object) -> str:
    return Template("{% load humanize i18n trustdesk %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("language", "count", "decimal", "share", "compact", "large"),
    [
        ("en", "1,234,567", "0.94", "8.1", "0.5", "12"),
        ("de", "1.234.567", "0,94", "8,1", "0,5", "12"),
    ],
)
def test_numbers_follow_the_language(language, count, decimal, share, compact, large):
    with translation.override(language):
        assert numbers.count(1_234_567) == count
        assert numbers.decimal(0.936, 2) == decimal
        assert numbers.percent(0.0812) == share
        assert (numbers.compact(0.5), numbers.compact(12.0)) == (compact, large)


@pytest.mark.parametrize(("language", "words"), [("en", "1,573 alerts"), ("de", "1.573 alerts")])
def test_an_amount_reads_with_separators_and_still_agrees_with_its_noun(language, words):
    one, many = "{{ alerts }} alert.", "{{ alerts }} alerts"  # no sentence of ours: it stands in no catalogue
    source = f"{{% blocktranslate count alerts=n|amount %}}{one}{{% plural %}}{many}{{% endblocktranslate %}}"

    with translation.override(language):
        assert drawn(source, n=1573) == words
        assert drawn(source, n=1) == "1 alert."


def test_what_is_not_asked_for_gets_no_separator():
    with translation.override("de"):
        assert drawn('<i id="item-{{ n }}">', n=1573) == '<i id="item-1573">'


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "7 Mar 2026", "7 March 2026, 14:05 UTC"), ("de", "7. März 2026", "7. März 2026, 14:05 UTC")],
)
def test_times_follow_the_language_and_stay_machine_readable(language, day, moment):
    with translation.override(language), timezone.override(UTC):
        assert date_format(DAY) == day
        assert drawn("{% moment at %}", at=MOMENT) == f'<time datetime="2026-03-07T14:05:00Z">{moment}</time>'


@pytest.mark.parametrize("language", languages.NAMES)
def test_every_language_has_all_our_formats(language):
    english = __import__("trust.formats.en.formats", fromlist=["*"])
    own = __import__(f"trust.formats.{language}.formats", fromlist=["*"])

    names = [name for name in vars(english) if name.endswith("_FORMAT")]
    assert names
    assert [name for name in names if not hasattr(own, name)] == []
    assert settings.USE_THOUSAND_SEPARATOR is False


@pytest.mark.parametrize(("language", "noun"), [("en", "rate limit"), ("de", "Rate limit")])
def test_german_nouns_keep_their_capital_within_a_sentence(language, noun):
    with translation.override(language):
        assert languages.noun_within("Rate limit") == noun
        assert languages.within("In force") == "in force"


def test_what_is_stored_is_said_in_the_language_of_the_organisation():
    with translation.override("de"):
        assert languages.stored(translation.gettext_lazy("This field is required.")) == "This field is required."
        assert translation.gettext("This field is required.") != "This field is required."
