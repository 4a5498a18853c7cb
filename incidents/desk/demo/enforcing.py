"""What the leads of the demo do about actors, day by day, and what the endpoints answer."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from incidents.desk.demo.cast import Cast
from incidents.enforcement import kinds, operations as enforcement
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.operations import Proposal
from incidents.review.models import Decision
from policies.vocabulary import EnforcementKind
from trust import clock
from trust.accounts.models import User
from trust.outgoing import http, operations as outgoing
from trust.outgoing.models import Endpoint

Status = EnforcementAction.Status

MOST_PER_DAY = 6
TEXTS = {"feature": "image upload", "authority": "the national contact point"}
REASONS = (
    "Repeated findings under the same clause within two weeks.",
    "The declared use does not fit what we see.",
    "Earlier notice had no effect.",
    "Several accounts behind one address do the same.",
    "One finding, but a serious one.",
)
APPROVALS = (
    "The evidence shown supports this step.",
    "Agreed; the earlier warning was clear.",
    "Read all findings, none is borderline.",
)
DECLINES = ("A notice is enough for now.", "Two of the findings are close calls.")
REVERSALS = ("The customer showed that the account was used by somebody else.", "Overlap with a test of our own.")


@dataclass(frozen=True)
class Endpoints:
    """The two endpoints of the demo; both are switched off at its end, so that nothing is sent to nowhere."""

    service: Endpoint
    gateway: Endpoint


def set_up_endpoints(cast: Cast) -> Endpoints:
    service, _secret = outgoing.create_endpoint(
        "Account service (demo)", url="http://127.0.0.1:9099/enforcement", by=cast.admins[0]
    )
    gateway, _secret = outgoing.create_endpoint(
        "Partner gateway (demo)", url="http://127.0.0.1:9099/partner", trusts_receipt=False, by=cast.admins[0]
    )
    return Endpoints(service, outgoing.switch_off(gateway, by=cast.admins[0]))


def act(cast: Cast, random: Random) -> None:
    """Let one day's recommendations be adopted, approved or declined, and some action be reversed."""
    proposer, approver = random.sample(cast.leads, 2)
    for action in _newest(Status.RECOMMENDED)[:MOST_PER_DAY]:
        chance = random.random()
        if chance < 0.62:
            adopted = _adopt(action, random, by=random.choice([proposer, *cast.reviewers]))
            if random.random() < 0.88:
                enforcement.approve(adopted, reason=random.choice(APPROVALS), by=approver)
        elif chance < 0.72:
            enforcement.decline(action, reason=random.choice(DECLINES), by=proposer)
    for action in _newest(Status.IN_FORCE)[:3]:
        if random.random() < 0.05:
            enforcement.reverse(action, reason=random.choice(REVERSALS), by=approver)
    deliver(random)
    while enforcement.end_next():
        pass


def deliver(random: Random) -> None:
    """Answer every message that is due as the endpoints would: now and then with an error first."""
    while message := outgoing.claim_due():
        failed = random.random() < 0.08
        status = 503 if failed else 200
        answer = http.Answer(status_code=status, text="busy" if failed else "ok", duration_ms=random.randrange(20, 400))
        outgoing.finish(message, answer=answer)
    while enforcement.follow_deliveries():
        pass


def leave_some_open(cast: Cast, endpoints: Endpoints, random: Random) -> None:
    """End the story with actions in the states that last only briefly: delivered, approved, proposed, recommended."""
    admin, (proposer, approver) = cast.admins[0], cast.leads[:2]
    outgoing.switch_off(endpoints.service, by=admin)
    outgoing.switch_on(endpoints.gateway, by=admin)
    waiting = _newest(Status.RECOMMENDED)
    for action in waiting[:2]:
        enforcement.approve(_adopt(action, random, by=proposer), reason=APPROVALS[0], by=approver)
    with clock.at(clock.now() + timedelta(hours=3)):
        deliver(Random(1))
    for action in waiting[2:4]:
        enforcement.approve(_adopt(action, random, by=proposer), reason=APPROVALS[1], by=approver)
    for action in waiting[4:7]:
        _adopt(action, random, by=random.choice(cast.reviewers))
    outgoing.switch_off(endpoints.gateway, by=admin)


def _newest(status: Status) -> list[EnforcementAction]:
    return list(EnforcementAction.objects.filter(status=status).order_by("-created_at", "-pk")[:40])


def _adopt(action: EnforcementAction, random: Random, *, by: User) -> EnforcementAction:
    kind = EnforcementKind(action.kind)
    texts = {one.name: TEXTS[one.name] for one in kinds.KINDS[kind].parameters if one.name in TEXTS}
    proposal = Proposal(
        kind=kind,
        parameters={**kinds.defaults(kind), **texts},
        reason=random.choice(REASONS),
        decisions=list(Decision.objects.filter(enforcement_links__enforcement=action).order_by("pk")),
    )
    return enforcement.adopt(action, proposal, by=by)
