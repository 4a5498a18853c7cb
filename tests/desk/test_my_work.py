from datetime import timedelta

import pytest

from incidents.desk import opinions, queries
from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.retrospectives.models import SignOff
from incidents.review import operations as review
from incidents.review.findings import Finding
from incidents.wellbeing import operations as wellbeing
from tests.factories import make_decision, make_item, make_retrospective, make_round, make_user
from trust import clock

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_a_second_signature_is_asked_for_only_while_the_first_is_in_force():
    signer, other = make_user(role="lead"), make_user(role="lead")
    signed, changed = make_retrospective(), make_retrospective(version=2)
    for retrospective in (signed, changed):
        SignOff.objects.create(retrospective=retrospective, by=signer, at=clock.now(), version=1)

    waiting = [queries.waiting_for(person, clock.now()) for person in (signer, other)]

    assert [[one.url for one in found] for found in waiting] == [[], [signed.get_absolute_url()]]


def test_who_signed_an_earlier_version_is_asked_to_be_the_second():
    signer, other = make_user(role="lead"), make_user(role="lead")
    changed = make_retrospective(version=2)
    for version, person in ((1, signer), (2, other)):
        SignOff.objects.create(retrospective=changed, by=person, at=clock.now(), version=version)

    assert [one.url for one in queries.waiting_for(signer, clock.now())] == [changed.get_absolute_url()]


def test_the_last_ten_decisions_can_be_taken_back_but_for_those_that_enforcement_rests_on(client):
    reviewer = make_user()
    client.force_login(reviewer)
    decisions = [make_decision(by=reviewer, verdict="benign") for _decision in range(11)]
    review.mark_in_use([decisions[-1]])

    page = client.get("/").content.decode()

    offered = [decision for decision in decisions if f'action="/items/decisions/{decision.pk}/undo/"' in page]
    assert offered == decisions[1:10]
    assert page.count("Approved enforcement or an appeal rests on this decision; reverse the enforcement instead.") == 1


def test_reviewers_see_what_they_revealed_today_and_others_no_such_line(client):
    reviewer, analyst = make_user(), make_user(role="analyst")
    wellbeing.note_exposure(wellbeing.Seen(make_item().pk, severity=3, categories=[]), seconds=0, by=reviewer)

    pages = []
    for person in (reviewer, analyst):
        client.force_login(person)
        pages.append(client.get("/").content.decode())

    assert ["Today: 1 revealed, 0 minutes" in page for page in pages] == [True, False]
    assert ["revealed" in page for page in pages] == [True, False]


def test_ten_decisions_take_as_many_queries_as_one(django_assert_num_queries):
    reviewer = make_user()
    for wanted in (1, 9):
        for _decision in range(wanted):
            make_decision(by=reviewer)

        with django_assert_num_queries(3):
            queries.last_decisions(reviewer)


# ── Second opinions one asked for ────────────────────────


def judge(round, *, by, **decision):
    Round.objects.filter(pk=round.pk).update(lease_by=by, lease_until=clock.now() + HOUR)
    review.decide(round, fence=round.fence, by=by, **decision)


def outcomes_for(person):
    return [one.outcome[1] for one in opinions.asked_by(person, clock.now())]


def test_who_asks_after_their_decision_is_told_whether_the_second_opinion_agrees():
    asker, other = make_user(), make_user()
    for verdict in ("violating", "benign"):
        first = make_decision(by=asker)
        opened = queues.ask_second_opinion(first.item, by=asker)
        assert outcomes_for(asker)[0] == "Waiting"
        findings = [Finding(first.violations.get().clause.clause.key, 2)] if verdict == "violating" else []
        judge(opened, by=other, verdict=verdict, findings=findings)

    assert outcomes_for(asker) == ["Differs", "Agrees"]
    assert outcomes_for(other) == []


def test_who_asks_before_they_decide_is_told_what_was_decided(client):
    asker, other = make_user(), make_user()
    client.force_login(asker)
    held = make_round(lease_by=asker)
    queues.ask_opinion(held, fence=held.fence, reason="Is this spam?", by=asker)
    judge(held, by=other, verdict="benign", note="A joke <b>only</b>")

    assert outcomes_for(asker) == ["Given"]
    page = client.get("/").content.decode()
    assert "Second opinions you asked for" in page
    assert "A joke &lt;b&gt;only&lt;/b&gt;" in page


def test_one_that_was_taken_back_is_no_longer_told():
    asker = make_user()
    held = make_round(lease_by=asker)
    queues.ask_opinion(held, fence=held.fence, reason="Is this spam?", by=asker)

    queues.withdraw_opinion(held, by=asker)

    assert outcomes_for(asker) == []


def test_ten_that_were_asked_for_take_as_many_queries_as_one(django_assert_num_queries):
    asker = make_user()
    for wanted in (1, 10):
        for _opinion in range(wanted):
            queues.ask_second_opinion(make_decision(by=asker).item, by=asker)

        with django_assert_num_queries(4):
            found = opinions.asked_by(asker, clock.now())
    assert len(found) == 10
