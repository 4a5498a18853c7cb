from io import StringIO

import pytest
from django.core.management import call_command

from incidents.queues import grouping, operations, queries
from incidents.queues.models import Group, GroupedText, GroupMember, Item, ItemToGroup
from incidents.queues.operations import grouping as grouping_operations, regrouping
from tests.factories import make_generation, make_item

pytestmark = pytest.mark.django_db

WORDS = [f"word{number}" for number in range(40)]


def make_old_item(*words: str) -> Item:
    """Make an item that nothing was noted for."""
    return make_item(generation=make_generation(messages=[{"role": "user", "content": " ".join(words)}]))


def regroup(*options: str) -> list[str]:
    said = StringIO()
    call_command("regroup", *options, stdout=said)
    return said.getvalue().splitlines()


def test_items_from_before_are_grouped_and_counted():
    first = make_old_item(*WORDS)
    make_old_item("kettle", *WORDS[1:])
    make_old_item("something", "else", "altogether")
    make_old_item("")

    assert regroup() == [f"item {first.pk} and those like it: 2", "items 4, joined 1, led 2, alone 1"]

    assert Group.objects.count() == 2
    assert regroup() == ["items 1, joined 0, led 0, alone 1"]


def test_a_dry_run_says_the_same_and_changes_nothing():
    first = make_old_item(*WORDS)
    make_old_item(*WORDS)

    assert regroup("--dry-run") == [f"item {first.pk} and those like it: 2", "items 2, joined 1, led 1, alone 0"]

    for model in (Group, GroupedText, GroupMember, ItemToGroup):
        assert not model.objects.exists()


def test_what_an_older_comparison_grouped_is_grouped_anew(monkeypatch):
    for _item in range(2):
        make_old_item(*WORDS)
    regroup()
    for module in (grouping, grouping_operations, regrouping):
        monkeypatch.setattr(module, "VERSION", 2)

    assert regroup()[-1] == "items 2, joined 1, led 1, alone 0"

    assert set(GroupMember.objects.values_list("group__version", flat=True)) == {2}
    assert queries.homes_of_texts([bytes(text.digest) for text in GroupedText.objects.filter(version=2)])


def test_it_stops_at_as_many_as_it_was_told():
    for _item in range(3):
        make_old_item(*WORDS)

    assert operations.regroup(most=2).items == 2
    assert GroupMember.objects.count() == 2
