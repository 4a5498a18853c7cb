"""A policy is retired with nothing in its place: by two people, at once, and without touching what was decided."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from incidents.desk import queries as desk
from policies import operations, queries
from policies.models import PolicyGap, PolicyVersion, Retirement
from tests.factories import NOW, make_clause, make_decision, make_user
from tests.policies.twice import outcomes_of
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user(role="policy_editor")


@pytest.fixture
def approver():
    return make_user(role="policy_approver")


@pytest.fixture
def version() -> PolicyVersion:
    return make_clause(title="Tea", definition="The words of version 1.").version


def proposed(version, by) -> Retirement:
    return operations.propose_retirement(version, reason="Covered by the law now.", by=by)


def test_one_proposes_and_another_retires_it_at_once(version, editor, approver):
    retirement = proposed(version, editor)
    version.refresh_from_db()
    assert version.status == "published"

    operations.approve_retirement(retirement, reason="Yes.", by=approver)

    version.refresh_from_db()
    retirement.refresh_from_db()
    assert (version.status, version.retired_at) == ("retired", retirement.decided_at)
    kinds = set(AuditEvent.objects.about(version).values_list("kind", flat=True))
    assert {"policy.retirement_proposed", "policy.retired"} <= kinds
    assert queries.clauses_in_force() == []


def test_who_proposes_may_not_approve(version):
    both = make_user(roles=["policy_editor", "policy_approver"])
    retirement = proposed(version, both)

    with pytest.raises(Refused, match="Someone other than who proposed it"):
        operations.approve_retirement(retirement, reason="Yes.", by=both)
    with pytest.raises(IntegrityError, match="retirement_by_two_people"), transaction.atomic():
        Retirement.objects.update(status="approved", decided_by=both, decided_at=NOW)

    version.refresh_from_db()
    assert version.status == "published"


@pytest.mark.parametrize("role", ["reviewer", "lead", "policy_approver", "analyst", "auditor", "admin"])
def test_only_an_editor_proposes(version, role):
    with pytest.raises(Refused, match="Only a policy editor"):
        proposed(version, make_user(role=role))


@pytest.mark.parametrize("role", ["reviewer", "lead", "policy_editor", "analyst", "auditor", "admin"])
def test_only_an_approver_retires(version, editor, role):
    with pytest.raises(Refused, match="Only a policy approver"):
        operations.approve_retirement(proposed(version, editor), reason="Yes.", by=make_user(role=role))


def test_there_is_a_reason_one_proposal_and_one_answer(version, editor, approver):
    with pytest.raises(Refused, match="Give your reason"):
        operations.propose_retirement(version, reason=" ", by=editor)
    retirement = proposed(version, editor)
    with pytest.raises(Refused, match="It is proposed already"):
        proposed(version, editor)
    with pytest.raises(Refused, match="may decline this"):
        operations.decline_retirement(retirement, reason="No.", by=make_user(role="policy_editor"))
    operations.decline_retirement(retirement, reason="We need it.", by=approver)
    with pytest.raises(Refused, match="already decided"):
        operations.approve_retirement(retirement, reason="Yes.", by=approver)

    operations.decline_retirement(proposed(version, editor), reason="I was wrong.", by=editor)
    operations.approve_retirement(proposed(version, editor), reason="Yes.", by=approver)
    with pytest.raises(Refused, match="nothing to retire"):
        proposed(version, editor)


def test_a_proposal_is_moot_once_the_next_version_is_in_force(version, editor, approver):
    retirement = proposed(version, editor)
    wording = operations.Wording(title="New", definition="New.", public_text="New.")
    draft = operations.draft_clause(version.clauses.get().clause, wording=wording, change_note="Why.", by=editor)
    operations.submit_for_review(draft, by=editor)
    operations.publish_version(draft, reason="Good.", by=approver)

    with pytest.raises(Refused, match="nothing to retire"):
        operations.approve_retirement(retirement, reason="Yes.", by=approver)

    assert not Retirement.objects.waiting().exists()


def test_what_was_proposed_and_answered_is_never_edited(version, editor, approver):
    retirement = proposed(version, editor)
    with pytest.raises(IntegrityError, match="is proposed"), transaction.atomic():
        Retirement.objects.update(reason="Another.")
    operations.decline_retirement(retirement, reason="No.", by=approver)

    for change in ({"status": "proposed", "decided_by": None, "decided_at": None}, {"answer": "Yes."}):
        with pytest.raises(IntegrityError, match="is declined"), transaction.atomic():
            Retirement.objects.update(**change)
    with pytest.raises(IntegrityError, match="is declined"), transaction.atomic():
        Retirement.objects.all().delete()


def test_gaps_that_it_covered_are_open_again(editor, approver):
    gap = operations.join_gap("votes for a pet contest", by=None)
    text = make_clause()
    wording = operations.Wording(title="New", definition="New.", public_text="New.")
    draft = operations.draft_clause(text.clause, wording=wording, change_note="Why.", gap=gap, by=editor)
    operations.submit_for_review(draft, by=editor)
    version = operations.publish_version(draft, reason="Good.", by=approver)

    operations.approve_retirement(proposed(version, editor), reason="Yes.", by=approver)

    assert PolicyGap.objects.get().status == "open"


def test_a_policy_that_was_retired_comes_back_with_its_next_version(version, editor, approver):
    operations.approve_retirement(proposed(version, editor), reason="Yes.", by=approver)

    draft = operations.open_draft(version.policy, by=editor)
    operations.submit_for_review(draft, by=editor)
    operations.publish_version(draft, reason="We need it.", by=approver)

    assert [text.title for text in queries.clauses_in_force()] == ["Tea"]


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_retire_it_once(version, editor):
    retirement = proposed(version, editor)
    pair = [make_user(role="policy_approver") for _one in range(2)]

    outcomes = outcomes_of(lambda by: operations.approve_retirement(retirement, reason="Yes.", by=by), pair)

    assert sorted(type(one).__name__ for one in outcomes) == ["Refused", "Retirement"]
    assert AuditEvent.objects.filter(kind="policy.retired").count() == 1


# ── Pages ────────────────────────────────────────────────


def test_it_is_proposed_and_decided_on_its_page(client, version, editor, approver):
    address = reverse("policies:retirement", args=[version.policy.key])
    client.force_login(editor)
    assert address in client.get(version.policy.get_absolute_url()).content.decode()
    assert client.post(f"{address}propose/", {"reason": ""}).status_code == 422
    client.post(f"{address}propose/", {"reason": "Covered <b>by</b> the law."})
    retirement = Retirement.objects.get()

    client.force_login(approver)
    page = client.get(address).content.decode()
    assert "Covered &lt;b&gt;by&lt;/b&gt; the law." in page
    assert [one.url for one in desk.waiting_for(approver, clock.now())] == [address]
    assert "It is proposed to retire this policy" in client.get(version.policy.get_absolute_url()).content.decode()
    client.post(f"{address}{retirement.pk}/approve/", {"reason": "Yes."})

    version.refresh_from_db()
    assert version.status == "retired"
    assert desk.waiting_for(approver, clock.now()) == []


def test_an_approver_keeps_it_in_force_and_reviewers_see_nothing_of_it(client, version, editor, approver):
    retirement = proposed(version, editor)
    address = reverse("policies:retirement", args=[version.policy.key])
    client.force_login(make_user())
    assert client.get(address).status_code == 404
    assert "proposed to retire" not in client.get(version.policy.get_absolute_url()).content.decode()

    client.force_login(approver)
    client.post(f"{address}{retirement.pk}/decline/", {"reason": "We need it."})

    version.refresh_from_db()
    assert version.status == "published"


def test_pages_say_since_when_and_old_decisions_and_files_keep_the_words(client, version, editor, approver):
    text = version.clauses.get()
    decision = make_decision(violations=[{"clause": text}])
    operations.approve_retirement(proposed(version, editor), reason="Yes.", by=approver)
    client.force_login(make_user())

    for address in (
        version.policy.get_absolute_url(),
        text.clause.get_absolute_url(),
        text.get_absolute_url(),
        "/policies/",
    ):
        assert "Retired since" in client.get(address).content.decode(), address
    assert "The words of version 1." in client.get(text.get_absolute_url()).content.decode()
    assert decision.violations.get().clause.definition == "The words of version 1."
    archive = client.get(reverse("policies:export", args=[version.policy.key, 1]))
    with ZipFile(BytesIO(archive.content)) as files:
        assert any(b"The words of version 1." in files.read(name) for name in files.namelist())
