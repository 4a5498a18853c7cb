"""The pages of use cases, the actor's panel and the item's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.use_cases import operations
from incidents.use_cases.models import Application, Fit
from tests.factories import make_actor, make_round, make_user
from tests.use_cases.factories import NAME, approve, make_application, make_approved, make_seen
from trust import clock

pytestmark = pytest.mark.django_db

FORM = {"name": NAME, "description": "Homework.", "expected_volume": "20000", "stage": "pilot", "contact": ""}
HOSTILE = "<script>alert(1)</script> \u202eesrever"


def signed_in(person: Any = None, *, role: str = "lead") -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person or make_user(role=role))
    return client


def apply_url(actor: Any) -> str:
    return f"{reverse('use_cases:apply')}?actor={actor.pk}"


def test_what_waits_stands_oldest_first_and_each_state_in_its_tab():
    waiting = [make_application(), make_application()]
    approved = make_approved()
    declined = operations.decline(make_application(), reason="No.", by=make_user(role="lead"))
    with clock.at(clock.now() - timedelta(days=9)):
        expired = approve(make_application(), expires_on=clock.now().date())
    client = signed_in()

    shown = {
        name: [one for one, _state in client.get(reverse(f"use_cases:{name}")).context["rows"]]
        for name in ("list", "in_force", "ended", "all")
    }

    assert shown["list"] == waiting
    assert shown["in_force"] == [approved]
    assert shown["ended"] == [declined, expired]
    assert len(shown["all"]) == 5


def test_a_list_is_narrowed_by_name_and_stage():
    make_application(name="chat", stage="limited")
    client = signed_in()

    assert len(client.get(reverse("use_cases:list"), {"name": "chat", "stage": "limited"}).context["rows"]) == 1
    assert "No use case fits" in client.get(reverse("use_cases:list"), {"stage": "pilot"}).content.decode()
    assert client.get(reverse("use_cases:list"), {"stage": "x"}).status_code == 400


@pytest.mark.parametrize("rows", [2, 60])
def test_the_pages_cost_the_same_however_much_there_is(rows: int, django_assert_num_queries: Any):
    client, actor = signed_in(), make_actor()
    for number in range(rows):
        make_application(actor, name=f"use-{number}")
    client.get(reverse("use_cases:list"))

    with django_assert_num_queries(3):
        page = client.get(reverse("use_cases:list"))
    with django_assert_num_queries(5):
        client.get(reverse("use_cases:of_actor", args=[actor.pk]))
    assert len(page.context["rows"]) == min(rows, 50)


def test_a_reviewer_sees_what_they_entered_and_what_concerns_their_actors():
    reviewer = make_user()
    own, theirs, other = make_application(by=reviewer), make_application(), make_application()
    make_round(item=make_seen(theirs.actor), lease_by=reviewer)
    client = signed_in(reviewer)

    assert [one for one, _state in client.get(reverse("use_cases:list")).context["rows"]] == [own, theirs]
    assert client.get(other.get_absolute_url()).status_code == 404


def test_a_reviewer_enters_what_an_actor_asks_for():
    reviewer, actor = make_user(), make_actor()
    make_round(item=make_seen(actor), lease_by=reviewer)

    answer = signed_in(reviewer).post(apply_url(actor), FORM, follow=True)

    application = Application.objects.get()
    assert (application.actor, application.entered_by, application.expected_volume) == (actor, reviewer, 20_000)
    assert "Only a lead decides about use cases." in answer.content.decode()
    assert "Entered. A lead who did not enter it decides." in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"name": ""}, "id_name"),
        ({"name": "a\tb"}, "id_name"),
        ({"description": " "}, "id_description"),
        ({"expected_volume": "many"}, "id_expected_volume"),
        ({"expected_volume": "0"}, "id_expected_volume"),
        ({"stage": "someday"}, "id_stage"),
        ({"contact": "x" * 301}, "id_contact"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_kept(sent: dict[str, str], place: str):
    answer = signed_in().post(apply_url(make_actor()), {**FORM, "description": "Kept.", **sent})

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.content.decode()
    assert "description" in sent or "Kept." in answer.content.decode()
    assert not Application.objects.exists()


def test_a_second_one_that_would_wait_is_refused_beside_the_name():
    application = make_application()

    answer = signed_in().post(apply_url(application.actor), FORM)

    assert answer.status_code == 422
    assert f"Application {application.pk} for this use case waits" in answer.content.decode()


def test_without_an_actor_the_page_says_where_to_begin_and_an_odd_number_is_named():
    client = signed_in()

    assert "Choose the actor first" in client.get(reverse("use_cases:apply")).content.decode()
    assert client.get(reverse("use_cases:apply"), {"actor": "x"}).status_code == 400
    assert client.get(reverse("use_cases:apply"), {"actor": 9**15}).status_code == 404


def test_a_lead_approves_and_withdraws_and_the_page_tells_the_story():
    application, client = make_application(), signed_in()
    last_day = (clock.now() + timedelta(days=90)).date()

    client.post(
        reverse("use_cases:approve", args=[application.pk]),
        {"conditions": "No grading.", "expires_on": last_day.isoformat()},
    )
    page = client.get(application.get_absolute_url()).content.decode()
    assert "No grading." in page
    assert "In force" in page

    client.post(reverse("use_cases:withdraw", args=[application.pk]), {"reason": "They resell it."})
    page = client.get(application.get_absolute_url()).content.decode()
    assert "They resell it." in page
    assert page.count("use case") >= 3


@pytest.mark.parametrize(
    ("name", "sent", "place"),
    [
        ("approve", {"expires_on": "soon"}, "id_expires_on"),
        ("approve", {"expires_on": "2001-01-01"}, "id_expires_on"),
        ("approve", {"expires_on": "9999-12-31"}, "id_expires_on"),
        ("approve", {"conditions": "x" * 5001}, "id_conditions"),
        ("decline", {"reason": " "}, "id_reason"),
        ("withdraw", {"reason": ""}, "id_reason"),
    ],
)
def test_a_decision_that_does_not_fit_is_said_beside_its_field(name: str, sent: dict[str, str], place: str):
    application = make_approved() if name == "withdraw" else make_application()

    answer = signed_in().post(reverse(f"use_cases:{name}", args=[application.pk]), sent)

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.content.decode()
    assert Application.objects.get().status == application.status


def test_who_entered_it_sees_why_they_may_not_approve_and_is_refused():
    lead = make_user(role="lead")
    application, client = make_application(by=lead), signed_in(lead)

    page = client.get(application.get_absolute_url()).content.decode()
    answer = client.post(reverse("use_cases:approve", args=[application.pk]), {})

    assert "Someone other than who entered it must approve this." in page
    assert 'name="conditions"' not in page
    assert answer.status_code == 409


def test_what_was_written_is_shown_as_text():
    application = approve(
        make_application(name=HOSTILE, description=HOSTILE, contact=HOSTILE), conditions="<script>alert(2)</script>"
    )
    make_seen(application.actor, use_case=HOSTILE)
    client = signed_in()

    addresses = [application.get_absolute_url(), reverse("use_cases:in_force")]
    addresses.append(reverse("use_cases:of_actor", args=[application.actor_id]))
    for address in addresses:
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "\u202e" not in page


def test_the_actor_s_panel_says_what_is_approved_until_when_and_what_drifts():
    last_day = (clock.now() + timedelta(days=90)).date()
    with clock.at(clock.now() - timedelta(days=40)):
        actor = approve(make_application(), expires_on=last_day).actor
    for _number in range(10):
        make_seen(actor)
    make_seen(actor, use_case="resale")

    page = signed_in(role="auditor").get(reverse("use_cases:of_actor", args=[actor.pk])).content.decode()

    assert str(last_day.year) in page
    assert "n = 11" in page
    assert "not approved" in page
    assert "0.91" in page
    assert "Enter a use case" not in page


def test_the_actor_s_timeline_tells_what_became_of_it():
    application = operations.withdraw(make_approved(), reason="They resell it.", by=make_user(role="lead"))
    reviewer = make_user()
    make_round(item=make_seen(application.actor), lease_by=reviewer)
    timeline = reverse("dossier:timeline", args=[application.actor_id])

    page = signed_in(reviewer).get(timeline).content.decode()

    for verb in ("entered", "approved", "withdrew"):
        assert f"{verb} use case {application.pk}" in page
    assert "They resell it." in page


def test_the_item_s_panel_takes_the_word_and_shows_one_s_own_alone():
    application = approve(make_application(), conditions="No grading.")
    item = make_seen(application.actor, days_ago=-0.01)
    reviewer, other = make_user(), make_user(role="lead")
    operations.say(item, Fit.Answer.NO, by=other)
    make_round(item=item, lease_by=reviewer)
    client, panel = signed_in(reviewer), reverse("use_cases:panel", args=[item.pk])

    before = client.get(panel).content.decode()
    answer = client.post(reverse("use_cases:say", args=[item.pk]), {"answer": "yes"}, headers={"HX-Request": "true"})

    assert "No grading." in before
    assert "You said:" not in before
    assert "You said: Yes" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert Fit.objects.get(by=reviewer).answer == "yes"
    assert client.post(reverse("use_cases:say", args=[item.pk]), {"answer": "perhaps"}).status_code == 400


def test_the_item_s_panel_offers_to_enter_what_is_declared_and_not_approved():
    item = make_seen(make_actor(), use_case="a&b=<c>")

    page = signed_in().get(reverse("use_cases:panel", args=[item.pk])).content.decode()

    assert "&amp;name=a%26b%3D%3Cc%3E" in page
    assert 'name="answer"' not in page
    answer = signed_in().post(reverse("use_cases:say", args=[item.pk]), {"answer": "yes"})
    assert answer.status_code == 409


def test_an_item_that_is_not_one_s_own_has_no_panel():
    item = make_seen(make_approved().actor)

    for client in (signed_in(role="reviewer"), signed_in(role="auditor")):
        assert client.get(reverse("use_cases:panel", args=[item.pk])).status_code in {403, 404}
        answer = client.post(reverse("use_cases:say", args=[item.pk]), {"answer": "yes"})
        assert answer.status_code in {403, 404}
    assert not Fit.objects.exists()


def test_my_work_names_what_waits_to_leads_who_did_not_enter_it():
    lead = make_user(role="lead")
    make_application(by=lead)
    make_application()
    make_application()

    assert "3 use cases wait for review" in signed_in().get("/").content.decode()
    assert "2 use cases wait for review" in signed_in(lead).get("/").content.decode()
    assert "wait for review" not in signed_in(role="reviewer").get("/").content.decode()
