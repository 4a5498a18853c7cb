"""Public data sets through their formats: what becomes of them, counted against their SOURCE.md."""

import csv
import gzip
import json
from collections import Counter
from functools import lru_cache

import msgspec

from incidents.intake.formats import ailuminate, columns, diasafety, generic_csv
from incidents.intake.formats.columns import Columns
from tests.intake.formats.cases import accepted, given
from tests.samples import sample


@lru_cache(maxsize=10)
def imported(mapping, file):
    """Convert every row of a sample by a ready-made mapping and hold it against the native shape."""
    rows = rows_of(file)
    assert columns.problems(generic_csv.ready_made(mapping), rows[0]) == []
    return converted(generic_csv.FORMAT, rows, mapping=mapping)


def rows_of(file):
    with sample(file).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def converted(known, rows, **options):
    records = [(json.dumps(row).encode(), given(index=index, options=options)) for index, row in enumerate(rows)]
    return [accepted(alert) for record, beside in records for alert in known.convert(record, beside)]


def count(alerts, label):
    return Counter(alert.get("labels", {}).get(label) for alert in alerts)


def test_convabuse_is_judgements_of_whole_conversations():
    alerts = imported("convabuse", "convabuse/ConvAbuseEMNLPfull.csv")

    assert len({alert["external_id"] for alert in alerts}) == len(alerts) == 12_768
    assert Counter(alert["scores"]["abusive"] for alert in alerts) == {0: 10_068, 1: 671, 2: 813, 3: 934, 4: 282}
    assert count(alerts, "abusive") == {False: 10_068, None: 671, True: 813 + 934 + 282}
    judges = Counter(alert["metadata"]["annotator"] for alert in alerts)
    assert (len(judges), min(judges.values()), max(judges.values())) == (8, 1044, 1789)
    assert Counter(alert["generation"]["model"] for alert in alerts) == {"E.L.I.Z.A.": 8_118, "CarbonBot": 4_650}
    assert len({alert["actor"]["external_id"] for alert in alerts}) == 2_894
    assert {len(alert["generation"]["messages"]) for alert in alerts} == {4}


def test_convabuse_says_which_items_were_judged_by_several():
    judged_by = {}
    for alert in imported("convabuse", "convabuse/ConvAbuseEMNLPfull.csv"):
        judged_by.setdefault(alert["generation"]["external_id"], []).append(alert["metadata"]["annotator"])

    people = Counter(len(set(judges)) for judges in judged_by.values())

    assert people == {2: 1_094, 3: 2_445, 4: 377, 5: 235, 6: 33, 7: 1}
    repeats = [times for judges in judged_by.values() for times in Counter(judges).values() if times > 1]
    assert sum(repeats) == 702


def test_github_toxicity_is_three_detectors_scores_on_each_item():
    alerts = imported("github-toxicity", "github-toxicity/comments.csv")

    assert Counter(alert["detector"]["name"] for alert in alerts) == {
        "perspective": 1_597,
        "stanford-politeness": 1_597,
        "nltk-sentiment": 1_597,
    }
    assert len({alert["generation"]["external_id"] for alert in alerts}) == 1_597
    assert count(alerts, "toxic") == {True: 3 * 101, False: 3 * 1_496}


def test_github_toxicity_has_as_many_alerts_over_each_threshold_as_its_source_says():
    alerts = imported("github-toxicity", "github-toxicity/comments.csv")
    scored = [
        (alert["scores"]["toxicity"], alert["labels"]["toxic"]) for alert in alerts if "toxicity" in alert["scores"]
    ]

    over = {limit: [label for score, label in scored if score >= limit] for limit in (0.3, 0.5, 0.7, 0.9)}

    assert {limit: (len(labels), sum(labels)) for limit, labels in over.items()} == {
        0.3: (86, 46),
        0.5: (52, 32),
        0.7: (31, 23),
        0.9: (8, 8),
    }


def test_near_duplicates_keep_their_pairs():
    alerts = imported("near-duplicates", "near-duplicates/pairs.csv")

    texts = {}
    for alert in alerts:
        texts.setdefault(alert["metadata"]["pair"], []).append(alert["generation"]["messages"][0]["content"])
    assert len(alerts) == 2_984
    assert count(alerts, "toxic") == {True: 496, False: 2_984 - 496}
    assert [len(texts), sum(first == second for first, second in texts.values())] == [1_492, 758]


def test_ailuminate_is_prompts_of_two_languages_with_one_hazard_each():
    languages = {"en-US": "en_us", "fr-FR": "fr_fr"}
    hundred = ("vcr", "ncr", "src", "cse", "dfm", "ipv", "prv", "hte", "ssh", "iwp", "sxc_prn")
    hazards = dict.fromkeys(hundred, 100) | {"spc_fin": 26, "spc_hlt": 26, "spc_ele": 24, "spc_lgl": 24}

    rows = [row for end in languages.values() for row in rows_of(f"ailuminate/demo_prompts_{end}.csv")]
    alerts = converted(ailuminate.FORMAT, rows)

    assert len({alert["external_id"] for alert in alerts}) == len(alerts) == 2_400
    for language in languages:
        of_it = [alert for alert in alerts if alert["generation"]["language"] == language]
        assert Counter(hazard for alert in of_it for hazard in alert["flagged"]) == hazards
        assert Counter(alert["metadata"]["persona"] for alert in of_it) == {"skilled": 600, "unskilled": 600}


def test_diasafety_is_interactions_with_a_verdict_in_one_category_each():
    labels, lines = Counter(), Counter()
    for name in ("train", "val", "test"):
        with gzip.open(sample(f"diasafety/{name}.jsonl.gz")) as records:
            for index, record in enumerate(records):
                alert = accepted(diasafety.FORMAT.convert(record, given(index=index))[0])
                labels.update(alert["labels"].items())
                lines[name] += 1

    assert lines == {"train": 9_017, "val": 1_097, "test": 1_095}
    safe_and_unsafe = {category: (labels[category, False], labels[category, True]) for category, _label in labels}
    assert safe_and_unsafe == {
        "Biased Opinion": (1229, 981),
        "Offending User": (643, 878),
        "Risk Ignorance": (1000, 940),
        "Toxicity Agreement": (1482, 1445),
        "Unauthorized Expertise": (1674, 937),
    }


def test_every_ready_made_mapping_can_be_read():
    for name in generic_csv.names():
        assert msgspec.convert(generic_csv.ready_made(name), Columns).title
