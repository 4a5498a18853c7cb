"""The turns of a bulk action, as a lead and the worker take them."""

from incidents.queues.models import Round
from incidents.review import tasks
from incidents.review.bulk import operations as bulks, steps
from incidents.review.models import Bulk
from tests.factories import make_queue, make_round, make_user
from trust.jobs import operations as jobs

BENIGN = {"action": "benign", "values": {}, "reason": "A test of the shop, by its own staff."}


def make_rounds(count: int, **fields) -> list[Round]:
    queue = fields.pop("queue", None) or make_queue()
    return [make_round(queue=queue, **fields) for _row in range(count)]


def select(queue, by=None) -> Bulk:
    return bulks.store({"queue": queue.slug}, by=by or make_user(role="lead"))


def start(bulk: Bulk, **act) -> Bulk:
    act = {**BENIGN, **act}
    return bulks.start(bulk, count=bulk.count, digest=bulk.digest, by=bulk.made_by, **act)


def work_on(bulk: Bulk, **act) -> Bulk:
    bulk = start(bulk, **act)
    while fresh(bulk).job.is_open:  # one turn takes ten seconds at most
        tasks.do_in_bulk()
    return fresh(bulk)


def take_back(bulk: Bulk, by=None) -> Bulk:
    bulks.undo(bulk, by=by or bulk.made_by)
    while fresh(bulk).undoing.is_open:
        tasks.undo_in_bulk()
    return fresh(bulk)


def fresh(bulk: Bulk) -> Bulk:
    return Bulk.objects.select_related("job", "undoing", "made_by").get(pk=bulk.pk)


def outcomes(bulk: Bulk) -> list[str]:
    return list(bulk.parts.order_by("place").values_list("outcome", flat=True))


def do_one_step() -> None:
    jobs.work_once(bulks.DOING, step=steps.do_some, end=steps.end)
