"""Eight weeks of synthetic history, made through the rooms' own operations under a given clock.

So the audit, standings and rollups agree with it. The same seed and end give the same history.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from incidents.desk.demo import acting, appealing, asking, cases, enforcing, noting, texts, traffic
from incidents.desk.demo.cast import Cast
from incidents.desk.demo.texts import Theme
from incidents.enforcement import tasks as enforcement
from incidents.intake import operations as intake
from incidents.intake.models import Alert, Content
from incidents.queues import operations as queues
from incidents.queues.models import Item, Queue, Round
from incidents.review import operations as review
from incidents.review.findings import Finding, Wrong
from incidents.review.models import Decision, DetectorWrong
from incidents.statistics import tasks as statistics
from incidents.wellbeing import operations as wellbeing
from policies.models import ClauseVersion
from policies.vocabulary import Severity, Side, Verdict
from trust import clock
from trust.accounts.models import User

WEEKS = 8
GENERATIONS_PER_DAY = 46
FURTHER_ALERTS = (0, 1, 2)  # about the same generation, with the weights below
WEIGHTS_OF_FURTHER = (10, 60, 30)
ACCOUNTS = 330
BATCH_HOURS = (5, 9, 13, 18)
WAVE_ALERTS = 24
LEFT_OPEN = timedelta(hours=20)  # what came in so long before the end still waits
LAST_BATCH = timedelta(minutes=25)
DAYS_PER_CONNECTION = 4
DETECTOR_SOURCE, REPORT_SOURCE = "model-gateway", "help-centre"

Progress = Callable[[int, int], None]


@dataclass
class History:
    """The state of the telling: who is who, what was sent, what each item is really about."""

    cast: Cast
    random: Random
    start: datetime
    accounts: list[traffic.Account]
    end: datetime
    days: int
    number: int = 0
    truth: dict[str, Theme] = field(default_factory=dict)
    generations: dict[int, str] = field(default_factory=dict)
    usual_severity: dict[str, int] = field(default_factory=dict)
    objections: Random = field(default_factory=lambda: Random(11))  # of its own: what it draws changes nothing else

    @property
    def wave(self) -> range:
        """The days on which invented reviews come in a wave."""
        first = self.days * 5 // 7
        return range(first, first + max(1, self.days // 11))


def tell(cast: Cast, *, seed: int, end: datetime, progress: Progress, weeks: int = WEEKS) -> History:
    """Make the history up to ``end``. ``progress`` is called with (days done, days)."""
    random = Random(seed)
    start = (end - timedelta(weeks=weeks)).replace(hour=0, minute=0, second=0, microsecond=0)
    history = History(cast, random, start, traffic.accounts(ACCOUNTS, random), end, days=weeks * 7)
    in_force = ClauseVersion.objects.filter(version__status="published")
    history.usual_severity = dict(in_force.values_list("clause__key", "usual_severity"))
    with clock.at(start):
        endpoints = enforcing.set_up_endpoints(cast)
    wishes = Random(13)  # of its own, as objections
    with clock.at(start + timedelta(hours=1)):
        asking.ask(cast, history.accounts, wishes)
    for day in range(history.days):
        if day % DAYS_PER_CONNECTION == 0:
            _connect_afresh()
        _live(history, day)
        if day == history.wave.stop:
            cases.reword_a_clause(cast, at=start + timedelta(days=day, hours=23, minutes=20))
        progress(day + 1, history.days)
    _live_today(history)
    with clock.at(end - timedelta(hours=6)):
        enforcing.leave_some_open(cast, endpoints, random)
        wellbeing.close_weeks()
        asking.leave_some_waiting(cast, history.accounts, wishes)
        asking.say_what_fits(cast, wishes)
    _look_back(history, end)
    connection.close()
    return history


def _look_back(history: History, end: datetime) -> None:
    """Make the wave a finished incident and the last week's remedies an open one."""
    wave = history.start + timedelta(days=history.wave.start)
    cases.finish_an_incident(
        history.cast,
        clause="spam.reviews",
        start=wave,
        days=len(history.wave),
        detected_at=wave + timedelta(days=len(history.wave), hours=12),
    )
    week_ago = end - timedelta(days=7)
    cases.open_an_incident(history.cast, clause="spam.medical_products", start=week_ago, end=end - timedelta(hours=5))
    noting.leave_notes(history.cast, end=end)


