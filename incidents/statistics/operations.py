"""Every write of statistics: the rollups, which can be made again from the decisions at any time."""

from django.db import connection, transaction

from incidents.review import operations as review
from incidents.statistics import facts
from incidents.statistics.tables import Cut
from trust.accounts.models import User
from trust.audit.operations import record

INSERT = f"insert into statistics_dailycount ({facts.COLUMNS}, count)"


@transaction.atomic
def count_some(limit: int) -> int:
    """Take up to ``limit`` decisions that are to be counted and add them up. Returns how many were taken.

    Several may run at once. No audit event: it derives numbers from what the audit already holds.
    """
    taken = review.take_decisions_to_count(limit)
    if not taken:
        return 0
    decisions, weights = zip(*taken, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with {facts.counted_from(facts.TAKEN)} {INSERT} {facts.added_up("counted")}
            on conflict on constraint dailycount_once do update set count = statistics_dailycount.count + excluded.count
            """,
            {"decisions": list(decisions), "weights": list(weights)},
        )
    return len(taken)


@transaction.atomic
def rebuild() -> int:
    """Make the rollups again from the decisions; what is still to be counted stays to do. Returns the rows made.

    Sweeps wait meanwhile; decisions do not.
    """
    with connection.cursor() as cursor:
        cursor.execute("lock table statistics_dailycount in share row exclusive mode")
        cursor.execute("delete from statistics_dailycount")
        cursor.execute(f"with {facts.counted_from(facts.COUNTED)} {INSERT} {facts.added_up('counted')}")
        rows: int = cursor.rowcount
    record("statistics.rebuilt", on=[], by=None, data={"rows": rows})
    return rows


@transaction.atomic
def note_export(cut: Cut, *, by: User) -> None:
    """Record that ``by`` took exact counts out; what may be published needs no record."""
    asked = {"by": cut.by.value, "across": cut.across.value, "from": str(cut.first), "to": str(cut.last)}
    record("statistics.exported", on=[], by=by, data={**asked, **cut.named})
