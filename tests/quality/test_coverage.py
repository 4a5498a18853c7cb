"""What clauses cover of each outside taxonomy, the other way round, and the editor of what stands for what."""

from datetime import UTC, timedelta

import pytest
from django.urls import reverse

from incidents.quality import coverage
from incidents.quality.models import Category, CategoryDay
from policies.models import Mapping
from tests.factories import NOW, make_clause, make_policy, make_policy_version, make_user, publish
from trust import clock

pytestmark = pytest.mark.django_db

DSA = ("dsa", "2024")
VIOLENCE, SCAMS = "STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
TODAY = clock.now().astimezone(UTC).date()
PAGE = reverse("categories:taxonomy", args=DSA)


def make_mapping(clause, category=VIOLENCE, version=DSA) -> Mapping:
    return Mapping.objects.create(clause=clause, taxonomy=version[0], taxonomy_version=version[1], category=category)


def make_days(name, version=DSA, **days) -> Category:
    """Make a category of which alerts came in; ``days`` are {"d3": 5}: five alerts three days ago."""
    values = {"taxonomy": version[0], "taxonomy_version": version[1], "name": name}
    category = Category.objects.create(**values, alerts=sum(days.values()), first_at=NOW, last_at=NOW)
    CategoryDay.objects.bulk_create(
        CategoryDay(category=category, day=TODAY - timedelta(days=int(day[1:])), alerts=alerts)
        for day, alerts in days.items()
    )
    return category


def row(name, version=DSA) -> coverage.Row:
    found = coverage.coverage_of(*version, TODAY)
    assert found
    return next(row for row in found.rows if row.name == name)


def test_categories_without_a_clause_and_clauses_without_a_category_are_told():
    covering, bare = make_clause(), make_clause()
    make_mapping(covering.clause)
    make_mapping(bare.clause, "hate", ("openai-moderation", "omni-2024-09-26"))

    found = coverage.coverage_of(*DSA, TODAY)

    assert found
    assert found.uncovered == len(found.rows) - 1
    assert found.bare == [bare]
    assert [mapping.clause for mapping in row(VIOLENCE).mappings] == [covering.clause]


def test_a_clause_that_is_not_in_force_covers_nothing():
    version = make_policy_version(status="draft", published_at=None)
    make_mapping(make_clause(version=version).clause)

    assert row(VIOLENCE).mappings == []
    dsa = next(one for one in coverage.overviews() if (one.name, one.version) == DSA)
    assert dsa.covered == 0


def test_how_often_is_told_of_the_last_thirty_days():
    make_days(VIOLENCE, d0=2, d29=3, d30=40)
    make_days("made up by a vendor", d1=1)

    assert row(VIOLENCE).alerts == 5
    assert row(SCAMS).alerts == 0
    assert (row("made up by a vendor").alerts, row("made up by a vendor").is_known) == (1, False)


def test_how_often_a_restricted_category_came_in_is_told_to_nobody(client):
    version = make_policy_version(
        policy=make_policy(restricted_category="child_safety"), status="draft", published_at=None
    )
    text = make_clause(version=version)
    publish(version)
    make_mapping(text.clause)
    make_days(VIOLENCE, d0=77)

    assert row(VIOLENCE).alerts is None
    client.force_login(make_user(role="lead"))
    assert "77" not in client.get(PAGE).text.partition("<main")[2]


def test_counts_are_for_those_who_read_exact_statistics(client):
    make_days(VIOLENCE, d0=77)

    client.force_login(make_user(role="policy_editor"))
    assert "77" not in client.get(PAGE).text.partition("<main")[2]
    client.force_login(make_user(role="lead"))
    assert "77" in client.get(PAGE).text.partition("<main")[2]


def test_an_editor_maps_a_category_and_takes_it_back(client):
    text = make_clause()
    client.force_login(make_user(role="policy_editor"))

    mapped = client.post(
        reverse("categories:map", args=DSA), {"category": SCAMS, "clause": text.clause_id}, follow=True
    )
    mapping = Mapping.objects.get()
    removed = client.post(reverse("categories:unmap", args=[mapping.pk]), follow=True)

    assert f"stands for {text.clause.key} from now on" in mapped.text
    assert (mapping.taxonomy, mapping.taxonomy_version, mapping.category) == (*DSA, SCAMS)
    assert "no more" in removed.text
    assert not Mapping.objects.exists()


@pytest.mark.parametrize("sent", [{"category": SCAMS}, {"category": SCAMS, "clause": 0}, {"clause": "x"}])
def test_what_makes_no_sense_is_told_beside_its_field(client, sent):
    client.force_login(make_user(role="policy_editor"))

    assert client.post(reverse("categories:map", args=DSA), sent).status_code == 422
    assert not Mapping.objects.exists()


def test_an_unknown_taxonomy_is_not_found_until_something_of_it_came_in(client):
    client.force_login(make_user(role="lead"))
    address = reverse("categories:taxonomy", args=["own detector", "3"])

    assert client.get(address).status_code == 404
    make_days("<b>pets</b>", ("own detector", "3"), d0=1)
    page = client.get(address)

    assert page.status_code == 200
    assert "<b>pets" not in page.text
    assert "own detector" in client.get(reverse("categories:taxonomies")).text


@pytest.mark.parametrize("rows", [2, 60])
def test_the_pages_cost_the_same_with_many(client, rows, django_assert_num_queries):
    version = make_policy_version(status="draft", published_at=None)
    texts = [make_clause(version=version) for _number in range(rows)]
    publish(version)
    for text in texts:
        make_mapping(text.clause)
        make_days(f"other {text.pk}", d0=1)
    client.force_login(make_user(role="policy_editor"))

    with django_assert_num_queries(6):
        client.get(PAGE)
    with django_assert_num_queries(4):
        client.get(reverse("categories:taxonomies"))
