"""What waits for one person, over all rooms. Each read is bounded: a desk shows the nearest, the rooms show all."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _, ngettext, pgettext

from incidents.appeals.models import Appeal
from incidents.enforcement.models import ActingRule, EnforcementAction, Extension
from incidents.impact import queries as impact
from incidents.queues.models import Passing, Round
from incidents.retrospectives.models import ActionItem, Retrospective, SignOff
from incidents.review import rules as review
from incidents.review.models import Decision
from incidents.use_cases.models import Application
from policies.models import PolicyVersion, Retirement
from trust import languages
from trust.accounts.models import User
from trust.notes import queries as notes
from trust.permissions import Permission

MOST_PER_KIND = 10
MOST_LOOKED_AT = 50  # mentions, some of which may be kept back
LAST_DECISIONS = 10


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for this person. ``due_at`` None: no due time. ``label`` names the button."""

    kind: str
    title: str
    detail: str
    url: str
    label: str
    due_at: datetime | None


def waiting_for(person: User, now: datetime) -> list[Waiting]:
    """Return what waits for ``person``, first due first. At most 13 queries."""
    policies = [*_publications(person), *_retirements(person)]
    found = [*_held(person, now), *_approvals(person), *policies, *_sign_offs(person), *_promises(person)]
    found += [*_carried_out_alone(person), *_extensions(person), *_rules_to_arm(person)]
    found += [*_to_judge_again(person), *_appeals(person, now), *_use_cases(person)]
    return sorted(found, key=lambda waiting: (waiting.due_at is None, waiting.due_at or now))


@dataclass(frozen=True)
class Mentions:
    """The newest notes that mention the person and that they have not read; ``are_more`` beyond these."""

    told: list[notes.Told]
    are_more: bool


def mentions_of(person: User, now: datetime) -> Mentions:
    """1 query, and at most 2 for each kind of object that notes are about. What is kept back is not counted either."""
    told = notes.told(list(notes.unread(person).order_by("-note_id")[:MOST_LOOKED_AT]), person, now)
    return Mentions(told[:MOST_PER_KIND], are_more=len(told) > MOST_PER_KIND)


@dataclass(frozen=True)
class Decided:
    """One of the person's decisions; ``refusal`` says why it cannot be taken back any more."""

    decision: Decision
    refusal: str | None


def last_decisions(person: User) -> list[Decided]:
    """Return this person's last ten decisions that stand, newest first. 3 queries."""
    if not person.may(Permission.REVIEW):
        return []
    decisions = Decision.objects.effective().filter(by=person).select_related("in_use")
    decisions = decisions.prefetch_related("violations__clause").order_by("-decided_at", "-pk")
    return [Decided(decision, _refusal_to_undo(decision, person)) for decision in decisions[:LAST_DECISIONS]]


def _refusal_to_undo(decision: Decision, person: User) -> str | None:
    return review.refusal_to_undo(decision, person, is_retracted=False, is_in_use=hasattr(decision, "in_use"))


def _held(person: User, now: datetime) -> list[Waiting]:
    """What is held, on hold, or was handed to ``person``, whose text may be seen by them. 2 queries."""
    rounds = Round.objects.held_by(person, now).open_to(person, now).select_related("queue")
    held = list(rounds.order_by("due_at", "pk")[:MOST_PER_KIND])
    passings = Passing.objects.standing().filter(round__in=[one.pk for one in held]).select_related("by")
    aside = {passing.round_id: passing for passing in passings}
    return [_held_one(one, aside.get(one.pk), now) for one in held]


def _held_one(held: Round, aside: Passing | None, now: datetime) -> Waiting:
    """Say what of a round waits: one that sleeps waits until it wakes, and one that was handed over for an answer."""
    kind, detail, label, due_at = _("Held by you"), held.queue.name, _("Continue"), held.due_at
    if aside and aside.kind == Passing.Kind.HANDED_OVER:
        kind, label, due_at = (
            _("Handed to you"),
            pgettext("button", "Open"),
            min(held.due_at, aside.until or held.due_at),
        )
        names = {"queue": held.queue.name, "person": aside.by, "reason": aside.reason}
        detail = _("%(queue)s · %(person)s: “%(reason)s”") % names
    elif aside and aside.until:
        kind = _("On hold") if aside.until > now else _("Back from hold")
        until = date_format(localtime(aside.until), "MONTH_DAY_TIME_FORMAT")
        names = {"queue": held.queue.name, "until": until, "reason": aside.reason}
        detail = _("%(queue)s · until %(until)s: “%(reason)s”") % names
    return Waiting(
        kind=kind,
        title=_("Item %(item)s") % {"item": held.item_id},
        detail=detail,
        url=reverse("review:item", args=[held.item_id]),
        label=label,
        due_at=due_at,
    )


