"""The default pack: what it covers, that no two rules are alike, and what a broken file is answered with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest

from policies import pack, taxonomies

ALIKE = 0.5


@pytest.fixture(scope="module")
def clauses() -> list[pack.PackClause]:
    return [clause for policy in pack.load() for clause in policy.clauses]


def _likeness(one: str, other: str) -> float:
    """Return the Jaccard index of the two sets of words."""
    words, others = (set(re.findall(r"[\w'-]+", text.lower())) for text in (one, other))
    return len(words & others) / len(words | others)


def _told(examples: Iterable[pack.Example]) -> str:
    return " ".join(f"{example.example} {example.reason}" for example in examples)


def _too_alike(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(one, other) for one, other in combinations(texts, 2) if _likeness(texts[one], texts[other]) > ALIKE]


def test_the_pack_holds_at_least_twelve_policies_and_forty_clauses(clauses: list[pack.PackClause]) -> None:
    assert len(pack.load()) >= 12
    assert len(clauses) >= 40


def test_no_two_definitions_are_alike(clauses: list[pack.PackClause]) -> None:
    assert _too_alike({clause.key: clause.definition for clause in clauses}) == []


def test_no_two_lists_of_violating_examples_are_alike(clauses: list[pack.PackClause]) -> None:
    assert _too_alike({clause.key: _told(clause.violates) for clause in clauses}) == []


def test_no_two_lists_of_allowed_examples_are_alike(clauses: list[pack.PackClause]) -> None:
    assert _too_alike({clause.key: _told(clause.does_not_violate) for clause in clauses}) == []


def test_no_two_severity_ladders_are_alike(clauses: list[pack.PackClause]) -> None:
    assert _too_alike({clause.key: " ".join(clause.severity.values()) for clause in clauses}) == []


def test_no_sentence_stands_twice(clauses: list[pack.PackClause]) -> None:
    sentences = Counter(
        text
        for clause in clauses
        for text in (
            clause.title,
            clause.public_text,
            *(example.example for example in (*clause.violates, *clause.does_not_violate)),
            *clause.severity.values(),
        )
    )

    assert [text for text, times in sentences.items() if times > 1] == []


def test_a_definition_has_two_to_four_sentences(clauses: list[pack.PackClause]) -> None:
    sentences = {clause.key: len(re.findall(r"\.(?:\s|$)", clause.definition)) for clause in clauses}

    assert {key: count for key, count in sentences.items() if not 2 <= count <= 4} == {}


@pytest.mark.parametrize("taxonomy", taxonomies.TAXONOMIES, ids=lambda taxonomy: taxonomy.label)
def test_every_category_of_a_published_taxonomy_is_covered(
    taxonomy: taxonomies.Taxonomy, clauses: list[pack.PackClause]
) -> None:
    covered = {name for clause in clauses for name in clause.mappings.get(taxonomy.label, ())}

    assert covered == set(taxonomy.categories)


def test_each_label_of_the_evaluation_set_stands_for_one_clause(clauses: list[pack.PackClause]) -> None:
    label = taxonomies.OPENAI_MODERATION_EVAL.label

    clause_of = {name: clause.key for clause in clauses for name in clause.mappings.get(label, ())}

    assert sum(len(clause.mappings.get(label, ())) for clause in clauses) == 8
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
def test_what_detectors_say_of_children_is_mapped_to_a_restricted_policy(label: str, category: str) -> None:
    restricted = [clause for policy in pack.load() if policy.restricted for clause in policy.clauses]

    assert category in taxonomies.BY_LABEL[label].categories
    assert any(category in clause.mappings.get(label, ()) for clause in restricted)


def test_a_clause_that_is_mapped_nowhere_says_why(clauses: list[pack.PackClause]) -> None:
    unmapped = [clause for clause in clauses if not clause.mappings]

    assert unmapped, "the check below would be empty"
    assert all(len(clause.unmapped_reason) > 40 for clause in unmapped)


def test_the_misuse_that_taxonomies_missed_has_clauses(clauses: list[pack.PackClause]) -> None:
    keys = {clause.key for clause in clauses}

    assert keys >= {
        "spam.medical_products",
        "hate.role_play",
        "influence.operations",
        "cyber.malware",
        "platform.undeclared_use",
    }


def test_some_harms_were_not_anticipated(clauses: list[pack.PackClause]) -> None:
    unforeseen = {clause.key for clause in clauses if not clause.anticipated}

    assert {"spam.medical_products", "hate.role_play"} <= unforeseen
    assert len(unforeseen) < len(clauses) / 2


def test_only_child_safety_is_restricted() -> None:
    assert [policy.key for policy in pack.load() if policy.restricted] == ["child_safety"]


def test_harm_of_no_severity_leads_to_no_enforcement(clauses: list[pack.PackClause]) -> None:
    assert {clause.recommended[0] for clause in clauses} == {pack.NO_STEP}


@pytest.mark.parametrize(
    ("cut", "put", "told"),
    [
        ("usual_severity: 4", "usual_severity: 5", "usual_severity"),
        ("title: Grooming and enticement", "titel: Grooming", "titel"),
        ("    anticipated: true\n", "", "anticipated"),
        ("key: child_safety.grooming", "key: hate.grooming", "must begin with child_safety."),
        ("key: child_safety.grooming", "key: child_safety.sexual_content", "clause keys occur twice"),
        ("2: suspension, ", "", "needs the levels 0 to 4"),
        ("2: suspension", "2: stern_look", "unknown enforcement 'stern_look'"),
        ("[sexual/minors]", "[sexual/minor]", "has no category 'sexual/minor'"),
        ("openai-moderation/omni-2024-09-26", "openai-moderation/omni", "unknown taxonomy 'openai-moderation/omni'"),
        ("    unmapped_reason: >-\n      OpenAI", "    # OpenAI", "not mapped to OpenAI moderation"),
        ("policy: child_safety", "policy: [", "01.yaml"),
    ],
)
def test_a_broken_file_is_refused_by_name_and_place(tmp_path: Path, cut: str, put: str, told: str) -> None:
    whole = (pack.FOLDER / "01_child_safety.yaml").read_text()
    broken = whole.replace(cut, put)
    assert broken != whole
    (tmp_path / "01.yaml").write_text(broken)

    with pytest.raises(pack.PackError) as refused:
        pack.load(tmp_path)

    assert told in str(refused.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pack.PackError, match="holds no policy file"):
        pack.load(tmp_path)
