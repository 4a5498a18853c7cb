"""Search on real texts, against what reading every one of them finds."""

import random
import re

import pytest
from django.core.management import call_command
from django.utils import timezone

from incidents.intake.models import Content
from incidents.queues import operations as queues
from incidents.queues.models import Item
from incidents.search import finding, operations
from incidents.search.parsing import parse
from tests.factories import make_user
from tests.samples import sample

pytestmark = pytest.mark.django_db

QUOTES = str.maketrans('"“”„«»', "      ")
# What is typed, and the pattern that finds the same by reading. Words, phrases, beginnings, exceptions.
QUERIES = {
    "doctor": [r"\bdoctor\b"],
    "coffee": [r"\bcoffee\b"],
    "doctor* -doctors": [r"\bdoctor", r"^(?!.*\bdoctors\b)"],
    "doctor see": [r"\bdoctor\b", r"\bsee\b"],
    '"a doctor"': [r"\ba\s+doctor\b"],
    '"see a doctor"': [r"\bsee\s+a\s+doctor\b"],
    "marathon": [r"\bmarathon\b"],
    "headache": [r"\bheadache\b"],
}


@pytest.fixture
def texts() -> dict[int, str]:
    """Import, route and index a set; return {generation: its messages, lower case}."""
    call_command("import_alerts", str(sample("diasafety/val.jsonl.gz")), "--format", "diasafety", "--source", "samples")
    while queues.route_alerts():
        pass
    while operations.index_documents():
        pass
    return {
        content.pk: "\n\n".join(message["content"] for message in content.messages).lower()
        for content in Content.objects.all()
    }


def found(text: str) -> list[int]:
    """Return the generations of every page."""
    by, now, before, generations = make_user(role="lead"), timezone.now(), None, []
    while True:
        page = finding.search(parse(text, now), by=by, now=now, before=before)
        generations += [hit.generation_id for hit, _item in page.hits]
        if page.older is None:
            return generations
        before = page.older


def test_every_kind_of_query_finds_what_reading_finds_and_nothing_twice(texts: dict[int, str]):
    for query, patterns in QUERIES.items():
        read = {one for one, text in texts.items() if all(re.search(p, text, re.DOTALL) for p in patterns)}

        generations = found(query)

        assert set(generations) == read, query
        assert len(generations) == len(set(generations)), query
        assert read, query


def test_a_known_text_is_found_by_a_piece_of_it(texts: dict[int, str]):
    source = random.Random(5)
    known = source.sample([one for one, text in texts.items() if len(text.split()) > 25], 40)

    for generation in known:
        words = texts[generation].split("\n\n")[0].split()[:6]
        assert generation in found(f'"{" ".join(words).translate(QUOTES)}"'), words


@pytest.mark.long
def test_what_is_similar_shares_rare_words_and_is_few(texts: dict[int, str]):
    source = random.Random(6)
    known = source.sample([one for one, text in texts.items() if len(text.split()) > 25], 25)
    sizes = []
    for generation in known:
        item = Item.objects.get(generation=generation)
        similar = found(f"like:{item.pk}")
        sizes.append(len(similar))
        assert generation not in similar

    assert sorted(sizes)[len(sizes) // 2] <= len(texts) // 50
