"""The demo's history is made through the operations: everything that is derived from it must agree with it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.management import call_command
from django.db.models import Count

from incidents.actors.models import Actor
from incidents.appeals.models import Appeal, AppealJudgement
from incidents.desk.demo import cast, history
from incidents.enforcement import kinds
from incidents.enforcement.models import ActingCheck, ActingRule, EnforcementAction, Extension, Strike
from incidents.intake.models import Alert, Content
from incidents.queues.models import Item, Round
from incidents.response.models import Incident
from incidents.retrospectives.models import Retrospective
from incidents.review.models import Decision, Retraction
from incidents.statistics import queries as statistics
from incidents.use_cases.models import Application, Fit
from incidents.wellbeing.models import Exposure
from trust import clock
from trust.accounts import sign_ins
from trust.audit.models import AuditEvent
from trust.notes.models import MentionToRead

END = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def told(transactional_db, tmp_path, request) -> history.History:
    weeks = request.param
    with clock.at(END - timedelta(weeks=weeks, days=2)):
        call_command("publish_default_pack", verbosity=0)
        call_command("set_up_queues", verbosity=0)
        sign_ins.make_first_people(tmp_path / "sign-ins.tsv")
    return history.tell(cast.gather(), seed=7, end=END, weeks=weeks, progress=lambda done, total: None)


@pytest.mark.parametrize("told", [1, pytest.param(8, marks=pytest.mark.long)], indirect=True)
def test_what_is_derived_agrees_with_the_history(told):
    assert Alert.objects.count() == told.number
    assert not Alert.objects.filter(generation__item__isnull=True).exists()
    assert all_rounds_are_consistent()
    assert statistics.differences_from_recount() == []
    assert standings() == standings_by_recount()
    assert AuditEvent.objects.filter(kind="decision.made").count() == Decision.objects.count()
    assert AuditEvent.objects.filter(kind="decision.taken_back").count() == Retraction.objects.count()
    struck = Strike.objects.filter(voided_at__isnull=True)
    assert not struck.filter(decision__retraction__isnull=False).exists()
    assert {incident.status for incident in Incident.objects.all()} == {"open", "resolved"}
    assert Retrospective.objects.get().status == Retrospective.Status.SIGNED
    assert Appeal.objects.open().exists()
    assert set(Application.objects.values_list("status", flat=True)) >= {"applied", "approved", "declined", "withdrawn"}
    assert Fit.objects.exists()
    assert set(Actor.objects.filter(kind="account").values_list("tier", flat=True)) == {"free", "pro", "enterprise"}
    assert_what_happened_by_rule_alone_and_later()
    assert sorted(MentionToRead.objects.values_list("person__roles__0", flat=True)) == ["lead", "reviewer"]
    assert repeats_among(50) == []
    shown = set(Exposure.objects.filter(is_reveal=True).values_list("person", "item_id"))
    assert set(Decision.objects.values_list("by", "item")) == shown


@pytest.mark.long
@pytest.mark.parametrize("told", [8], indirect=True)
def test_the_whole_history_has_what_a_demo_needs(told):
    deciders = Decision.objects.values("by").distinct().count()
    verdicts = Item.objects.annotate(verdicts=Count("decisions__verdict", distinct=True))

    assert Alert.objects.count() >= 5000
    assert Actor.objects.count() >= 300
    assert deciders >= 4
    assert verdicts.filter(verdicts__gte=2).exists()
    assert set(AppealJudgement.objects.values_list("outcome", flat=True)) == {"upheld", "overturned"}
    assert set(EnforcementAction.objects.values_list("status", flat=True)) == set(EnforcementAction.Status.values)
    assert set(ActingCheck.objects.values_list("outcome", flat=True)) >= {"right", "wrong"}


def assert_what_happened_by_rule_alone_and_later() -> None:
    [rule] = ActingRule.objects.armed()
    by_rule = EnforcementAction.objects.filter(by_rule=rule)
    assert rule.written_by_id != rule.armed_by_id
    assert by_rule.exists()
    assert set(by_rule.values_list("kind", flat=True)) == {"notice"}
    [alone] = EnforcementAction.objects.filter(broke_glass=True)
    assert (alone.review_outcome, alone.reviewed_by_id == alone.approved_by_id) == ("confirmed", False)
    assert alone.reviewed_at - alone.approved_at < timedelta(hours=24)
    [extension] = Extension.objects.select_related("enforcement")
    assert (extension.status, extension.enforcement.kind) == ("approved", "suspension")
    assert extension.proposed_by_id != extension.decided_by_id
    assert EnforcementAction.objects.filter(status__in=["scheduled", "withdrawn"]).count() == 2


def all_rounds_are_consistent() -> bool:
    open_rounds = Counter(Round.objects.filter(status="open", purpose="first").values_list("item", flat=True))
    open_items = set(Item.objects.filter(status=Item.Status.OPEN).values_list("pk", flat=True))
    return set(open_rounds) == open_items and max(open_rounds.values(), default=1) == 1


def standings() -> dict[int, str]:
    moved = Actor.objects.exclude(standing__in=["unknown", "good"])
    return dict(moved.values_list("pk", "standing"))


def standings_by_recount() -> dict[int, str]:
    running: dict[int, list[str]] = {}
    actions = EnforcementAction.objects.filter(status__in=EnforcementAction.RUNNING)
    for actor, kind in actions.values_list("actor", "kind"):
        running.setdefault(actor, []).append(kind)
    stands = {actor: str(kinds.standing_under(found)) for actor, found in running.items()}
    return {actor: standing for actor, standing in stands.items() if standing != "good"}


def repeats_among(count: int) -> list[tuple[int, int]]:
    """Return pairs of ``count`` random contents whose words are the same for four fifths."""
    texts = {
        pk: set(" ".join(message["content"] for message in messages).lower().split())
        for pk, messages in Content.objects.filter(lengths__len__gt=1).values_list("pk", "messages")
    }
    read = Random(3).sample(sorted(texts), count)
    return [
        (one, other)
        for place, one in enumerate(read)
        for other in read[place + 1 :]
        if len(texts[one] & texts[other]) / len(texts[one] | texts[other]) >= 0.8
    ]
