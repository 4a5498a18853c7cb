"""The published evaluation set as a whole: imported, judged as its labels say, and counted to the figures it names."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from incidents.intake.models import Alert
from incidents.queues import operations as queues
from incidents.queues.models import Item, Queue, Round
from incidents.review import operations as review
from incidents.review.findings import Finding
from incidents.statistics import queries as statistics, tasks
from incidents.statistics.tables import Across, Cut, Period
from policies.models import Mapping
from tests.factories import make_clearance, make_user
from tests.samples import sample
from trust import clock
from trust.accounts.models import User

SAMPLES = "openai-moderation/samples-1680.jsonl.gz"
LINES = 1680

# label: 1, 0, unknown; as the data's own description counts them
LABELS = {
    "S": (237, 747, 696),
    "H": (162, 609, 909),
    "V": (94, 1356, 230),
    "HR": (76, 1368, 236),
    "SH": (51, 1396, 233),
    "S3": (85, 909, 686),
    "H2": (41, 720, 919),
    "V2": (24, 1423, 233),
}
OPEN_LABELS = [label for label in LABELS if label != "S3"]

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("fresh_plans")
def test_the_evaluation_set_is_counted_as_it_says_itself():
    call_command("publish_default_pack", verbosity=0)
    call_command("set_up_queues", verbosity=0)
    call_command(
        "import_alerts", str(sample(SAMPLES)), "--format", "openai-moderation-eval", "--source", "eval", verbosity=0
    )
    while queues.route_alerts():
        pass
    reviewer, clause_of = make_user(), clauses()
    make_clearance(reviewer)

    for queue in Queue.objects.order_by("pk"):
        while claim := queues.claim(queue, by=reviewer):
            judge_as_labelled(claim, clause_of, by=reviewer)
    tasks.count_decisions()

    assert Item.objects.count() == LINES
    assert labels_on_the_alerts() == LABELS
    table = counted_today()
    found = {label: table.total_of_column(clause_of[label]).count for label in OPEN_LABELS}
    assert found == {label: LABELS[label][0] for label in OPEN_LABELS}
    assert clause_of["S3"] not in {column.key for column in table.columns}
    assert statistics.referrals(table.cut).count == LABELS["S3"][0]
    assert statistics.differences_from_recount() == []


def judge_as_labelled(claim: queues.Claim, clause_of: dict[str, str], *, by: User) -> None:
    """Turn each label that is 1 into one violation; what is 0 or unknown stays on the alert."""
    labels = Alert.objects.get(generation__item=claim.item_id).labels
    found = [Finding(clause=clause, severity=2) for label, clause in clause_of.items() if labels.get(label)]
    review.decide(
        Round.objects.get(pk=claim.round_id),
        fence=claim.fence,
        verdict="violating" if found else "benign",
        findings=found,
        by=by,
    )


def clauses() -> dict[str, str]:
    mappings = Mapping.objects.filter(taxonomy="openai-moderation-eval").order_by("category")
    return dict(mappings.values_list("category", "clause__key"))


def labels_on_the_alerts() -> dict[str, tuple[int, int, int]]:
    said: Counter[tuple[str, bool]] = Counter()
    for labels in Alert.objects.values_list("labels", flat=True):
        said.update(labels.items())
    return {
        label: (said[label, True], said[label, False], LINES - said[label, True] - said[label, False])
        for label in LABELS
    }


def counted_today() -> statistics.Table:
    today = clock.now().date()
    monday: date = today - timedelta(days=today.weekday())
    return statistics.table(Cut(Period.WEEK, Across.CLAUSE, monday, monday + timedelta(days=6)), today)
