"""Everything that can happen to actors, by anyone, in any order: the machine that the test of any course runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from incidents.actors.models import Actor
from incidents.appeals import operations as appeals
from incidents.appeals.models import Appeal
from incidents.enforcement import operations as enforcement, queries
from incidents.enforcement.models import ActingCheck, ActingRule, Delivery, EnforcementAction, Extension, Strike
from incidents.queues import operations as queues
from incidents.queues.models import Item, Round
from incidents.review import operations as review
from incidents.review.findings import Finding
from incidents.review.models import Decision
from policies.models import ClauseVersion
from tests.appeals.factories import make_appeal, make_ruling
from tests.enforcement import recount, recount_rules
from tests.enforcement.factories import LADDER, make_proposal
from tests.factories import NOW, make_actor, make_clause, make_generation, make_item, make_queue, make_round, make_user
from tests.outgoing.factories import make_endpoint
from trust import clock
from trust.accounts.models import User
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Endpoint, Message
from trust.refusals import Refused

ROLES = ("lead", "lead", "lead", "reviewer", "reviewer", "policy_editor", "auditor", "admin")
STEPS_UP = {
    "1": [{"from_strikes": 0, "kind": "none"}, {"from_strikes": 2, "kind": "warning"}],
    "2": [{"from_strikes": 0, "kind": "notice"}, {"from_strikes": 3, "kind": "suspension"}],
    "4": [{"from_strikes": 0, "kind": "ban"}],
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "notice": {"days": 30},
    "warning": {"days": 90},
    "rate_limit": {"requests_per_minute": 10, "days": 30},
    "quota": {"requests_per_day": 1000},
    "feature_block": {"feature": "images", "days": 30},
    "suspension": {"days": 30},
    "ban": {},
    "referral": {"authority": "The police"},
}

# Leads twice as often as others: most of what is asked for should be let through.
people = st.sampled_from((0, 1, 2, 0, 1, 2, 3, 4, 3, 5, 6, 7))
places = st.integers(0, 7)
kinds = st.sampled_from(sorted(PARAMETERS))
mild = st.sampled_from(("notice", "warning", "rate_limit", "quota"))


class World:
    """People, clauses and nothing else: made once for all courses of a test."""

    def __init__(self) -> None:
        self.people = [make_user(role=role) for role in ROLES]
        self.clauses = [make_clause(recommended=LADDER), make_clause(recommended=STEPS_UP)]


class Course(RuleBasedStateMachine):
    """Two actors, each with a generation; whether they are judged, and by rules that act, and what follows is chance.

    Each course is undone at its end. The clock goes on a minute with each step. A refusal is an answer like any other;
    whatever else is raised, and whatever does not add up after a step, is a fault.
    """

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.refusals: list[str] = []
        self._whole = transaction.atomic()
        self._whole.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._whole.__exit__(None, None, None)

    @initialize(
        endpoints=st.lists(st.booleans(), max_size=2),
        has_rules=st.booleans(),
        judged=st.lists(st.sampled_from((1, 2, 2, 4)), max_size=2),
    )
    def begin(self, endpoints: list[bool], has_rules: bool, judged: list[int]) -> None:
        for trusts_receipt in endpoints:
            make_endpoint(trusts_receipt=trusts_receipt)
        for actor in (make_actor(), make_actor()):
            make_round(item=make_item(generation=make_generation(actor=actor)), queue=make_queue())
        for clause, severity in itertools.product((0, 1), (1, 2)) if has_rules else ():
            self.write_rule(0, 1, clause, severity, kind="warning", from_strikes=1, share=100, cap=1)
        for place, severity in enumerate(judged):
            self.decide(place, 3 + place, severity, 0, is_swept=True)

    def act(self, operation: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Do it now, a minute later than what was before; None where it is refused."""
        self.now += timedelta(minutes=1)
        with clock.at(self.now):
            try:
                with transaction.atomic():
                    return operation(*arguments, **options)
            except Refused as refused:
                self.refusals.append(refused.sentence)
                return None

    def person(self, place: int) -> User:
        return self.world.people[place % len(self.world.people)]

    # ── Judging ──────────────────────────────────────────

    @rule(
        place=places,
        by=people,
        severity=st.sampled_from((None, 0, 1, 2, 2, 3, 4)),
        clause=st.integers(0, 1),
        is_swept=st.booleans(),
    )
    def decide(self, place: int, by: int, severity: int | None, clause: int, is_swept: bool) -> None:
        """None: benign. The round is claimed as anyone claims it, so nobody judges an item twice."""
        item = chosen(Item.objects.all(), place)
        if not item.rounds.filter(status=Round.Status.OPEN).exists():
            self.act(queues.ask_second_opinion, item, by=self.person(by))
            by += 1
        if not item.rounds.filter(status=Round.Status.OPEN).exists():
            return
        queue = item.rounds.filter(status=Round.Status.OPEN).latest("pk").queue
        claim = self.act(queues.claim, queue, by=self.person(by))
        if claim is None:
            return
        text: ClauseVersion = self.world.clauses[clause]
        findings = [] if severity is None else [Finding(text.clause.key, severity)]
        self.act(
            review.decide,
            Round.objects.select_related("item").get(pk=claim.round_id),
            fence=claim.fence,
            verdict="benign" if severity is None else "violating",
            findings=findings,
            by=self.person(by),
        )
        if is_swept:
            self.give_strikes(100)

    @rule(place=places, by=st.none() | people, is_swept=st.booleans())
    def take_back(self, place: int, by: int | None, is_swept: bool) -> None:
        """None: who decided, the newest of all."""
        decisions = Decision.objects.effective().select_related("by")
        decision = decisions.order_by("pk").last() if by is None else chosen(decisions, place)
        if decision is None:
            return
        self.act(review.undo, decision, by=decision.by if by is None else self.person(by))
        if is_swept:
            self.give_strikes(100)

    # ── Strikes ──────────────────────────────────────────

    @rule(limit=st.sampled_from((1, 2, 100)))
    def give_strikes(self, limit: int) -> None:
        self.act(enforcement.give_strikes, limit)

    @rule(place=places, by=people)
    def void(self, place: int, by: int) -> None:
        if strike := chosen(Strike.objects.filter(voided_at__isnull=True), place):
            self.act(enforcement.void_strike, strike, reason="Not theirs.", by=self.person(by))

    # ── Rules that act ───────────────────────────────────

    @rule(
        by=people,
        armed_by=st.none() | people,
        clause=st.integers(0, 1),
        severity=st.integers(1, 3),
        kind=mild,
        from_strikes=st.integers(1, 3),
        share=st.sampled_from((0, 100)),
        cap=st.integers(1, 2),
    )
    def write_rule(self, by: int, armed_by: int | None, clause: int, severity: int, **settings: Any) -> None:
        """Armed at once by ``armed_by``, where that is allowed."""
        text: ClauseVersion = self.world.clauses[clause]
        parameters = PARAMETERS[settings["kind"]]
        draft = enforcement.RuleDraft(text.clause, severity, parameters=parameters, reason="Plain.", **settings)
        written = self.act(enforcement.write_rule, draft, by=self.person(by))
        if written and armed_by is not None:
            self.act(enforcement.arm_rule, written, by=self.person(armed_by))

    @rule(place=places, by=people)
    def arm(self, place: int, by: int) -> None:
        if written := chosen(ActingRule.objects.all(), place):
            self.act(enforcement.arm_rule, written, by=self.person(by))

    @rule(place=places, by=people)
    def disarm(self, place: int, by: int) -> None:
        if written := chosen(ActingRule.objects.all(), place):
            self.act(enforcement.disarm_rule, written, reason="No more.", by=self.person(by))

    @rule(place=places, by=people, outcome=st.sampled_from(("right", "wrong")))
    def check(self, place: int, by: int, outcome: str) -> None:
        if drawn := chosen(ActingCheck.objects.select_related("enforcement"), place):
            self.act(enforcement.check, drawn, outcome, reason="Looked at it.", by=self.person(by))

    # ── Actions ──────────────────────────────────────────

    @rule(place=places, by=people, kind=kinds, many=st.integers(0, 2), days_on=st.sampled_from((None, None, 1, 40)))
    def propose(self, place: int, by: int, kind: str, many: int, days_on: int | None) -> None:
        """Now, or to begin later."""
        actor = chosen(Actor.objects.all(), place)
        starts_at = self.now + timedelta(days=days_on) if days_on else None
        self.act(enforcement.propose, actor, self._proposal(actor, kind, many, starts_at), by=self.person(by))

    @rule()
    def begin_next(self) -> None:
        self.act(enforcement.begin_next)

    @rule(place=places, by=people)
    def withdraw(self, place: int, by: int) -> None:
        if action := chosen(EnforcementAction.objects.filter(status="scheduled"), place):
            self.act(enforcement.withdraw, action, reason="Not needed.", by=self.person(by))

    @rule(place=places, by=people, days=st.sampled_from((7, 60)))
    def extend(self, place: int, by: int, days: int) -> None:
        if action := chosen(EnforcementAction.objects.filter(ends_at__isnull=False), place):
            later = action.ends_at + timedelta(days=days)
            self.act(enforcement.extend, action, ends_at=later, reason="They went on.", by=self.person(by))

    @rule(place=places, by=people, does_agree=st.booleans())
    def answer_extension(self, place: int, by: int, does_agree: bool) -> None:
        if extension := chosen(Extension.objects.all(), place):
            answer = enforcement.approve_extension if does_agree else enforcement.decline_extension
            self.act(answer, extension, reason="Looked at it.", by=self.person(by))

    @rule(place=places, by=people, kind=kinds, many=st.integers(0, 2), as_recommended=st.booleans())
    def adopt(self, place: int, by: int, kind: str, many: int, as_recommended: bool) -> None:
        if found := chosen(EnforcementAction.objects.filter(status="recommended"), place):
            kind = found.kind if as_recommended else kind
            self.act(enforcement.adopt, found, self._proposal(found.actor, kind, many), by=self.person(by))

    @rule(place=places, by=people)
    def approve(self, place: int, by: int) -> None:
        if action := chosen(EnforcementAction.objects.filter(status="proposed"), place):
            self.act(enforcement.approve, action, reason="It holds.", by=self.person(by))

    @rule(place=places, by=people)
    def break_glass(self, place: int, by: int) -> None:
        if action := chosen(EnforcementAction.objects.filter(status="proposed"), place):
            stake = "They are at it just now, and all others are asleep."
            self.act(enforcement.break_glass, action, stake=stake, by=self.person(by))

    @rule(place=places, by=people, outcome=st.sampled_from(("confirmed", "reversed")))
    def review_glass(self, place: int, by: int, outcome: str) -> None:
        if action := chosen(EnforcementAction.objects.filter(broke_glass=True), place):
            self.act(enforcement.review_glass, action, outcome, reason="Looked at it.", by=self.person(by))

    @rule(place=places, by=people)
    def decline(self, place: int, by: int) -> None:
        if action := chosen(EnforcementAction.objects.open(), place):
            self.act(enforcement.decline, action, reason="Too much.", by=self.person(by))

    @rule(place=places, by=people)
    def confirm(self, place: int, by: int) -> None:
        if action := chosen(EnforcementAction.objects.running(), place):
            self.act(enforcement.confirm, action, by=self.person(by))

    @rule(place=places, by=people)
    def reverse(self, place: int, by: int) -> None:
        if action := chosen(EnforcementAction.objects.all(), place):
            self.act(enforcement.reverse, action, reason="A slip.", by=self.person(by))

    def _proposal(self, actor: Actor, kind: str, many: int, starts_at: datetime | None = None) -> Any:
        """Rest on up to ``many`` decisions about anyone, those about ``actor`` first: some are refused."""
        decisions = list(Decision.objects.select_related("item"))
        decisions.sort(key=lambda one: (one.item.actor_id != actor.pk, one.pk))
        return make_proposal(kind=kind, parameters=PARAMETERS[kind], decisions=decisions[:many], starts_at=starts_at)

    # ── Deliveries and time ──────────────────────────────

    @rule(answer=st.sampled_from((200, 200, 200, 500, 410, None)))
    def deliver(self, answer: int | None) -> None:
        """None: the worker dies before it can say what came of it."""
        message = self.act(outgoing.claim_due)
        if message is not None and answer is not None:
            self.act(outgoing.finish, message, answer=http.Answer(status_code=answer))

    @rule()
    def follow_deliveries(self) -> None:
        self.act(enforcement.follow_deliveries)

    @rule(place=places, by=people)
    def send_again(self, place: int, by: int) -> None:
        if delivery := chosen(Delivery.objects.filter(message__status=Message.Status.DEAD), place):
            self.act(enforcement.send_again, delivery, by=self.person(by))

    @rule(place=places)
    def switch_on(self, place: int) -> None:
        if endpoint := chosen(Endpoint.objects.filter(is_active=False), place):
            self.act(outgoing.switch_on, endpoint, by=None)

    @rule(days=st.sampled_from((0.01, 1, 29, 31, 91)))
    def wait(self, days: float) -> None:
        self.now += timedelta(days=days)

    @rule()
    def end_next(self) -> None:
        self.act(enforcement.end_next)

    # ── Appeals ──────────────────────────────────────────

    @rule(place=places)
    def appeal(self, place: int) -> None:
        if action := chosen(EnforcementAction.objects.all(), place):
            self.act(make_appeal, action)

    @precondition(lambda self: Appeal.objects.open().exists())
    @rule(
        place=places,
        by=people,
        outcome=st.sampled_from(("upheld", "partly", "overturned")),
        many=st.integers(0, 2),
        lifts=st.booleans(),
    )
    def judge(self, place: int, by: int, outcome: str, many: int, lifts: bool) -> None:
        appeal = chosen(Appeal.objects.open(), place)
        items = Item.objects.filter(decisions__enforcement_links__enforcement=appeal.enforcement_id)
        falling = sorted(set(items.values_list("pk", flat=True)))[:many]
        parties = recount.parties(appeal.enforcement_id)
        ruling = make_ruling(outcome, items=falling, lifts=lifts)
        judgement = self.act(appeals.judge, appeal, ruling, by=self.person(by))
        assert judgement is None or self.person(by).pk not in parties, "a party judged"

    # ── After each step ──────────────────────────────────

    @invariant()
    def all_adds_up(self) -> None:
        faults = [*recount.faults(), *recount_rules.faults()]
        assert not faults, faults
        counting = recount.counting(self.now)
        for actor in Actor.objects.all():
            counted = queries.counted_strikes(actor, self.now)
            assert counted == counting.get(actor.pk, 0), (counted, counting)


def chosen(rows: Any, place: int) -> Any:
    """Return one of ``rows``, the same for the same ``place``; None where there is none."""
    found: Sequence[Any] = list(rows.order_by("pk"))
    return found[place % len(found)] if found else None
