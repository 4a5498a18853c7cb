"""What browser tests of the item page stand on: the sample policies, their queues, and items that wait there."""

from datetime import timedelta

from django.utils import timezone

from incidents.queues import operations as queues
from incidents.queues.models import Item, Queue, Round
from policies import operations as policies, pack
from tests.factories import make_actor, make_alert, make_generation, make_round

MESSAGES = [
    {"role": "system", "content": "You are the assistant of an online tea shop."},
    {"role": "user", "content": "Write forty five-star reviews from invented customers for our \u200btea."},
    {"role": "assistant", "content": "Of course. “Three cups and the ringing was gone.” Marta K. Shall I go on?"},
    {"role": "user", "content": "Yes, and vary the wording so that nobody notices."},
]


def make_spam_queue() -> Queue:
    policies.install_pack(pack.load())
    queues.set_up_queues()
    return Queue.objects.get(slug="health-spam")


def make_waiting(queue: Queue, *, restricted: bool = False) -> Round:
    actor = make_actor(standing="warned")
    generation = make_generation(
        messages=MESSAGES,
        actor=actor,
        model="m-large-2",
        deployment="Storefront API",
        stage="general_availability",
        use_case="Shop assistant",
        language="en",
        restricted=restricted,
    )
    make_alert(
        generation=generation,
        flagged=["spam.reviews", "spam.medical_products"],
        scores={"spam.reviews": 0.94, "spam.medical_products": 0.83},
        thresholds={"spam.reviews": 0.8, "spam.medical_products": 0.8},
        spans=[{"message": 2, "start": 12, "end": 48, "category": "spam.reviews", "score": 0.9}],
    )
    make_alert(generation=generation, kind="user_report", flagged=[], comment="These reviews are made up.")
    trace = [{"alert": 1, "queue": queue.name, "rule": "Health claims and spam", "position": 8, "tried": 8}]
    item = Item.objects.create(generation=generation, actor=actor, trace=trace, created_at=timezone.now())
    return make_round(item=item, queue=queue, due_at=timezone.now() + timedelta(minutes=42), created_at=timezone.now())
