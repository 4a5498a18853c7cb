"""The default pack: what it covers, that no two rules are alike, and what a broken file is answered with."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest

from policies import pack, taxonomies
from policies.files import layout
from policies.files.faults import Faulty
from policies.texts import NO_STEP, ClauseText, Example

ALIKE = 0.5


@pytest.fixture(scope="module")
def clauses() -> list[ClauseText]:
    return [clause for policy in pack.load() for clause in policy.text.clauses]


@pytest.fixture(scope="module")
def outside() -> dict[str, dict[str, set[str]]]:
    """The names of categories by label of their taxonomy, by key of the clause."""
    found: dict[str, dict[str, set[str]]] = {}
    for policy in pack.load():
        for key, categories in policy.outside.items():
            found[key] = defaultdict(set)
            for category in categories:
                found[key][f"{category.taxonomy}/{category.taxonomy_version}"].add(category.name)
    return found


def _likeness(one: str, other: str) -> float:
    """Return the Jaccard index of the two sets of words."""
    words, others = (set(re.findall(r"[\w'-]+", text.lower())) for text in (one, other))
    return len(words & others) / len(words | others)


def _told(examples: Iterable[Example]) -> str:
    return " ".join(f"{example.text} {example.reason}" for example in examples)


def _too_alike(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(one, other) for one, other in combinations(texts, 2) if _likeness(texts[one], texts[other]) > ALIKE]


def test_the_pack_holds_at_least_twelve_policies_and_forty_clauses(clauses: list[ClauseText]) -> None:
    assert len(pack.load()) >= 12
    assert len(clauses) >= 40


def test_no_two_definitions_are_alike(clauses: list[ClauseText]) -> None:
    assert _too_alike({clause.key: clause.definition for clause in clauses}) == []


def test_no_two_lists_of_violating_examples_are_alike(clauses: list[ClauseText]) -> None:
    assert _too_alike({clause.key: _told(clause.violates) for clause in clauses}) == []


def test_no_two_lists_of_allowed_examples_are_alike(clauses: list[ClauseText]) -> None:
    assert _too_alike({clause.key: _told(clause.does_not_violate) for clause in clauses}) == []


def test_no_two_severity_ladders_are_alike(clauses: list[ClauseText]) -> None:
    assert _too_alike({clause.key: " ".join(clause.ladder) for clause in clauses}) == []


def test_no_sentence_stands_twice(clauses: list[ClauseText]) -> None:
    sentences = Counter(
        text
        for clause in clauses
        for text in (
            clause.title,
            clause.public_text,
            *(example.text for example in (*clause.violates, *clause.does_not_violate)),
            *clause.ladder,
        )
    )

    assert [text for text, times in sentences.items() if times > 1] == []


def test_a_definition_has_two_to_four_sentences(clauses: list[ClauseText]) -> None:
    sentences = {clause.key: len(re.findall(r"\.(?:\s|$)", clause.definition)) for clause in clauses}

    assert {key: count for key, count in sentences.items() if not 2 <= count <= 4} == {}


@pytest.mark.parametrize("taxonomy", taxonomies.TAXONOMIES, ids=lambda taxonomy: taxonomy.label)
def test_every_category_of_a_published_taxonomy_is_covered(
    taxonomy: taxonomies.Taxonomy, outside: dict[str, dict[str, set[str]]]
) -> None:
    covered = {name for named in outside.values() for name in named.get(taxonomy.label, ())}

    assert covered == set(taxonomy.categories)


def test_each_label_of_the_evaluation_set_stands_for_one_clause(outside: dict[str, dict[str, set[str]]]) -> None:
    label = taxonomies.OPENAI_MODERATION_EVAL.label

    clause_of = {name: key for key, named in outside.items() for name in named.get(label, ())}

    assert sum(len(named.get(label, ())) for named in outside.values()) == 8
    assert clause_of["S3"] == "child_safety.sexual_content"
    assert clause_of["H2"] == "hate.threats"


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("llama-guard/2", "S4"),
        ("llama-guard/3", "S4"),
        ("llama-guard/4", "S4"),
        ("nvidia-aegis/1.0", "Sexual (minor)"),
        ("nvidia-aegis/2.0", "Sexual (minor)"),
    ],
)
def test_what_detectors_say_of_children_is_mapped_to_a_restricted_policy(
    label: str, category: str, outside: dict[str, dict[str, set[str]]]
) -> None:
    restricted = [outside[key] for policy in pack.load() if policy.restricted_category for key in policy.outside]

    assert category in taxonomies.BY_LABEL[label].categories
    assert any(category in named.get(label, ()) for named in restricted)


def test_a_clause_that_is_mapped_nowhere_says_why(
    clauses: list[ClauseText], outside: dict[str, dict[str, set[str]]]
) -> None:
    unmapped = [clause for clause in clauses if not outside[clause.key]]

    assert unmapped, "the check below would be empty"
    assert all(len(clause.unmapped_reason) > 40 for clause in unmapped)


def test_the_misuse_that_taxonomies_missed_has_clauses(clauses: list[ClauseText]) -> None:
    keys = {clause.key for clause in clauses}

    assert keys >= {
        "spam.medical_products",
        "hate.role_play",
        "influence.operations",
        "cyber.malware",
        "platform.undeclared_use",
    }


def test_some_harms_were_not_anticipated(clauses: list[ClauseText]) -> None:
    unforeseen = {clause.key for clause in clauses if not clause.is_anticipated}

    assert {"spam.medical_products", "hate.role_play"} <= unforeseen
    assert len(unforeseen) < len(clauses) / 2


def test_only_child_safety_is_restricted() -> None:
    assert {policy.key: policy.restricted_category for policy in pack.load() if policy.restricted_category} == {
        "child_safety": "child_safety"
    }


def test_harm_of_no_severity_leads_to_no_enforcement(clauses: list[ClauseText]) -> None:
    assert {clause.recommended[0] for clause in clauses} == {NO_STEP}


@pytest.mark.parametrize(
    ("cut", "put", "told"),
    [
        ("usual_severity: S4", "usual_severity: S5", "child_safety.grooming.md, line 3: This must be one of S0"),
        ("anticipated: true\n", "", "line 2: The field “anticipated” is missing."),
        ("  S2: suspension\n", "", "The field “S2” is missing."),
        ("S2: suspension", "S2: stern_look", "child_safety.grooming.md, line 7: This must be one of none, notice"),
        ("- sexual/minors", "- sexual/minor", "has no category 'sexual/minor'"),
        ("omni-2024-09-26", "omni", "unknown taxonomy 'openai-moderation/omni'"),
        ("key: child_safety.grooming", "key: hate.grooming", "The file of “hate.grooming” must be called that."),
    ],
)
def test_a_broken_file_is_refused_by_name_and_place(tmp_path: Path, cut: str, put: str, told: str) -> None:
    shutil.copytree(pack.FOLDER / "child_safety", tmp_path / "child_safety")
    broken = tmp_path / "child_safety" / "child_safety.grooming.md"
    whole = broken.read_text()
    assert cut in whole
    broken.write_text(whole.replace(cut, put))

    with pytest.raises(Faulty) as refused:
        pack.load(tmp_path)

    assert told in str(refused.value)


def test_a_clause_that_is_not_mapped_must_say_why(tmp_path: Path) -> None:
    shutil.copytree(pack.FOLDER / "spam", tmp_path / "spam")
    silent = tmp_path / "spam" / "spam.medical_products.md"
    silent.write_text(silent.read_text().partition("## Not mapped")[0])

    with pytest.raises(Faulty, match="not mapped to OpenAI moderation"):
        pack.load(tmp_path)


def test_the_pack_stands_as_it_would_be_exported() -> None:
    for document in pack.load():
        for path, text in layout.render(document).items():
            assert (pack.FOLDER / path).read_text() == text


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match="No folder in it holds a policy"):
        pack.load(tmp_path)
