"""The pages of the team: lists, one appeal, its judgement."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.appeals.models import Appeal, AppealJudgement
from tests.appeals.factories import judge, make_appeal, make_case, make_restricted_case
from tests.factories import make_user
from trust import clock

pytestmark = pytest.mark.django_db

FORM = {"outcome": "upheld", "reason": "It holds.", "statement": "We looked again."}


def signed_in(person: Any = None, *, role: str = "lead") -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person or make_user(role=role))
    return client


def detail(appeal: Appeal) -> str:
    return appeal.get_absolute_url()


def test_the_list_shows_the_earliest_due_first():
    late, early = make_case(findings=0).action, make_case(findings=0).action
    with clock.at(clock.now() - timedelta(days=1)):
        first = make_appeal(early)
    second = make_appeal(late)

    page = signed_in().get(reverse("appeals:list"))

    assert [appeal for appeal, _words in page.context["rows"]] == [first, second]


@pytest.mark.parametrize("rows", [2, pytest.param(60, marks=pytest.mark.long)])
def test_the_lists_cost_the_same_however_long(rows: int, django_assert_num_queries: Any):
    client = signed_in()
    for _number in range(rows):
        judge(make_appeal(make_case(findings=0).action), "upheld")
        make_appeal(make_case(findings=0).action)
    client.get(reverse("appeals:list"))

    for name in ("list", "judged"):
        with django_assert_num_queries(3):
            page = client.get(reverse(f"appeals:{name}"))
        assert len(page.context["rows"]) == min(rows, 50)


@pytest.mark.parametrize("findings", [2, 20])
def test_an_appeal_costs_the_same_whatever_it_rests_on(findings: int, django_assert_num_queries: Any):
    client, appeal = signed_in(), make_appeal(make_case(findings=findings).action)
    client.get(detail(appeal))

    with django_assert_num_queries(9):
        client.get(detail(appeal))


def test_the_actor_s_words_are_shown_as_text():
    appeal = make_appeal(text="<script>alert(1)</script> \u202eesrever http://example.test/")

    page = signed_in().get(detail(appeal)).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert 'href="http://example.test/"' not in page


def test_an_auditor_reads_everything_but_the_words():
    appeal = make_appeal(text="My own words.")

    page = signed_in(role="auditor").get(detail(appeal)).content.decode()

    assert appeal.reference in page
    assert "My own words." not in page
    assert "/appeal/" not in page


def test_what_rests_on_restricted_items_is_not_there_without_the_clearance():
    appeal = make_appeal(make_restricted_case().action)
    client = signed_in()

    assert client.get(detail(appeal)).status_code == 404
    assert appeal.reference not in client.get(reverse("appeals:list")).content.decode()
    assert client.post(reverse("appeals:judge", args=[appeal.pk]), FORM).status_code == 404


def test_who_took_part_sees_why_they_may_not_and_is_refused():
    case = make_case()
    appeal, client = make_appeal(case.action), signed_in(case.approver)

    page = client.get(detail(appeal)).content.decode()
    answer = client.post(reverse("appeals:judge", args=[appeal.pk]), FORM)

    assert "You took part in what is appealed." in page
    assert 'name="outcome"' not in page
    assert answer.status_code == 409
    assert not AppealJudgement.objects.exists()


def test_a_lead_judges_and_both_texts_stand_on_the_page():
    appeal, client = make_appeal(), signed_in()

    answer = client.post(reverse("appeals:judge", args=[appeal.pk]), {**FORM, "outcome": "overturned"}, follow=True)

    page = answer.content.decode()
    assert AppealJudgement.objects.get().outcome == "overturned"
    assert "It holds." in page
    assert "We looked again." in page


def test_part_is_judged_by_what_is_ticked():
    case = make_case()
    first = case.findings[0]
    url = reverse("appeals:judge", args=[make_appeal(case.action).pk])

    signed_in().post(url, {**FORM, "outcome": "partly", "items": [first.item_id]})

    assert [one.decision for one in AppealJudgement.objects.get().overturned.all()] == [first]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"reason": ""}, "id_reason"),
        ({"statement": " "}, "id_statement"),
        ({"outcome": "never"}, "id_outcome"),
        ({"outcome": "partly"}, "id_items"),
        ({"outcome": "partly", "items": ["77777777"]}, "id_items"),
        ({"outcome": "partly", "items": ["x" * 5000]}, "id_items"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_kept(sent: dict[str, Any], place: str):
    appeal = make_appeal()

    answer = signed_in().post(reverse("appeals:judge", args=[appeal.pk]), {**FORM, "reason": "Kept.", **sent})

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.content.decode()
    assert "reason" in sent or "Kept." in answer.content.decode()


def test_in_two_tabs_the_second_is_told_that_it_is_judged():
    appeal, client = make_appeal(), signed_in()
    url = reverse("appeals:judge", args=[appeal.pk])
    client.post(url, FORM)

    answer = client.post(url, {**FORM, "outcome": "overturned"})

    assert answer.status_code == 409
    assert "judged already" in answer.content.decode()
    assert AppealJudgement.objects.get().outcome == "upheld"


def test_a_lead_who_came_to_take_part_in_another_tab_is_refused():
    case, lead = make_case(), make_user(role="lead")
    appeal, client = make_appeal(case.action), signed_in(lead)
    assert 'name="outcome"' in client.get(detail(appeal)).content.decode()
    client.post(reverse("enforcement:reverse", args=[case.action.pk]), {"reason": "A mistake."})

    answer = client.post(reverse("appeals:judge", args=[appeal.pk]), FORM)

    assert answer.status_code == 409
    assert not AppealJudgement.objects.exists()


def test_my_work_names_an_appeal_to_who_may_judge_it_and_to_nobody_else():
    case = make_case()
    appeal = make_appeal(case.action)

    shown = {role: appeal.reference in signed_in(role=role).get("/").content.decode() for role in ("lead", "reviewer")}
    shown["approver"] = appeal.reference in signed_in(case.approver).get("/").content.decode()

    assert shown == {"lead": True, "reviewer": False, "approver": False}