def _connect_afresh() -> None:
    """Start a connection whose plans fit the tables as they are now, and which need not wait for the disk."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")


def _live(history: History, day: int) -> None:
    """Let one day pass: alerts come in, are routed, and most are judged; strikes and counts follow."""
    morning = history.start + timedelta(days=day)
    for hour in BATCH_HOURS:
        moment = morning + timedelta(hours=hour)
        _take_in(history, day, moment)
        if moment < history.end - LEFT_OPEN:
            _review(history, moment + timedelta(minutes=20))
    with clock.at(morning + timedelta(hours=23)):
        enforcement.give_strikes()
        statistics.count_decisions()
    with clock.at(morning + timedelta(hours=23, minutes=10)):
        enforcing.act(history.cast, history.random)
    with clock.at(morning + timedelta(hours=23, minutes=30)):
        appealing.judge(history.cast, history.objections)
        appealing.appeal(history.cast, history.objections)
    with clock.at(morning + timedelta(hours=23, minutes=40)):
        acting.live(history.cast, day, history.days)


def _live_today(history: History) -> None:
    """Let alerts come in up to the end; nobody has judged them yet."""
    morning = history.start + timedelta(days=history.days)
    batches = [morning + timedelta(hours=hour) for hour in BATCH_HOURS]
    for moment in [*(batch for batch in batches if batch < history.end - LAST_BATCH), history.end - LAST_BATCH]:
        _take_in(history, history.days, moment)


def _take_in(history: History, day: int, moment: datetime) -> None:
    with clock.at(moment):
        _receive(history, day, moment)
        while queues.route_alerts():
            pass
        _note_items(history)


def _receive(history: History, day: int, moment: datetime) -> None:
    random = history.random
    growth = 0.8 + 0.4 * day / history.days
    weekend = 0.6 if moment.weekday() >= 5 else 1.0
    count = round(GENERATIONS_PER_DAY * growth * weekend / len(BATCH_HOURS)) + random.randrange(-3, 4)
    sent: list[dict[str, Any]] = []
    for account in random.choices(history.accounts, [account.weight for account in history.accounts], k=count):
        _add_alerts(history, sent, account, moment)
    if day in history.wave:
        reviews = [account for account in history.accounts if account.theme.clause == "spam.reviews"]
        for account in random.choices(reviews, k=WAVE_ALERTS):
            _add_alerts(history, sent, account, moment)
    for knows_text in (True, False):  # a further alert names a generation that must be there by then
        for slug in (DETECTOR_SOURCE, REPORT_SOURCE):
            records = [record for record in sent if _has_text(record) == knows_text and _source_of(record) == slug]
            intake.accept(records, source=slug)


def _has_text(record: dict[str, Any]) -> bool:
    return "messages" in record["generation"]


def _source_of(record: dict[str, Any]) -> str:
    return DETECTOR_SOURCE if record["kind"] in {"detector", "random_sample"} else REPORT_SOURCE


def _add_alerts(history: History, sent: list[dict[str, Any]], account: traffic.Account, moment: datetime) -> None:
    random = history.random
    history.number += 1
    occurred_at = moment - timedelta(minutes=random.randrange(1, 240))
    if random.random() < 0.006:
        record = traffic.withheld_alert(account, number=history.number, moment=occurred_at, random=random)
    else:
        record, theme = traffic.alert(account, number=history.number, moment=occurred_at, random=random)
        history.truth[record["generation"]["external_id"]] = theme
    sent.append(record)
    for _further in range(random.choices(FURTHER_ALERTS, WEIGHTS_OF_FURTHER)[0]):
        history.number += 1
        sent.append(traffic.second_alert(record, number=history.number, moment=occurred_at, random=random))


def _note_items(history: History) -> None:
    """Learn which item each new generation became."""
    known = max(history.generations, default=0)
    new = Item.objects.filter(pk__gt=known).values_list("pk", "generation__external_id")
    history.generations.update((pk, external_id) for pk, external_id in new if external_id)


def _review(history: History, moment: datetime) -> None:
    """Let the reviewers empty the open queues, each in turn, a minute or so an item."""
    open_queues = list(Queue.objects.filter(restricted_category=""))
    desks = [moment + timedelta(minutes=3 * place) for place in range(len(history.cast.reviewers))]
    for queue in open_queues:
        person, claim = 0, True
        while claim:
            person = (person + 1) % len(desks)
            desks[person] += timedelta(seconds=history.random.randrange(20, 110))
            with clock.at(desks[person]):
                claim = _review_next(history, queue, history.cast.reviewers[person])


def _review_next(history: History, queue: Queue, reviewer: User) -> bool:
    """Claim and decide one item. Return False when nothing waits in ``queue``."""
    claim = queues.claim(queue, by=reviewer)
    if claim is None:
        return False
    random = history.random
    round = Round.objects.select_related("item").get(pk=claim.round_id)
    review.note_exposure(round.item, seconds=20 + round.pk % 40, by=reviewer)
    decision = _decide(history, round, claim.fence, reviewer)
    if random.random() < 0.015:
        with clock.at(clock.now() + timedelta(seconds=9)):
            reopened = review.undo(decision, by=reviewer)
            _decide(history, reopened, reopened.fence, reviewer)
    elif random.random() < 0.04 and round.purpose == Round.Purpose.FIRST:
        queues.ask_second_opinion(round.item, by=reviewer)
    return True


def _decide(history: History, round: Round, fence: int, reviewer: User) -> Decision:
    theme = history.truth[history.generations[round.item_id]]
    random = history.random
    strictness = history.cast.strictness(reviewer)
    verdict = _verdict(theme, random, strictness)
    return review.decide(
        round,
        fence=fence,
        verdict=verdict,
        findings=[_finding(history, theme)] if verdict == Verdict.VIOLATING else [],
        note=_note(round.item, verdict, random),
        wrong=_wrong(round.item, random) if verdict == Verdict.BENIGN and random.random() < 0.15 else None,
        by=reviewer,
    )


def _note(item: Item, verdict: Verdict, random: Random) -> str:
    if verdict != Verdict.NO_POLICY_FITS:
        return texts.note(random)
    return texts.gap(Content.objects.get(pk=item.generation_id).messages, random)


def _wrong(item: Item, random: Random) -> Wrong | None:
    alert = Alert.objects.filter(generation=item.generation_id, detector_version__isnull=False).order_by("pk").first()
    return Wrong(alert.pk, random.choice(DetectorWrong.Kind.values)) if alert else None


def _verdict(theme: Theme, random: Random, strictness: int) -> Verdict:
    if random.random() < 0.01:
        return Verdict.CANNOT_JUDGE
    if theme.name == "Nothing that a clause names":
        return Verdict.NO_POLICY_FITS if random.random() < 0.8 else Verdict.BENIGN
    is_violating = bool(theme.clause) and random.randrange(100) < theme.violating + strictness
    return Verdict.VIOLATING if is_violating else Verdict.BENIGN


def _finding(history: History, theme: Theme) -> Finding:
    random = history.random
    step = random.choices((-1, 0, 1), (20, 65, 15))[0]
    severity = min(max(history.usual_severity[theme.clause] + step, Severity.MINOR), Severity.CRITICAL)
    return Finding(
        clause=theme.clause,
        severity=severity,
        side=random.choices((Side.INTERACTION, Side.PROMPT, Side.COMPLETION), (60, 25, 15))[0],
        complied=random.choices((True, False, None), (55, 35, 10))[0],
    )