def _approvals(person: User) -> list[Waiting]:
    if not person.may(Permission.APPROVE_ENFORCEMENT):
        return []
    proposed = EnforcementAction.objects.filter(status=EnforcementAction.Status.PROPOSED).exclude(proposed_by=person)
    return [
        Waiting(
            kind=_("Approval"),
            title=_("%(kind)s for %(actor)s") % {"kind": action.get_kind_display(), "actor": action.actor},
            detail=_("Proposed by %(person)s") % {"person": action.proposed_by},
            url=reverse("enforcement:detail", args=[action.pk]),
            label=_("Decide"),
            due_at=None,
        )
        for action in proposed.select_related("actor", "proposed_by").order_by("created_at", "pk")[:MOST_PER_KIND]
    ]


def _carried_out_alone(person: User) -> list[Waiting]:
    """Every lead is told of it; who did it waits for another to review it. 1 query."""
    if not person.may(Permission.APPROVE_ENFORCEMENT):
        return []
    broken = EnforcementAction.objects.to_review().with_names().order_by("approved_at", "pk")
    return [
        Waiting(
            kind=_("Carried out alone"),
            title=_("%(kind)s for %(actor)s") % {"kind": action.get_kind_display(), "actor": action.actor},
            detail=_("By you: another lead reviews it")
            if action.approved_by_id == person.pk
            else _("By %(person)s: review it") % {"person": action.approved_by},
            url=action.get_absolute_url()
            if action.approved_by_id == person.pk
            else reverse("enforcement:review", args=[action.pk]),
            label=pgettext("button", "Open") if action.approved_by_id == person.pk else _("Review"),
            due_at=action.review_due_at,
        )
        for action in broken[:MOST_PER_KIND]
    ]


def _extensions(person: User) -> list[Waiting]:
    if not person.may(Permission.APPROVE_ENFORCEMENT):
        return []
    waiting = (
        Extension.objects.waiting().exclude(proposed_by=person).select_related("enforcement__actor", "proposed_by")
    )
    return [
        Waiting(
            kind=_("Approval"),
            title=_("A later end of %(kind)s for %(actor)s")
            % {"kind": languages.noun_within(one.get_kind_display()), "actor": one.enforcement.actor},
            detail=_("Proposed by %(person)s") % {"person": one.proposed_by},
            url=reverse("enforcement:extend", args=[one.enforcement_id]),
            label=_("Decide"),
            due_at=one.former_ends_at,
        )
        for one in waiting.order_by("former_ends_at", "pk")[:MOST_PER_KIND]
    ]


def _rules_to_arm(person: User) -> list[Waiting]:
    if not person.may(Permission.APPROVE_ENFORCEMENT):
        return []
    written = ActingRule.objects.to_arm().exclude(written_by=person).with_names()
    return [
        Waiting(
            kind=_("Approval"),
            title=_("A rule that acts by itself: %(kind)s on %(clause)s")
            % {"kind": languages.noun_within(rule.get_kind_display()), "clause": rule.clause},
            detail=_("Written by %(person)s") % {"person": rule.written_by},
            url=rule.get_absolute_url(),
            label=_("Decide"),
            due_at=None,
        )
        for rule in written.order_by("written_at", "pk")[:MOST_PER_KIND]
    ]


def _appeals(person: User, now: datetime) -> list[Waiting]:
    """Those that ``person`` may judge: they took no part in the action. 1 query."""
    if not person.may(Permission.JUDGE_APPEALS):
        return []
    appeals = Appeal.objects.visible_to(person, now).open().open_to_judge(person).with_names()
    return [
        Waiting(
            kind=_("Appeal"),
            title=_("%(kind)s for %(actor)s")
            % {"kind": appeal.enforcement.get_kind_display(), "actor": appeal.enforcement.actor},
            detail=appeal.reference,
            url=appeal.get_absolute_url(),
            label=_("Judge"),
            due_at=appeal.due_at,
        )
        for appeal in appeals.order_by("due_at", "pk")[:MOST_PER_KIND]
    ]


