"""A decision sent again under its key: the same is answered again, anything else is refused."""

import pytest

from incidents.review.findings import Finding, Span
from incidents.review.models import Decision
from tests.factories import make_clause, make_round, make_user
from tests.review.test_decide import decide
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "other",
    [
        {"verdict": "cannot_judge"},
        {"note": "One more word."},
        {"findings": [Finding("spam.reviews", severity=3)]},
        {"findings": [Finding("spam.reviews", severity=2, complied=True)]},
        {"findings": [Finding("spam.reviews", severity=2, span=Span(0, 1, 4))]},
    ],
)
def test_the_same_key_with_something_else_to_say_is_refused(other: dict):
    make_clause(key="spam.reviews")
    held = make_round(lease_by=make_user())
    said = {"verdict": "violating", "findings": [Finding("spam.reviews", severity=2)], "idempotency_key": "k-1"}
    first = decide(held, **said)

    assert decide(held, **said).is_repeat
    with pytest.raises(Refused) as refusal:
        decide(held, **said | other)

    assert refusal.value.code == "idempotency-key-reused"
    assert Decision.objects.get() == first
