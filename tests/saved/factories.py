from typing import Any

from tests.factories import NOW, make_user
from trust.saved.models import SavedView


def make_view(**fields: Any) -> SavedView:
    """Make a view of search, of a person's own; ``place="items"`` makes one of the list of all items."""
    values = {"place": "search", "name": "Tea", "query": {"q": "tea"}, "created_at": NOW, **fields}
    values.setdefault("owner", make_user(role="lead"))
    return SavedView.objects.create(**values)
