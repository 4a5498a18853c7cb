"""Eight weeks of decided items, made through the operations under a given clock before the walk begins.

In every week most policies were broken by as many actors as a published number needs; one was broken by too few.
Runs inside the installation: ``manage.py shell -c "from tests.end_to_end import history; history.make()"``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from incidents.intake import operations as intake
from incidents.queues import operations as queues
from incidents.queues.models import Queue, Round
from incidents.review import operations as review
from incidents.review.findings import Finding
from policies.vocabulary import Verdict
from trust import clock
from trust.accounts.models import User

WEEKS = 8
SOURCE = "gateway"

# What was found, and by how many accounts in each week.
FOUND = {
    "spam.reviews": 13,
    "fraud.phishing": 12,
    "harassment.targeted": 12,
    "cyber.malware": 11,
    "violence.incitement": 10,
    "privacy.personal_data": 3,
}


def make() -> None:
    """Make the history up to this week."""
    reviewer = User.objects.get(email="reviewer-2@example.org")
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
    monday = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    for week in range(WEEKS, 0, -1):
        moment = monday - timedelta(weeks=week) + timedelta(hours=30)
        with transaction.atomic(), clock.at(moment):  # at once: the running worker would route it at its own time
            intake.accept(list(_alerts(week, moment)), source=SOURCE)
            queues.route_alerts()
        with clock.at(moment + timedelta(minutes=20)):
            _decide_all(reviewer)


def _alerts(week: int, moment: datetime) -> Iterator[dict[str, Any]]:
    for clause, accounts in FOUND.items():
        for account in range(accounts):
            yield _alert(f"h-{week}-{clause}-{account}", moment, use_case=clause, account=f"acct_h{account}")


def _alert(name: str, moment: datetime, *, use_case: str, account: str) -> dict[str, Any]:
    return {
        "external_id": name,
        "occurred_at": moment.isoformat(),
        "kind": "detector",
        "generation": {
            "external_id": name,
            "use_case": use_case,
            "messages": [{"role": "user", "content": f"Request {name} of the walk's past."}],
        },
        "actor": {"kind": "account", "external_id": account},
    }


def _decide_all(reviewer: User) -> None:
    queue = Queue.objects.get(is_default=True)
    while claim := queues.claim(queue, by=reviewer):
        round = Round.objects.select_related("item__generation").get(pk=claim.round_id)
        clause = round.item.generation.use_case
        finding = Finding(clause=clause, severity=2, complied=True)
        review.decide(round, fence=claim.fence, verdict=Verdict.VIOLATING, findings=[finding], by=reviewer)
