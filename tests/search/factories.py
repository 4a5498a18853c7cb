"""Items with words in them, indexed as the sweep does."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from incidents.queues.models import Item
from incidents.search import operations
from tests.factories import make_alert, make_generation, make_item


def make_searchable(text: str, **fields: Any) -> Item:
    """Make an item whose one message is ``text``, from an hour ago unless told."""
    alert = fields.pop("alert", {})
    fields.setdefault("occurred_at", timezone.now() - timedelta(hours=1))
    generation = make_generation(messages=[{"role": "user", "content": text}], **fields)
    item = make_item(generation=make_alert(generation=generation, **alert).generation)
    operations.wait_for_index([generation.pk])
    return item


def index() -> None:
    while operations.index_documents():
        pass
