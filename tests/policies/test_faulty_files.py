"""What files that cannot be used are answered with: the file, the line, and what to do. Nothing is built or run."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from policies.files import checks, folders, layout
from policies.files.documents import PolicyDocument
from policies.files.faults import Faulty
from policies.texts import PolicyText
from tests.policies.texts import make_text

CLAUSE, POLICY = "spam/spam.tea.md", "spam/policy.yaml"


def make_document(**fields) -> PolicyDocument:
    text = PolicyText("Spam", "What nobody asked for.", (make_text(**fields),))
    return PolicyDocument("spam", 1, 9, "", "Why.", text, {clause.key: () for clause in text.clauses})


@pytest.fixture
def files() -> dict[str, bytes]:
    return {path: text.encode() for path, text in layout.render(make_document()).items()}


def faults_of(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(Faulty) as refused:
        layout.parse(files)
    return [str(fault) for fault in refused.value.faults]


def replaced(files: dict[str, bytes], file: str, old: str, new: str | bytes) -> dict[str, bytes]:
    assert old.encode() in files[file]
    return {**files, file: files[file].replace(old.encode(), new if isinstance(new, bytes) else new.encode(), 1)}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: Spam", "title: &a Spam", "line 4: Anchors (&) and aliases (*) are not read"),
        ("title: Spam", "title: *a", "line 4: Anchors (&) and aliases (*) are not read"),
        ("title: Spam", "title: !!python/object/apply:os.system [ls]", "line 4: Tags (!) are not read"),
        ("title: Spam", "title: !!str Spam", "line 4: Tags (!) are not read"),
        ("title: Spam", "title: [Spam]", "line 4: This must be one text."),
        ("title: Spam", "title: [[[[[[[[Spam]]]]]]]]", "line 4: This is nested deeper than anything in our files."),
        ("title: Spam", "title: " + "[" * 20_000, "line 4: This is nested deeper"),
        ("title: Spam", "title: {a: {b: {c: {d: {e: {f: 1}}}}}}", "line 4: This is nested deeper"),
        ("title: Spam", "title: Spam\ntitle: Ham", "line 5: “title” stands here twice."),
        ("title: Spam", "title: Spam\nowner: me", "line 5: There is no field “owner”."),
        ("title: Spam\n", "", "line 1: The field “title” is missing."),
        ("title: Spam", "title: 'Spam", "This is not YAML as we read it"),
        ("title: Spam", "title: Spam: Ham", "line 4: This is not YAML as we read it"),
        ("title: Spam", 'title: "a\\0b"', "line 4: The character U+0000 cannot be stored."),
        ("title: Spam", 'title: "a\\ud800b"', "line 4: The character U+D800 cannot be stored."),
        ("title: Spam", "title: " + "x" * 100_000, "line 1: There are more than 100,000 characters of facts here."),
        ("title: Spam", b"title: Sp\x07am", "line 4: The character U+0007 cannot stand here."),
        ("title: Spam", b"title: Sp\xffam", "line 4: This is not UTF-8."),
        ("title: Spam", "title: Spam\n---\na: b", "line 5: "),
        ("format: 1", "format: 2", "line 1: This must be one of 1."),
        ("format: 1", "- format", ": "),
        ("version: 1", "version: one", "line 3: This must be a whole number from 0 to"),
        ("version: 1", "version: -1", "line 3: This must be a whole number from 0 to"),
        ("version: 1", "version: 99999999999", "line 3: This must be a whole number from 0 to"),
        ("version: 1", "version: " + "9" * 5_000, "line 3: This must be a whole number from 0 to"),
        ("policy: spam", "policy: ham", "line 2: The folder of “ham” must be called that."),
        ("policy: spam", "policy: ../spam", "line 2: The folder of “../spam” must be called that."),
        ("- spam.tea", "- spam.tea\n  - spam.tea", "line 11: “spam.tea” stands here twice."),
        ("- spam.tea", "- spam.tea\n  - spam.ode", "line 11: There is no file “spam.ode.md” for this clause."),
        ("- spam.tea", "- spam.tea\n  - ../../etc/passwd", "line 11: There is no file"),
        ("- spam.tea", "- spam.tea\n  - [spam.ode]", "line 10: This must be a list of texts"),
    ],
)
def test_a_faulty_policy_file_is_refused_by_line(files, old, new, told):
    (fault,) = faults_of(replaced(files, POLICY, old, new))

    assert fault.startswith(POLICY)
    assert told in fault


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("---\nkey", "key", "line 1: A clause's file begins with a line of three hyphens"),
        ("---\n\n#", "\n#", "line 1: The facts in front end with a line of three hyphens; it is missing."),
        ("key: spam.tea", "key: spam.ode", "line 2: The file of “spam.ode” must be called that."),
        ("usual_severity: S2", "usual_severity: 2", "line 3: This must be one of S0, S1, S2, S3, S4."),
        ("S1: notice", "S1: stern look", "line 6: This must be one of none, notice"),
        ("S1: notice", "S5: notice", "line 5: The field “S1” is missing."),
        ("anticipated: true", "anticipated: maybe", "line 10: This must be one of true, false."),
        (
            "anticipated: true",
            "anticipated: true\nmappings: [a]",
            "line 11: This must be names with values below them.",
        ),
        (
            "anticipated: true",
            "anticipated: true\nmappings:\n  a:\n    b:\n      - c\n      - c",
            "line 15: “c” stands",
        ),
        ("anticipated: true", "anticipated: true\nmappings: &a\n  a: *a", "line 11: Anchors (&) and aliases (*)"),
        ("# Tea", "Tea", "line 13: The title comes first"),
        ("# Tea", "## Tea", "line 13: The title comes first"),
        ("# Tea", "# Tea\n\nText.", "line 15: Text stands here under a heading that holds none of its own."),
        ("# Tea", "# T&#0;a", "line 13: &#0; is no character."),
        ("# Tea", "# T&#55296;a", "line 13: &#55296; is no character."),
        ("## Definition", "## Definitions", "line 15: The heading “## Definitions” has no place here."),
        ("## Definition", "#Definition", "line 15: This is no heading of ours."),
        ("## Definition", "## Public wording", "line 19: “Public wording” stands here twice."),
        ("## Definition\n\n", "", "line 15: Text stands here"),
        ("Praise of tea", "# Praise of tea", "line 17: The heading “# Praise of tea that nobody asked for.”"),
        ("Praise of tea", "9&#1114112;", "line 17: &#1114112; is no character."),
        ("### Example", "### Sample", "line 25: The heading “### Sample” has no place here."),
        ("#### Because", "### Because", "line 25: An example is followed by “#### Because”"),
        ("### S3", "### S5", "The ladder has the headings “### S0” to “### S4”"),
        ("### S3", "## S3", "The ladder has the headings"),
        ("## Severity", "## Severity\n\nText.", "Text stands here under a heading"),
    ],
)
def test_a_faulty_clause_file_is_refused_by_line(files, old, new, told):
    (fault,) = faults_of(replaced(files, CLAUSE, old, new))

    assert fault.startswith(CLAUSE)
    assert told in fault


def test_all_faulty_clauses_are_told_at_once(files):
    other = files[CLAUSE].replace(b"spam.tea", b"spam.ode").replace(b"S1: notice", b"S1: x")
    files |= {"spam/spam.ode.md": other, "spam/spam.stray.md": other, CLAUSE: b""}
    files = replaced(files, POLICY, "- spam.tea", "- spam.tea\n  - spam.ode")

    assert [fault.partition(":")[0] for fault in faults_of(files)] == [
        "spam/spam.stray.md",
        "spam/spam.tea.md, line 1",
        "spam/spam.ode.md, line 6",
    ]


def test_a_file_of_any_size_is_read_only_so_far(tmp_path: Path, files):
    (tmp_path / "spam").mkdir()
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    os.truncate(tmp_path / CLAUSE, 2**33)  # sparse: eight gigabytes that take no room

    with pytest.raises(Faulty, match=r"spam/spam\.tea\.md: This file is larger than 1,000,000 bytes\."):
        folders.load(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path, files):
    (tmp_path / "spam").mkdir()
    (tmp_path / POLICY).write_bytes(files[POLICY])
    (tmp_path / "secret").write_bytes(files[CLAUSE])
    (tmp_path / CLAUSE).symlink_to(tmp_path / "secret")

    with pytest.raises(Faulty, match=r"spam/spam\.tea\.md: This is a link"):
        folders.load(tmp_path)
    with pytest.raises(folders.Fault, match="nothing is written through it"):
        folders.save(tmp_path, {CLAUSE: "x"})
    assert (tmp_path / "secret").read_bytes() == files[CLAUSE]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(Faulty, match="There is no such folder"):
        folders.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": ""}, "spam/spam.tea.md, line 13: Something here is empty."),
        ({"definition": " \n"}, "spam/spam.tea.md, line 15: Something here is empty."),
        ({"definition": "x" * 10_001}, "line 15: This is 10001 characters long; 10000 are the most."),
        ({"ladder": ("a", "b", "", "d", "e")}, "Something here is empty."),
        ({"violates": make_text().violates * 26}, "line 23: There are more than 50 examples."),
    ],
)
def test_what_no_form_would_take_becomes_no_draft(fields, told):
    document = layout.parse({path: text.encode() for path, text in layout.render(make_document(**fields)).items()})

    (fault,) = checks.faults_in(document)
    assert told in str(fault)


def test_an_address_that_is_taken_is_no_policy():
    for key in ("gaps", "clauses", "categories"):
        document = replace(make_document(key=f"{key}.tea"), key=key)

        assert [str(fault) for fault in checks.faults_in(document)] == [f"{key}: A policy cannot be called “{key}”."]
