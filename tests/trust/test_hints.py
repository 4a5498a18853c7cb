"""Hints wake the worker: few messages, and always one after the last change."""

import itertools
import time
from collections.abc import Callable, Iterator
from queue import Empty

import pytest
from django.db import transaction

from trust import broker
from trust.celery import app, hint, without_hints

Next = Callable[[float], str | None]

numbers = itertools.count()


@pytest.fixture
def task() -> str:
    """A task that nobody hinted at before."""
    return f"tests.task_{next(numbers)}"


@pytest.fixture
def next_message() -> Iterator[Next]:
    """Wait at most so many seconds for the next message about a task of these tests, and return the task."""
    with app.connection_for_read() as connection, connection.SimpleQueue(broker.QUEUE) as queue:
        queue.clear()

        def wait(seconds: float) -> str | None:
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                try:
                    message = queue.get(timeout=left)
                except Empty:
                    return None
                message.ack()
                if (name := str(message.headers["task"])).startswith("tests."):
                    return name  # any other is a late hint of a test before
            return None

        yield wait


@pytest.mark.django_db(transaction=True)
def test_a_hint_goes_out_when_the_transaction_commits(task, next_message):
    with transaction.atomic():
        hint(task)
        before_commit = next_message(0.05)

    assert before_commit is None
    assert next_message(5) == task


@pytest.mark.django_db(transaction=True)
def test_hints_in_one_second_become_two_messages_the_second_after_the_last_of_them(task, next_message):
    for _ in range(20):
        hint(task)

    assert next_message(5) == task
    assert next_message(0.05) is None
    assert next_message(5) == task
    assert next_message(1.2) is None


@pytest.mark.django_db(transaction=True)
def test_none_goes_out_while_nobody_works_yet(task, next_message):
    with without_hints():
        hint(task)

    assert next_message(0.05) is None
    hint(task)
    assert next_message(5) == task