def _use_cases(person: User) -> list[Waiting]:
    """What others entered waits in one line, however much it is. 1 query."""
    if not person.may(Permission.APPROVE_USE_CASES):
        return []
    waiting = Application.objects.waiting().exclude(entered_by=person).order_by("entered_at", "pk")
    count = waiting[: MOST_LOOKED_AT + 1].count()
    if not count:
        return []
    sentence = ngettext("%(n)s use case waits for review", "%(n)s use cases wait for review", count)
    if count > MOST_LOOKED_AT:
        count, sentence = MOST_LOOKED_AT, _("More than %(n)s use cases wait for review")
    return [
        Waiting(
            kind=_("Approval"),
            title=sentence % {"n": count},
            detail=_("Oldest first"),
            url=reverse("use_cases:list"),
            label=_("Decide"),
            due_at=None,
        )
    ]


def _publications(person: User) -> list[Waiting]:
    if not person.may(Permission.APPROVE_POLICY):
        return []
    drafts = PolicyVersion.objects.filter(status=PolicyVersion.Status.IN_REVIEW).exclude(created_by=person)
    return [
        Waiting(
            kind=_("Approval"),
            title=_("Publish %(policy)s, version %(number)s") % {"policy": draft.title, "number": draft.number},
            detail=_("Written by %(person)s") % {"person": draft.created_by},
            url=reverse("policies:review", args=[draft.policy.key, draft.number]),
            label=_("Decide"),
            due_at=None,
        )
        for draft in drafts.select_related("policy", "created_by").order_by("submitted_at", "pk")[:MOST_PER_KIND]
    ]


def _retirements(person: User) -> list[Waiting]:
    if not person.may(Permission.APPROVE_POLICY):
        return []
    proposed = Retirement.objects.waiting().exclude(proposed_by=person)
    return [
        Waiting(
            kind=_("Approval"),
            title=_("Retire %(policy)s, version %(number)s")
            % {"policy": retirement.version.title, "number": retirement.version.number},
            detail=_("Proposed by %(person)s") % {"person": retirement.proposed_by},
            url=reverse("policies:retirement", args=[retirement.version.policy.key]),
            label=_("Decide"),
            due_at=None,
        )
        for retirement in proposed.select_related("version__policy", "proposed_by").order_by("proposed_at", "pk")[
            :MOST_PER_KIND
        ]
    ]


def _to_judge_again(person: User) -> list[Waiting]:
    if not person.may(Permission.REVIEW):
        return []
    return [
        Waiting(
            kind=_("Judge again"),
            title=_("%(policy)s, draft of version %(number)s")
            % {"policy": one.sample.version.title, "number": one.sample.version.number},
            detail=_("%(left)s of %(drawn)s left for you") % {"left": one.left, "drawn": one.drawn},
            url=reverse("impact:judge", args=[one.sample.pk]),
            label=_("Judge"),
            due_at=None,
        )
        for one in impact.samples_for(person)
    ]


def _sign_offs(person: User) -> list[Waiting]:
    if not person.may(Permission.SIGN_OFF_RETROSPECTIVES):
        return []
    drafts = Retrospective.objects.filter(status=Retrospective.Status.DRAFT)
    in_force = SignOff.objects.filter(retrospective=OuterRef("pk"), version=OuterRef("version"))
    half_signed = drafts.filter(Exists(in_force), ~Exists(in_force.filter(by=person)))
    return [
        Waiting(
            kind=_("Signature"),
            title=retrospective.title,
            detail=_("One person has signed; you may be the second"),
            url=reverse("retrospectives:detail", args=[retrospective.pk]),
            label=_("Read"),
            due_at=None,
        )
        for retrospective in half_signed.order_by("pk")[:MOST_PER_KIND]
    ]


def _promises(person: User) -> list[Waiting]:
    open_items = ActionItem.objects.filter(owner=person, done_at__isnull=True).select_related("retrospective")
    return [
        Waiting(
            kind=_("Action item"),
            title=item.text,
            detail=item.retrospective.title,
            url=reverse("retrospectives:detail", args=[item.retrospective_id]),
            label=pgettext("button", "Open"),
            due_at=datetime.combine(item.check_back_on, datetime.min.time(), tzinfo=UTC),
        )
        for item in open_items.order_by("check_back_on", "pk")[:MOST_PER_KIND]
    ]
