"""The friction account: counts that a hand can check, people folded, restricted cases left out."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.appeals import friction
from tests.appeals.factories import judge, make_appeal, make_case, make_restricted_case
from tests.appeals.test_pages import signed_in
from tests.factories import make_user
from trust import clock

pytestmark = pytest.mark.django_db


def account(person=None):
    return friction.account_of(person or make_user(role="lead"), clock.now())


def test_it_counts_what_came_was_judged_and_fell():
    make_appeal()
    judge(make_appeal(), "upheld")
    judge(make_appeal())
    case = make_case()
    judge(make_appeal(case.action), "partly", items=[case.findings[0].item_id])

    told = account()

    assert (told.received, told.open, told.whole.judged, told.whole.fell) == (4, 1, 3, 2)
    assert [(one.received, one.whole.fell) for one in told.months] == [(4, 2)]


def test_a_finding_counts_under_its_clause_and_only_where_it_fell():
    case = make_case()
    judge(make_appeal(case.action), "partly", items=[case.findings[0].item_id])
    standing = make_case(findings=1)
    judge(make_appeal(standing.action), "upheld")

    rows = {row.name: (row.judged, row.fell) for row in account().clauses}

    assert rows == {
        case.findings[0].violations.get().clause.clause.key: (1, 1),
        standing.findings[0].violations.get().clause.clause.key: (1, 0),
    }


def test_reviewers_are_pseudonyms_and_those_of_few_appeals_are_folded():
    reviewer = make_user(role="reviewer")
    for _number in range(5):
        case = make_case(findings=1, by=reviewer)
        judge(make_appeal(case.action))
    for _number in range(2):
        judge(make_appeal(make_case(findings=1).action), "upheld")

    rows = account().reviewers

    assert [(row.name, row.judged, row.fell) for row in rows] == [
        (reviewer.pseudonym, 5, 5),
        ("Fewer than five each", 2, 0),
    ]


def test_a_share_of_too_few_is_not_said():
    assert friction.Row("", 9, 3).share is None
    share = friction.Row("", 10, 5).share
    assert share is not None
    assert (round(share.low, 3), round(share.high, 3)) == (0.237, 0.763)


def test_late_is_what_was_due_and_is_open_or_was_judged_after_it():
    with clock.at(clock.now() - timedelta(days=20)):
        first, _second = make_appeal(make_case(findings=0).action), make_appeal(make_case(findings=0).action)
    judge(first, "upheld")
    make_appeal(make_case(findings=0).action)

    assert account().late == 2


def test_restricted_cases_are_left_out_without_the_clearance():
    make_appeal(make_restricted_case().action)

    assert account().received == 0


@pytest.mark.parametrize("rows", [2, 20])
def test_it_costs_the_same_however_much_there_is(rows, django_assert_num_queries):
    lead = make_user(role="lead")
    for _number in range(rows):
        judge(make_appeal(make_case(findings=1).action))

    with django_assert_num_queries(8):
        account(lead)


def test_the_page_names_no_person():
    case = make_case(findings=1)
    judge(make_appeal(case.action))

    page = signed_in(role="analyst").get(reverse("appeals:account")).content.decode()

    assert "Friction account" in page
    assert case.findings[0].by.name not in page
    assert case.findings[0].violations.get().clause.clause.key in page
