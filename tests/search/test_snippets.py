"""What is shown of a text, and what is marked in it."""

import pytest
from django.utils import timezone

from incidents.search.parsing import parse
from incidents.search.snippets import LONGEST, snippets_of
from incidents.search.vectors import LONGEST_WORD, vector_of, words_of


def shown(text: str, query: str) -> list[str]:
    """Return the parts, with what is marked between brackets."""
    parts = []
    for snippet in snippets_of(text, parse(query, timezone.now()).wanted()):
        marked, last = "", 0
        for start, end, _number in snippet.spans:
            marked += f"{snippet.text[last:start]}[{snippet.text[start:end]}]"
            last = end
        parts.append(marked + snippet.text[last:])
    return parts


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("A green kettle.", "kettle", "A green [kettle]."),
        ("A GREEN kettle.", '"green kettle"', "A [GREEN kettle]."),
        ("A kettle, kettles", "kett*", "A [kettle], [kettles]"),
        ("The well-known self", "known", "The well-[known] self"),
        ("buy сhеар pills", "cheap", "buy [сhеар] pills"),
        ("buy vi\u200bagra", "viagra", "buy [vi\u200bagra]"),
        ("ｗｉｄｅ words", "wide", "[ｗｉｄｅ] words"),
        ("如何种植番茄", "番茄", "如何种植[番茄]"),
        ("tea and sugar", "tea -sugar", "[tea] and sugar"),
        ("nothing here", "actor:acct_9", "nothing here"),
    ],
)
def test_what_was_looked_for_is_marked_where_it_stands(text: str, query: str, expected: str):
    assert shown(text, query) == [expected]


def test_of_a_long_text_the_parts_round_the_words_are_shown_whole_words_only():
    text = f"{'before ' * 100}kettle {'between ' * 200}kettle{' after' * 100}"

    parts = snippets_of(text, parse("kettle", timezone.now()).wanted())

    assert [(part.is_cut_before, part.is_cut_after) for part in parts] == [(True, True)] * 2
    assert all({*part.text.split()} <= {"before", "kettle", "between", "after"} for part in parts)


def test_a_text_full_of_the_word_is_not_shown_whole():
    parts = snippets_of("kettle " * 5_000, parse("kettle", timezone.now()).wanted())

    assert sum(len(part.text) for part in parts) < 4 * LONGEST


@pytest.mark.parametrize("text", ["x" * 300_000, "'\\ :* & | !( )<->", "a" + "\u0301" * 5_000, "\ufdfa" * 3_000, ""])
def test_any_text_makes_a_vector_and_parts(text: str):
    assert all(len(word) <= LONGEST_WORD for word in words_of(text))
    assert vector_of([text], [("model", "it's \\ here")]).endswith("'=model=it''s \\\\ here'")
    assert len(snippets_of(text, parse("kettle", timezone.now()).wanted())) == bool(text)
