"""Which past items a version might cover: by clause, by category, by search; and which are left out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.backfill import queries
from incidents.impact.models import Mark
from incidents.intake.models import Restriction
from incidents.queues.models import Item
from incidents.review.models import Retraction
from policies.models import Mapping, PolicyVersion
from tests.backfill.stage import make_benign, make_newer, past
from tests.factories import (
    NOW,
    make_alert,
    make_clause,
    make_decision,
    make_generation,
    make_item,
    make_policy_version,
    make_round,
    make_user,
    publish,
)
from tests.search.factories import index, make_searchable

pytestmark = pytest.mark.django_db


def cited(text, **fields):
    return make_decision(violations=[{"clause": text}], **fields).item


def wanted(*texts):
    return {"clauses": [text.clause.key for text in texts]}


def test_decisions_that_stand_and_cite_a_clause_in_any_version_are_found_newest_first():
    old, other = make_clause(), make_clause()
    first, second, elsewhere = cited(old), cited(old), cited(other)
    taken_back = make_decision(violations=[{"clause": old}])
    Retraction.objects.create(decision=taken_back, by=taken_back.by, at=NOW)
    make_benign()
    version = make_newer(old)

    assert past(version, "clause", wanted(old)) == [second.pk, first.pk]
    assert past(version, "clause", wanted(old, other)) == [elsewhere.pk, second.pk, first.pk]


def test_a_clause_that_one_of_the_version_follows_is_offered_as_it_was_last_said():
    old, elsewhere, other = make_clause(), make_clause(title="Sold votes"), make_clause()
    version = make_newer(old)
    draft = make_policy_version(policy=elsewhere.version.policy, number=2, status="draft", published_at=None)
    said = {"version": draft, "changes_meaning": True, "by": make_user(), "at": NOW}
    Mark.objects.create(clause=other.clause, successor=old.clause, **said)
    Mark.objects.create(clause=other.clause, successor=None, **said)
    Mark.objects.create(clause=elsewhere.clause, successor=old.clause, **said)

    before = [key for key, _title in queries.clauses_ever_of(version)]
    PolicyVersion.objects.filter(pk=elsewhere.version_id).update(status="retired", retired_at=NOW)
    publish(draft)

    keys = [key for key, _title in queries.clauses_ever_of(version)]

    assert before == [old.clause.key]
    assert keys == sorted([old.clause.key, elsewhere.clause.key])


def test_what_waits_is_restricted_or_was_judged_since_is_left_out():
    old = make_clause()
    waits, restricted, left = cited(old), cited(old), cited(old)
    make_round(item=waits, purpose="second_opinion")
    Restriction.objects.create(generation=restricted.generation, category="child_safety", created_at=NOW)
    version = make_newer(old)
    cited(version.clauses.get(), decided_at=version.published_at + timedelta(seconds=1))

    assert past(version, "clause", wanted(old)) == [left.pk]


def test_items_may_be_asked_for_by_their_age():
    old = make_clause()
    young, aged = cited(old), cited(old)
    Item.objects.filter(pk=young.pk).update(created_at=timezone.now())
    Item.objects.filter(pk=aged.pk).update(created_at=timezone.now() - timedelta(days=9))
    version = make_newer(old)

    assert past(version, "clause", {**wanted(old), "days": 7}) == [young.pk]


@pytest.mark.parametrize("frequent", [-1, 100_000])
def test_mapped_and_named_categories_are_found_each_by_itself_be_they_rare_or_frequent(monkeypatch, frequent):
    monkeypatch.setattr(queries, "FREQUENT", frequent)
    version = make_newer(make_clause())
    names = {"taxonomy": "dsa", "taxonomy_version": "2024"}
    flags = [{"flagged": ["scam"], **names}, {"flagged": ["scam"]}, {"flagged": ["fraud", "x"]}, {"flagged": ["x"]}]
    items = [make_benign(item=_closed(make_alert(**flag))) for flag in flags]
    ids = [item.pk for item in items]
    mapped = {"categories": [["dsa", "2024", "scam"]], "named": ""}

    assert past(version, "category", mapped) == ids[:1]
    assert past(version, "category", {"categories": [], "named": "fraud"}) == [ids[2]]
    assert past(version, "category", {**mapped, "named": "fraud"}) == [ids[2], ids[0]]
    assert not Mapping.objects.exists()


def test_a_search_finds_what_the_lead_may_read_and_nothing_for_who_may_read_nothing():
    version = make_newer(make_clause())
    found, other = make_searchable("sell votes for a pet contest"), make_searchable("write a poem on tea")
    waits = make_searchable("votes for a cat")
    make_round(item=waits)
    for item in (found, other):
        _close(item)
    index()

    assert past(version, "search", {"q": "votes"}) == [found.pk]
    assert past(version, "search", {"q": "votes"}, by=make_user(role="policy_editor")) == []


def test_what_a_rule_closed_is_found_too():
    version = make_newer(make_clause())
    item = make_item(
        generation=make_alert(generation=make_generation(), flagged=["scam"]).generation,
        status="closed", closed_at=NOW, closed_as="benign", closed_by_rule="r", closed_by_version=1,
    )  # fmt: skip

    assert past(version, "category", {"categories": [], "named": "scam"}) == [item.pk]


def _closed(alert) -> Item:
    return make_item(generation=alert.generation, status="closed", verdict="benign", closed_at=NOW)


def _close(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(status="closed", verdict="benign", closed_at=NOW)
