"""Every room's operations, in one go, leave an audit that is complete and reads as sentences."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.enforcement import operations as enforcement
from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.response import operations as response
from incidents.retrospectives import operations as retrospectives
from incidents.retrospectives.models import Section
from incidents.review import operations as review
from incidents.review.findings import Finding
from policies import operations as policies, pack
from policies.models import Clause
from policies.vocabulary import EnforcementKind, Verdict
from tests.factories import make_round, make_user
from trust.audit import queries, verification
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def republish(key):
    clause = Clause.objects.get(key=key)
    wording = policies.Wording(title="Clearer", definition="What it is, more clearly.", public_text="Do not do it.")
    editor = make_user(role="policy_editor")
    draft = policies.draft_clause(clause, wording=wording, change_note="It was unclear.", by=editor)
    policies.submit_for_review(draft, by=editor)
    policies.publish_version(draft, reason="Clearer.", by=make_user(role="policy_approver"))


def judge(round, by):
    claim = queues.claim(round.queue, by=by)
    assert claim.round_id == round.pk
    findings = [Finding(clause="spam.reviews", severity=2)]
    return review.decide(round, fence=claim.fence, verdict=Verdict.VIOLATING, findings=findings, by=by)


def look_back(incident, by):
    retrospective = retrospectives.create_retrospective(incident, by=by)
    for key in Section.Key:
        retrospectives.write_section(retrospective, key=key, text="As it was.", version=1, by=by)
    retrospective.refresh_from_db()
    for lead in (by, make_user(role="lead")):
        retrospectives.sign_off(retrospective, version=retrospective.version, by=lead)


@pytest.fixture
def whole_way():
    """A clause in two versions, a verdict that stands and one taken back, a suspension, an incident looked back on."""
    policies.install_pack(pack.load())
    republish("spam.reviews")
    reviewer, lead = make_user(role="reviewer"), make_user(role="lead")
    due = timezone.now() + timedelta(hours=1)
    standing = judge(make_round(due_at=due), reviewer)
    undone = judge(make_round(due_at=due), reviewer)
    review.undo(undone, by=reviewer)
    enforcement.give_strikes()
    proposal = enforcement.Proposal(
        kind=EnforcementKind.SUSPENSION, parameters={"days": 7}, reason="Three waves.", decisions=[standing]
    )
    action = enforcement.propose(standing.item.actor, proposal, by=reviewer)
    enforcement.approve(action, reason="Seen.", by=lead)
    incident = response.create_incident("Wave", severity=2, items=[standing.item], is_anticipated=False, by=lead)
    response.add_enforcement(incident, [action], by=lead)
    response.contain(incident, reason="It stopped.", by=lead)
    look_back(incident, lead)


@pytest.mark.usefixtures("whole_way")
def test_nothing_is_missing_doubled_or_made_up():
    assert list(verification.faults()) == []
    assert Round.objects.filter(status="open").count() == 1


@pytest.mark.usefixtures("whole_way")
def test_every_event_reads_as_a_whole_sentence():
    auditor = make_user(role="auditor")

    entries = queries.entries(AuditEvent.objects.for_page(), reader=auditor)

    assert len(entries) > 20
    assert [entry.sentence for entry in entries if "…" in entry.sentence or "(" in entry.sentence] == []
