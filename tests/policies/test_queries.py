"""What other rooms read: clauses in force, clauses that a detector's categories suggest, recommendations."""

import pytest

from policies import operations, pack, queries
from policies.queries import Category
from tests.factories import make_clause, make_policy_version

pytestmark = pytest.mark.django_db

OPENAI = ("openai-moderation", "omni-2024-09-26")


@pytest.fixture
def installed():
    operations.install_pack(pack.load())


def keys_of(texts):
    return [text.clause.key for text in texts]


@pytest.mark.usefixtures("installed")
def test_categories_suggest_clauses_in_the_order_of_the_guidelines(django_assert_num_queries):
    categories = [Category(*OPENAI, "self-harm/intent"), Category(*OPENAI, "hate/threatening")]

    with django_assert_num_queries(2):
        clauses = queries.clauses_for_item(categories)
        names = [(text.clause.key, text.version.policy.key, text.version.number) for text in clauses.in_force]

    assert keys_of(clauses.suggested) == ["hate.threats", "self_harm.crisis_response"]
    assert len(names) == 53
    assert names[0] == ("child_safety.sexual_content", "child_safety", 1)


@pytest.mark.usefixtures("installed")
def test_a_category_of_another_version_suggests_nothing():
    clauses = queries.clauses_for_item([Category("openai-moderation", "text-moderation-007", "hate")])

    assert clauses.suggested == []


def test_without_categories_nothing_is_suggested_and_one_query_is_enough(django_assert_num_queries):
    make_clause()

    with django_assert_num_queries(1):
        clauses = queries.clauses_for_item([])

    assert len(clauses.in_force) == 1
    assert clauses.suggested == []


def test_a_draft_is_not_in_force():
    make_clause(version=make_policy_version(status="draft", published_at=None), key="draft.clause")

    assert queries.clauses_in_force() == []
    assert queries.clause_in_force("draft.clause") is None


@pytest.mark.usefixtures("installed")
def test_a_category_for_child_safety_is_restricted_and_others_are_not():
    assert queries.is_restricted([Category(*OPENAI, "sexual/minors")])
    assert queries.is_restricted([Category("openai-moderation-eval", "2022-08", "S3")])
    assert not queries.is_restricted([Category(*OPENAI, "sexual"), Category(*OPENAI, "never heard of")])
    assert not queries.is_restricted([])


@pytest.mark.usefixtures("installed")
def test_the_labels_of_the_evaluation_set_suggest_one_clause_each():
    for label in ("S", "H", "V", "HR", "SH", "S3", "H2", "V2"):
        clauses = queries.clauses_for_item([Category("openai-moderation-eval", "2022-08", label)])

        assert len(clauses.suggested) == 1, label


def test_the_ladder_tells_what_each_severity_leads_to():
    text = make_clause(usual_severity=1, recommended={"0": "none", "4": "ban"})

    rungs = queries.rungs(text)

    assert [rung.recommended for rung in rungs] == [None, None, None, None, "ban"]
    assert [rung.is_usual for rung in rungs] == [False, True, False, False, False]
