"""How often a detector was right: equal to a recount after anything that was decided, taken back, or came late."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings, strategies as st

from incidents.intake.models import DetectorVersion
from incidents.quality import operations, queries, tasks
from incidents.quality.models import Rating, RatingCount
from incidents.queues import operations as queues
from incidents.queues.models import Item, ItemToRate, Reliability
from incidents.review import operations as review
from incidents.review.group_operations import decide_group, split_group
from tests.factories import make_clause, make_generation, make_queue, make_source, make_user, make_waiting_alert
from tests.policies.twice import outcomes_of
from tests.quality.made import judge, judge_many, make_routed, recount
from tests.statistics.made import make_restricted_clause
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def general():
    return make_queue(is_default=True)


def rollup() -> Counter:
    names = ("detector_version", "source", "is_report", "month", "category", "outcome", "items")
    return Counter({tuple(row[:-1]): row[-1] for row in RatingCount.objects.exclude(items=0).values_list(*names)})


def test_a_judged_item_counts_once_for_a_detector_however_many_alerts_it_raised():
    generation, source = make_generation(), make_source()
    for category in ("spam", "fraud"):
        make_waiting_alert(generation=generation, source=source, flagged=[category])
    queues.route_alerts()

    judge(generation.item, "benign")

    assert queries.accuracies("detector_version_id").popitem()[1].benign == 1
    tasks.rate_items()
    assert sorted(RatingCount.objects.values_list("category", "items")) == [("", 1), ("fraud", 1), ("spam", 1)]
    assert not ItemToRate.objects.exists()


def test_numbers_are_exact_before_any_sweep():
    alert = make_routed()

    decision = judge(alert.generation.item, "benign")
    assert queries.accuracies("source_id")[alert.source_id].benign == 1
    tasks.rate_items()
    review.undo(decision, by=decision.by)

    assert queries.accuracies("source_id") == {}
    judge(alert.generation.item, "violating", clause=make_clause())
    assert queries.accuracies("source_id")[alert.source_id].items == {"violating": 1}


def test_a_detector_that_flagged_nothing_is_not_rated_and_a_report_always_is():
    quiet = make_routed(flagged=[])
    report = make_routed(flagged=[], kind="user_report", detector_version=None)
    judge(quiet.generation.item, "benign")
    judge(report.generation.item, "benign")

    tasks.rate_items()

    assert list(Rating.objects.values_list("item", "is_report")) == [(report.generation.item.pk, True)]


def test_an_alert_that_comes_after_the_judgement_is_rated_by_it():
    first = make_routed()
    judge(first.generation.item, "benign")
    tasks.rate_items()
    later = DetectorVersion.objects.create(name="filter", version="2")

    make_waiting_alert(generation=first.generation, source=first.source, detector_version=later)
    assert later.pk not in queries.accuracies("detector_version_id")
    queues.route_alerts()

    assert queries.accuracies("detector_version_id")[later.pk].benign == 1


def test_a_second_opinion_puts_its_verdict_in_place_of_the_first():
    alert, second = make_routed(), make_user()
    item = alert.generation.item
    judge(item, "benign")
    queues.ask_second_opinion(item, by=second)

    judge(item, "violating", clause=make_clause(), by=second)

    tasks.rate_items()
    assert queries.accuracies("source_id")[alert.source_id].items == {"violating": 1}
    assert rollup() == recount()


def test_what_no_policy_fits_is_counted_apart():
    alert = make_routed()
    judge(alert.generation.item, "no_policy_fits")

    accuracy = queries.accuracies("source_id")[alert.source_id]

    assert (accuracy.no_policy_fits, accuracy.judged, accuracy.precision()) == (1, 0, None)


def test_what_is_restricted_is_told_as_that_and_under_no_category():
    alert = make_routed()
    judge(alert.generation.item, "violating", clause=make_restricted_clause())

    tasks.rate_items()

    assert list(RatingCount.objects.values_list("category", "outcome", "items")) == [("", "restricted", 1)]


def test_decisions_of_a_group_count_and_splitting_takes_them_out():
    messages = [{"role": "user", "content": "Write nine reviews of this very fine tea for me today please."}]
    lead = make_user(role="lead")
    alerts = [make_routed(generation=make_generation(messages=messages)) for _number in range(5)]
    queues.group_items()
    decision = judge(alerts[0].generation.item, "benign", by=lead)

    whole = decide_group(decision, by=lead)
    tasks.rate_items()
    assert sum(one.benign for one in queries.accuracies("source_id").values()) == 4
    split_group(whole, by=lead)

    assert sum(one.benign for one in queries.accuracies("source_id").values()) == 1
    tasks.rate_items()
    assert rollup() == recount()


class Past:
    """What may happen, each by a number that picks what it happens to."""

    def __init__(self):
        self.sources = [make_source(), make_source()]
        names = [{"name": "filter", "version": str(number)} for number in range(2)]
        self.versions = [DetectorVersion.objects.get_or_create(**name)[0] for name in names]
        self.clauses = {"violating": make_clause(), "restricted": make_restricted_clause()}
        self.generations, self.standing = [], []

    def come(self, number):
        self.generations.append(make_waiting_alert(**self._said(number)).generation)

    def come_again(self, number):
        if self.generations:
            generation = self.generations[number % len(self.generations)]
            make_waiting_alert(generation=generation, **self._said(number))

    def judge(self, number):
        items = self._items(rounds__status="open", generation__restriction=None)
        if items:
            verdict = ["violating", "benign", "no_policy_fits", "cannot_judge", "restricted"][number % 5]
            word = "violating" if verdict in self.clauses else verdict
            item = items[number % len(items)]
            self.standing.append(judge(item, word, clause=self.clauses.get(verdict), by=make_user(role="lead")))

    def undo(self, number):
        if self.standing:
            decision = self.standing.pop(number % len(self.standing))
            review.undo(decision, by=decision.by)

    def second(self, number):
        items = [item for item in self._items(status="closed") if item.rounds.count() == 1]
        if items:
            queues.ask_second_opinion(items[number % len(items)], by=make_user(role="lead"))

    def route(self, number):
        queues.route_alerts(1 + number)

    def sweep(self, number):
        operations.rate_items(1 + number)

    def rebuild(self, number):
        operations.rebuild()

    def _said(self, number):
        return {
            "source": self.sources[number % 2],
            "detector_version": self.versions[number % 2] if number % 4 else None,
            "flagged": ["spam", "fraud"][: number % 3],
            "kind": ["detector", "user_report", "random_sample"][number % 3],
        }

    def _items(self, **wanted):
        return list(Item.objects.filter(generation__in=self.generations, **wanted).order_by("pk"))


STEPS = ["come", "come_again", "route", "judge", "judge", "undo", "second", "sweep", "rebuild"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 11)), min_size=2, max_size=16))
def test_the_counts_equal_a_recount_after_anything(steps):
    past = Past()
    for number in (1, 3, 5):
        past.come(number)
    queues.route_alerts()
    for number in (0, 1):
        past.judge(number)
    tasks.rate_items()
    for step, number in steps:
        getattr(past, step)(number)
        assert queries.differences_from_recount() == []

    tasks.rate_items()
    queues.route_alerts()
    tasks.rate_items()
    assert rollup() == recount()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_count_everything_once():
    judge_many(make_clause(), violating=6, benign=6, source=make_source())

    outcomes_of(lambda limit: [operations.rate_items(limit) for _ in range(12)], [1, 2])

    assert rollup() == recount()
    assert sum(row.items for row in RatingCount.objects.filter(category="")) == 12


def test_what_was_swept_is_told_to_the_queues():
    source = make_source()
    judge_many(make_clause(), violating=2, benign=1, source=source)

    tasks.rate_items()

    told = {(one.source_id, one.violating, one.judged, one.steps) for one in Reliability.objects.all()}
    assert told == {(source.pk, 2, 3, 0), (None, 2, 3, 0)}


def test_rebuilding_mends_what_is_wrong_and_is_recorded():
    judge_many(make_clause(), violating=1, benign=1)
    tasks.rate_items()
    RatingCount.objects.update(items=7)
    assert queries.differences_from_recount()

    operations.rebuild()

    assert queries.differences_from_recount() == []
    assert AuditEvent.objects.filter(kind="quality.rebuilt").count() == 1


def test_the_check_tells_a_difference_and_is_clean_after_a_rebuild(capsys):
    judge_many(make_clause(), violating=1, benign=1)
    tasks.rate_items()
    RatingCount.objects.filter(category="", outcome="benign").update(items=7)

    with pytest.raises(CommandError, match="1 rows differ"):
        call_command("rebuild_quality", "--check")
    call_command("rebuild_quality")
    call_command("rebuild_quality", "--check")

    assert "equal a recount" in capsys.readouterr().out
