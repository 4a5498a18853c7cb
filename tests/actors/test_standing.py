import pytest

from incidents.actors import operations
from policies.vocabulary import Standing
from tests.factories import make_actor, make_user
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_standing_is_moved_and_recorded():
    actor, lead = make_actor(), make_user(role="lead")

    operations.set_standing(actor, Standing.SUSPENDED, by=lead)

    actor.refresh_from_db()
    event = AuditEvent.objects.about(actor).get()
    assert actor.standing == "suspended"
    assert (event.kind, event.by) == ("actor.standing_changed", lead)
    assert event.data == {"before": "unknown", "after": "suspended"}


def test_the_system_may_move_a_standing():
    assert operations.set_standing(make_actor(), Standing.GOOD, by=None).standing == "good"


def test_the_same_standing_again_leaves_no_trace():
    actor = make_actor(standing=Standing.WARNED)

    operations.set_standing(actor, Standing.WARNED, by=None)

    assert not AuditEvent.objects.about(actor).exists()


@pytest.mark.parametrize("role", ["policy_editor", "policy_approver", "analyst", "auditor", "admin"])
def test_other_roles_may_not_move_a_standing(role):
    actor = make_actor()

    with pytest.raises(Refused, match="Only reviewers and leads"):
        operations.set_standing(actor, Standing.BANNED, by=make_user(role=role))

    actor.refresh_from_db()
    assert actor.standing == "unknown"
