"""Text under review: escaped, and nothing in it hides, turns or piles up unseen."""

import re
import time

import pytest

from trust.hostile import MOST_BOXES, PLACEHOLDER, marked

RLO = "\N{RIGHT-TO-LEFT OVERRIDE}"
ZWSP = "\N{ZERO WIDTH SPACE}"
ACUTE = "\N{COMBINING ACUTE ACCENT}"


def code_points(html: str) -> int:
    """Count the code points that ``html`` stands for, as a browser script counts a selection."""
    boxes = re.compile(r'<span class="unseen" title="[^"]*"(?: data-run="(\d+)")?>[^<]*</span>')
    length = sum(int(run or 1) for run in boxes.findall(html)) + html.count('<wbr data-run="1">')
    text = re.sub(r"<[^>]*>", "", re.sub(r"<sup>\d+</sup>", "", boxes.sub("", html)))
    return length + len(re.sub(r"&(amp|lt|gt|quot|#x27);", "x", text))


def test_markup_is_shown_as_text():
    assert marked("<script>alert('1')</script>") == "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;"


@pytest.mark.parametrize(
    ("character", "label"),
    [
        (ZWSP, "ZWSP"),
        (RLO, "RLO"),
        ("\x00", "NUL"),
        ("\x1b", "ESC"),
        ("\x85", "U+0085"),
        ("\N{SOFT HYPHEN}", "SHY"),
        ("\N{HANGUL FILLER}", "U+3164"),
        ("\N{ZERO WIDTH JOINER}", "ZWJ"),
        ("\N{VARIATION SELECTOR-16}", "U+FE0F"),
        ("\U000e0041", "TAG A"),
        ("\ue000", "U+E000"),
        ("\ud800", "U+D800"),
        ("\N{LINE SEPARATOR}", "LSEP"),
    ],
)
def test_a_hidden_character_becomes_a_named_box(character, label):
    html = marked(f"a{character}b")

    assert html.startswith('a<span class="unseen" title="')
    assert html.endswith(f">{label}</span>b")
    assert character not in html


def test_a_box_says_the_name_in_its_title():
    assert 'title="Zero-width space, U+200B"' in marked(ZWSP)


def test_a_run_of_hidden_characters_is_one_box_that_counts_them():
    assert '<span class="unseen" title="Zero-width space, U+200B" data-run="5">ZWSP ×5</span>' in marked(ZWSP * 5)
    assert 'title="ZWSP RLO" data-run="3">3 HIDDEN<' in marked(ZWSP + RLO + ZWSP)


def test_plain_writing_stays_as_it_is():
    for text in ("tea\tand\nrain\r\nagain", "Ünïcödé", "שָׁלוֹם", "नमस्ते", "こんにちは", "Tiếng Việt", "Привет, как дела"):
        assert "unseen" not in marked(text), text


def test_an_emoji_keeps_its_joiners():
    family = "\U0001f468\N{ZERO WIDTH JOINER}\U0001f469\N{ZERO WIDTH JOINER}\U0001f467"

    assert marked(f"{family} ❤\N{VARIATION SELECTOR-16}") == f"{family} ❤\N{VARIATION SELECTOR-16}"


def test_a_tower_of_marks_is_cut_to_what_a_letter_may_carry():
    html = marked("e" + ACUTE * 40)

    assert html.count(ACUTE) == 4
    assert 'data-run="36">MARKS ×36<' in html


def test_a_look_alike_letter_in_a_latin_word_is_named():
    assert 'title="Cyrillic small letter a, U+0430">а U+0430<' in marked("p\N{CYRILLIC SMALL LETTER A}ypal")


def test_a_span_is_marked_with_the_number_of_its_violation():
    assert marked("buy now please", [(0, 7, 1)]) == '<mark class="span">buy now<sup>1</sup></mark> please'


def test_what_a_detector_found_is_marked_without_a_number():
    assert marked("buy now", [(4, 7, None)]) == 'buy <mark class="span found">now</mark>'


def test_spans_may_overlap_and_each_number_stands_at_its_own_end():
    html = marked("abcdef", [(0, 4, 1), (2, 6, 2)])

    assert html == (
        '<mark class="span">ab</mark><mark class="span">cd<sup>1</sup></mark><mark class="span">ef<sup>2</sup></mark>'
    )


def test_spans_outside_the_text_are_cut_off():
    assert marked("abc", [(-5, 1, 1), (2, 99, 2), (7, 9, 3), (2, 1, 4)]) == (
        '<mark class="span">a<sup>1</sup></mark>b<mark class="span">c<sup>2</sup></mark>'
    )


def test_a_selection_can_be_counted_back_to_code_points():
    text = f"<b>\r\n{RLO}{ZWSP * 3}x</b> pаy e{ACUTE * 9} & \ud800 \U0001f600"

    assert code_points(marked(text, [(0, 9, 1), (4, 20, None)])) == len(text)


def test_a_megabyte_of_hidden_characters_stays_small_and_quick():
    text = f"a{ZWSP}" * 250_000
    started = time.monotonic()

    html = marked(text)

    assert time.monotonic() - started < 1
    assert html.count("unseen") == MOST_BOXES
    assert html.count(PLACEHOLDER) == 250_000 - MOST_BOXES
    assert len(html) < 2_000_000
