"""How well sets match hazards that people named: AILuminate prompts of four hazards among DiaSafety as noise.

The measure: of each hazard's items, the share in its three best sets of at least 80 % purity; the mean of four hazards.
"""

import csv
import gzip
import json
import random
from collections import Counter

import pytest

from incidents.guidance import likeness
from incidents.guidance.likeness.features import how_common
from tests.samples import sample

HAZARDS = ("vcr", "ncr", "src", "dfm", "ipv", "prv", "hte", "ssh", "iwp", "sxc_prn")
PURE = 0.8
# Of the mean over the six choices below: 0.43 in English. Six other choices with more of the hazards that words do
# not tell apart (violent, other, sexual crimes) have 0.31; single choices from 0.11 up.
FLOORS = {"en_us": 0.35, "fr_fr": 0.35}


@pytest.mark.long
@pytest.mark.parametrize("language", ["en_us", "fr_fr"])
def test_sets_match_hazards_that_were_chosen_at_random(language):
    chance = random.Random(97)

    shares = [_share(language, sorted(chance.sample(HAZARDS, 4)), chance) for _ in range(6)]

    assert sum(shares) / len(shares) >= FLOORS[language]


def _share(language, hazards, chance):
    with sample(f"ailuminate/demo_prompts_{language}.csv").open() as lines:
        prompts = list(csv.DictReader(lines))
    noise = [line for line in _chats() if line["label"] == "Unsafe"]
    chance.shuffle(noise)
    labelled = [(row["prompt_text"], row["hazard"]) for row in prompts if row["hazard"] in hazards]
    labelled += [(_text(row), "noise") for row in noise[:300]]
    chance.shuffle(labelled)
    others = [row["prompt_text"] for row in prompts if row["hazard"] not in (*hazards, "cse")]
    others += [_text(row) for row in noise[300:1800]]

    sets = likeness.alike([text for text, _l in labelled], elsewhere=how_common(others), texts_elsewhere=len(others))

    counts = [Counter(labelled[place][1] for place in places) for places in sets]
    totals = Counter(label for _text, label in labelled)
    of_hazards = []
    for hazard in hazards:
        pure = [count[hazard] for count in counts if count[hazard] >= PURE * count.total()]
        of_hazards.append(sum(sorted(pure)[-3:]) / totals[hazard])
    return sum(of_hazards) / len(of_hazards)


def _chats():
    with gzip.open(sample("diasafety/train.jsonl.gz"), "rt") as lines:
        return [json.loads(line) for line in lines]


def _text(row):
    return f"{row['context']}\n{row['response']}"
