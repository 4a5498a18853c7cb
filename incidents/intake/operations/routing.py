from django.db import connection


def take_alerts_to_route(limit: int) -> list[int]:
    """Take up to ``limit`` alerts off the list of what the queues must route and return their ids, oldest first.

    They are gone when the caller's transaction commits, and back when it does not; what another takes is left alone.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("alerts to route are taken inside the transaction that routes them")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            delete from intake_alerttoroute where alert_id = any(array(
                select alert_id from intake_alerttoroute order by alert_id limit %s for update skip locked
            ))
            returning alert_id
            """,
            [limit],
        )
        return sorted(alert_id for (alert_id,) in cursor.fetchall())
