"""A restricted policy restricts from its first publication on, not while one person drafts it."""

import pytest

from incidents.intake import queries
from tests.factories import make_clause, make_policy, make_policy_version, publish

pytestmark = pytest.mark.django_db


def test_a_draft_restricts_nothing_until_it_is_published():
    version = make_policy_version(
        status="draft", published_at=None, policy=make_policy(key="minors", restricted_category="child_safety")
    )
    make_clause(version=version, key="minors.images")

    drafted = dict(queries.restricted_categories().keys)
    publish(version)

    assert drafted == {}
    assert dict(queries.restricted_categories().keys) == {
        "minors": "child_safety",
        "minors.images": "child_safety",
    }
