"""An outside category stands for a clause from the moment an editor says so."""

import pytest

from policies import operations, queries
from policies.models import Mapping
from policies.queries import Category
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from tests.policies.twice import outcomes_of
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db

SPAM = Category("own-detector", "3", "spam/pets")


def restricted_clause():
    version = make_policy_version(
        policy=make_policy(restricted_category="child_safety"), status="draft", published_at=None
    )
    text = make_clause(version=version)
    publish(version)
    return text.clause


def test_a_category_that_is_mapped_suggests_the_clause_and_is_recorded():
    editor, text = make_user(role="policy_editor"), make_clause()

    first = operations.map_category(SPAM, text.clause, by=editor)
    again = operations.map_category(SPAM, text.clause, by=editor)

    assert first == again
    assert queries.clauses_for_item([SPAM]).suggested == [text]
    event = AuditEvent.objects.about(text.clause).get(kind="policy.mapped")
    assert event.data == {"taxonomy": "own-detector", "taxonomy_version": "3", "category": "spam/pets"}


def test_a_category_that_is_unmapped_suggests_nothing_and_is_recorded():
    editor, text = make_user(role="policy_editor"), make_clause()
    mapping = operations.map_category(SPAM, text.clause, by=editor)

    operations.unmap_category(mapping, by=editor)
    operations.unmap_category(Mapping(pk=mapping.pk or 1, clause=text.clause), by=editor)

    assert queries.clause_ids_of([SPAM]) == frozenset()
    assert AuditEvent.objects.about(text.clause).filter(kind="policy.unmapped").count() == 1


@pytest.mark.parametrize(
    ("category", "why"),
    [
        (Category("", "1", "spam"), "Name the taxonomy"),
        (Category("own", "1", "  "), "Name the taxonomy"),
        (Category("own", "1", "x" * 121), "category has too long"),
        (Category("x" * 61, "1", "spam"), "taxonomy has too long"),
        (Category("own", "1" * 61, "spam"), "taxonomy has too long"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused(category, why):
    with pytest.raises(Refused, match=why):
        operations.map_category(category, make_clause().clause, by=make_user(role="policy_editor"))

    assert not Mapping.objects.exists()


def test_only_editors_map():
    clause, lead = make_clause().clause, make_user(role="lead")
    mapping = operations.map_category(SPAM, clause, by=make_user(role="policy_editor"))

    with pytest.raises(Refused, match="Only a policy editor"):
        operations.map_category(SPAM, clause, by=lead)
    with pytest.raises(Refused, match="Only a policy editor"):
        operations.unmap_category(mapping, by=lead)


def test_what_stands_for_a_restricted_policy_is_not_taken_from_it():
    editor, clause = make_user(role="policy_editor"), restricted_clause()
    mapping = operations.map_category(SPAM, clause, by=editor)

    with pytest.raises(Refused, match="shown to more people"):
        operations.unmap_category(mapping, by=editor)

    assert queries.is_restricted([SPAM])


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_map_once():
    editor, clause = make_user(role="policy_editor"), make_clause().clause

    outcomes = outcomes_of(lambda category: operations.map_category(category, clause, by=editor), [SPAM, SPAM])

    assert outcomes[0] == outcomes[1]
    assert Mapping.objects.count() == 1
