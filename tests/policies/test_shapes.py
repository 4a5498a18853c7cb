"""The database takes what a clause recommends and what a version defines in their shapes alone."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories import make_clause, make_policy_version

pytestmark = pytest.mark.django_db

WARN = {"from_strikes": 0, "kind": "warning"}


def step(strikes, kind="ban"):
    return {"from_strikes": strikes, "kind": kind}


@pytest.mark.parametrize(
    "recommended",
    [{}, {"0": "none", "4": "ban"}, {"2": [WARN]}, {"2": [WARN, step(3)]}, {"2": [WARN, step(3), step(99)]}],
)
def test_a_kind_or_steps_from_no_strikes_on_are_taken(recommended):
    assert make_clause(recommended=recommended).pk


@pytest.mark.parametrize(
    "recommended",
    [
        [],
        "warning",
        None,
        {"5": "warning"},
        {"two": "warning"},
        {"2": ""},
        {"2": 3},
        {"2": {}},
        {"2": []},
        {"2": ["warning"]},
        {"2": [step(1)]},
        {"2": [WARN, step(0)]},
        {"2": [WARN, step(5), step(3)]},
        {"2": [WARN, step(1), step(2), step(3)]},
        {"2": [WARN, step(100)]},
        {"2": [WARN, step(1.5)]},
        {"2": [WARN, step("1")]},
        {"2": [WARN, step(-1)]},
        {"2": [WARN, step(1, "")]},
        {"2": [WARN, step(1, None)]},
        {"2": [WARN, {"kind": "ban"}]},
        {"2": [WARN, {**step(1), "more": 1}]},
    ],
)
def test_anything_else_that_a_clause_would_recommend_is_refused(recommended):
    with pytest.raises(IntegrityError, match=r"clauseversion_recommends|not-null"), transaction.atomic():
        make_clause(recommended=recommended)


TERM = {"term": "Bot", "meaning": "An account without a person."}


@pytest.mark.parametrize("definitions", [[], [TERM], [TERM, TERM]])
def test_terms_with_what_they_mean_are_taken(definitions):
    assert make_policy_version(definitions=definitions).pk


@pytest.mark.parametrize(
    "definitions", [{}, "Bot", ["Bot"], [{}], [{"term": "Bot"}], [{**TERM, "more": ""}], [{**TERM, "meaning": 1}], [[]]]
)
def test_anything_else_that_a_version_would_define_is_refused(definitions):
    with pytest.raises(IntegrityError, match="policyversion_defines"), transaction.atomic():
        make_policy_version(definitions=definitions)
