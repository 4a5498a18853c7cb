"""Grouping on real text. The rule was chosen on near-duplicates; github-toxicity and diasafety had no say in it."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from random import Random

import pytest

from tests.queues.grouping.edits import EDITS, groups_of
from tests.samples import sample


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, str]]:
    with sample("near-duplicates/pairs.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def groups(pairs) -> list[int]:
    return groups_of(row["comment"] for row in pairs)


def pairs_of(numbers: Counter) -> int:
    return sum(many * (many - 1) // 2 for many in numbers.values())


def test_identical_text_joins_always(pairs, groups):
    of_text = defaultdict(set)
    for row, group in zip(pairs, groups, strict=True):
        of_text[row["comment"]].add(group)

    assert all(len(found) == 1 for found in of_text.values())


def test_pairs_are_found_and_strangers_kept_apart(pairs, groups):
    found = pairs_of(Counter(zip(groups, (row["pair_id"] for row in pairs), strict=True)))

    recall = found / pairs_of(Counter(row["pair_id"] for row in pairs))
    precision = found / pairs_of(Counter(groups))
    print(f"\nnear-duplicates: recall {recall:.4f}, precision {precision:.4f}")
    assert recall >= 0.95
    assert precision >= 0.985


def comments_of_github() -> list[tuple[str, str]]:
    with sample("github-toxicity/comments.csv").open(encoding="utf-8", newline="") as lines:
        return [(row["text"], row["label_toxic"]) for row in csv.DictReader(lines)]


def exchanges_of_diasafety() -> list[tuple[str, str]]:
    with gzip.open(sample("diasafety/val.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [("\n".join((row["context"], row["response"])), row["label"]) for row in map(json.loads, lines)]


@pytest.mark.parametrize(("labelled", "least_precision"), [(exchanges_of_diasafety, 0.985), (comments_of_github, 0.97)])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_copy_joins_its_original_on_texts_that_the_rule_was_not_chosen_on(labelled, least_precision, edit):
    """What bots wrote on GitHub ("Coverage decreased …") is near-identical and counted as wrong here all the same."""
    apart = {"".join(text.casefold().split()): text for text, _label in labelled() if len(text.split()) >= 10}
    originals, random = list(apart.values()), Random(7)

    groups = groups_of([*originals, *(edit(text, random) for text in originals)])

    found = pairs_of(Counter(zip(groups, [*range(len(originals))] * 2, strict=True)))
    recall, precision = found / len(originals), found / pairs_of(Counter(groups))
    print(f"\n{labelled.__name__}, {edit.__name__}: recall {recall:.4f}, precision {precision:.4f}")
    assert recall >= 0.98
    assert precision >= least_precision


@pytest.mark.parametrize("labelled", [comments_of_github, exchanges_of_diasafety])
def test_joins_whose_labels_differ_are_few_and_named(labelled):
    texts = labelled()
    members = defaultdict(list)
    for number, (group, (_text, label)) in enumerate(zip(groups_of(text for text, _ in texts), texts, strict=True)):
        members[group].append((number, label))
    mixed = [found for found in members.values() if len({label for _number, label in found}) > 1]

    for found in mixed:
        print(f"\n{labelled.__name__}, labels differ:", ", ".join(f"row {row} {label}" for row, label in found))
    assert len(mixed) <= len(texts) / 200
