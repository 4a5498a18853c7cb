from datetime import timedelta

import pytest
from django.core.exceptions import BadRequest

from incidents.queues.models import Round
from tests.factories import NOW, make_queue, make_round
from trust.pagination import encode, keyset_page

pytestmark = pytest.mark.django_db

CLAIM_ORDER = ["rank", "due_at", "pk"]


@pytest.fixture
def rounds() -> list[Round]:
    queue = make_queue()
    return [
        make_round(queue=queue, priority=number % 2, due_at=NOW + timedelta(hours=number // 2)) for number in range(7)
    ]


@pytest.mark.parametrize("by", [CLAIM_ORDER, ["-rank", "-due_at", "-pk"], ["-priority", "due_at", "pk"]])
@pytest.mark.usefixtures("rounds")
def test_pages_follow_one_another_without_gap_or_repeat(rf, by):
    seen, cursor = [], ""
    while True:
        page = keyset_page(rf.get("/", {"cursor": cursor}), Round.objects.all(), by=by, size=3)
        seen += page.rows
        if not (cursor := page.older):
            break

    assert seen == list(Round.objects.order_by(*by))
    assert len(seen) == 7


@pytest.mark.usefixtures("rounds")
def test_a_page_costs_one_query(rf, django_assert_num_queries):
    cursor = keyset_page(rf.get("/"), Round.objects.all(), by=CLAIM_ORDER, size=3).older

    with django_assert_num_queries(1):
        keyset_page(rf.get("/", {"cursor": cursor}), Round.objects.all(), by=CLAIM_ORDER, size=3)


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "Ww",
        encode([1, 2]),
        encode([1, 2, 3]),
        encode(["x", NOW, 3]),
        encode([1, NOW.replace(tzinfo=None), 3]),
        encode([1, "\0", 3]),
        encode([2**64, NOW, 3]),
        "W3sieCI6MX0sMSwxXQ",
    ],
)
def test_a_cursor_that_was_not_made_here_is_a_bad_request(rf, cursor):
    with pytest.raises(BadRequest, match="cursor"):
        keyset_page(rf.get("/", {"cursor": cursor}), Round.objects.all(), by=CLAIM_ORDER)
