"""Policies as files: any text goes out and comes back exactly, and normal text reads well."""

from __future__ import annotations

from hypothesis import example, given, settings, strategies as st

from policies.files import layout, markdown, nodes
from policies.files.documents import OutsideCategory, PolicyDocument
from policies.texts import PolicyText
from tests.policies.texts import CHARACTERS, POLICIES, TEXTS, make_text

HOSTILE = (
    "# A heading",
    "\\# no heading",
    "---\nkey: spam.other\n---\n",
    "ends in a space \nand a tab\t\nand a backslash\\\nand two\\\\",
    "\\ ",
    "\r",
    "\\\r\n\\&#13;&#13;\\\\&#0;",
    "\n\n\nafter blank lines\n\n\n\n",
    "   indented\n\tby a tab",
    "One. Two? Three! “Four.” 5. six. Seven.  Eight.\nNine. ",
    "\x00".replace("\x00", "\x01") + "\x85\u2028\u2029\ufeff\u202e\u200b",
    "&#10;",
    "### Example\n#### Because",
    "",
)
TAXONOMY_NAMES = st.text(CHARACTERS, max_size=20)
OUTSIDE = st.lists(st.builds(OutsideCategory, TAXONOMY_NAMES, TAXONOMY_NAMES, TAXONOMY_NAMES), max_size=4, unique=True)


def make_document(text: PolicyText, *, note: str = "", outside: list[OutsideCategory] | None = None) -> PolicyDocument:
    return PolicyDocument(
        key="spam",
        version=3,
        order=9,
        restricted_category="",
        change_note=note,
        text=text,
        outside={clause.key: tuple(sorted(outside or [])) for clause in text.clauses},
    )


def and_back(document: PolicyDocument) -> PolicyDocument:
    return layout.parse({path: file.encode() for path, file in layout.render(document).items()})


@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_any_text_is_written_as_markdown_and_read_back(text: str) -> None:
    lines = markdown.written(text)

    assert markdown.text_of(lines, first=1) == text
    assert not any(line.startswith("#") or "\n" in line for line in lines)
    assert lines == [] or (lines[0] and lines[-1])


@settings(max_examples=60, deadline=None)
@given(text=st.text(CHARACTERS, max_size=200))
def test_any_characters_stand_in_yaml_and_are_read_back(text: str) -> None:
    assert nodes.parse(f"a:\n  b: {nodes.scalar(text, indent='  ')}\n").value["a"].value["b"].value == text


def test_hostile_texts_are_read_back() -> None:
    for text in HOSTILE:
        assert markdown.text_of(markdown.written(text), first=1) == text
        assert markdown.unescaped(markdown.escaped(text), line_number=1) == text
        long = f"{text}{'word ' * 30}.\n{text}x"
        assert nodes.parse(f"a: {nodes.scalar(long)}\n").value["a"].value == long


@settings(max_examples=30, deadline=None)
@given(text=POLICIES, note=TEXTS, outside=OUTSIDE)
@example(text=PolicyText("", "", ()), note="", outside=[])
def test_a_policy_is_written_and_read_back(text: PolicyText, note: str, outside: list[OutsideCategory]) -> None:
    document = make_document(text, note=note, outside=outside)

    assert and_back(document) == document


@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_files_survive_editors_that_strip_spaces_and_write_carriage_returns(text: str) -> None:
    document = make_document(PolicyText("Spam", "Sum", (make_text(definition=text, title=text),)))
    mangled = {
        path: "\r\n".join(line.rstrip() for line in file.split("\n")).encode("utf-8-sig")
        for path, file in layout.render(document).items()
    }

    assert layout.parse(mangled) == document


def test_a_category_with_a_long_name_is_read_back() -> None:
    longest = "Drugs, and what is sold as medicine: without a prescription, by post, to whom it may concern. " * 2
    document = make_document(
        PolicyText("Spam", "Sum", (make_text(),)), outside=[OutsideCategory("own", "1", longest[:120].strip())]
    )

    assert and_back(document) == document
