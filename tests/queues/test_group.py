import threading

import pytest
from django.db import connection

from incidents.intake import operations as intake
from incidents.intake.models import AlertToRoute
from incidents.queues import grouping, operations, tasks
from incidents.queues.models import Group, GroupedText, GroupKey, GroupMember, Item, ItemToGroup
from incidents.queues.operations import grouping as under_test
from tests.factories import make_alert, make_generation, make_item, make_queue
from trust import sweeps

pytestmark = pytest.mark.django_db

WORDS = [f"word{number}" for number in range(40)]
TEXT = " ".join(WORDS)
NEAR = " ".join(["kettle", "ladder", *WORDS[2:]])
FAR = " ".join(["kettle"] * 8 + WORDS[8:])


def make_waiting_item(*contents: str, **fields) -> Item:
    """Make an item that waits for its group, with one message for each of ``contents``."""
    messages = [{"role": "user", "content": content} for content in contents]
    item = make_item(generation=make_generation(messages=messages, **fields))
    ItemToGroup.objects.create(item=item)
    return item


def groups_of(*items: Item) -> list[int | None]:
    found = dict(GroupMember.objects.values_list("item", "group"))
    return [found.get(item.pk) for item in items]


def test_a_new_text_leads_a_group_of_one():
    item = make_waiting_item(TEXT)

    assert operations.group_items() == 1

    group = Group.objects.get()
    assert (group.leader, group.size, group.word_count, group.version) == (item, 1, 40, grouping.VERSION)
    assert group.members.get().item == item
    assert GroupKey.objects.filter(group_id=group.pk).count() == 16
    assert not ItemToGroup.objects.exists()


@pytest.mark.parametrize("one_batch", [True, False])
def test_identical_and_near_identical_texts_join_across_actors_and_others_do_not(one_batch):
    first = make_waiting_item(TEXT)
    if not one_batch:
        operations.group_items()
    same, near, far = (make_waiting_item(text) for text in (TEXT.upper(), NEAR, FAR))

    operations.group_items()

    joined = groups_of(first, same, near, far)
    assert joined[0] == joined[1] == joined[2] != joined[3]
    assert Group.objects.get(pk=joined[0]).size == 3
    assert GroupKey.objects.filter(group_id=joined[0]).count() == 16


def test_a_text_that_a_member_had_is_known_by_its_digest_however_far_from_other_leaders():
    make_waiting_item(TEXT)
    near = make_waiting_item(NEAR)
    operations.group_items()
    again = make_waiting_item(NEAR)

    operations.group_items()

    assert groups_of(again) == groups_of(near)
    assert GroupedText.objects.count() == 2


def test_every_message_must_be_close():
    one = make_waiting_item(TEXT, "Brew the tea for five minutes.")
    other = make_waiting_item(TEXT, "Paint the shed in a dark green.")

    operations.group_items()

    first, second = groups_of(one, other)
    assert first != second


def test_restricted_content_and_what_has_no_word_stay_by_themselves():
    restricted = make_waiting_item(TEXT, restricted=True)
    empty, open_one = make_waiting_item(""), make_waiting_item(TEXT)

    assert operations.group_items() == 3

    assert groups_of(restricted, empty) == [None, None]
    assert Group.objects.get().leader == open_one
    assert not ItemToGroup.objects.exists()


def test_what_becomes_restricted_leaves_its_group_and_is_compared_with_nothing():
    leader, member = make_waiting_item(TEXT), make_waiting_item(NEAR)
    operations.group_items()
    intake.restrict(leader.generation, category="child_safety", by=None)
    operations.move_to_restricted_queue([leader.generation_id], category="child_safety")
    third = make_waiting_item(TEXT.replace("word9 ", "lantern "))

    operations.group_items()

    assert groups_of(leader) == [None]
    assert Group.objects.get(pk=groups_of(member)[0]).size == 1
    assert groups_of(third) != groups_of(member)


def test_another_version_of_the_comparison_starts_afresh(monkeypatch):
    old = make_waiting_item("very lovely tea")
    operations.group_items()
    monkeypatch.setattr(grouping, "VERSION", 2)
    monkeypatch.setattr(under_test, "VERSION", 2)
    new = make_waiting_item("very lovely tea")

    operations.group_items()

    assert groups_of(old) != groups_of(new)


def test_routing_writes_down_what_is_to_be_grouped():
    make_queue(is_default=True)
    AlertToRoute.objects.create(alert=make_alert())

    operations.route_alerts()

    assert ItemToGroup.objects.get().item == Item.objects.get()


def test_grouping_waits_while_routing_is_behind(monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 1)
    make_queue(is_default=True)
    for _alert in range(2):
        AlertToRoute.objects.create(alert=make_alert())
    ItemToGroup.objects.create(item=make_item())

    tasks.group()
    left_while_behind = ItemToGroup.objects.count()
    tasks.route()
    tasks.group()

    assert left_while_behind == 1
    assert not ItemToGroup.objects.exists()


def test_grouping_routes_the_few_that_wait_so_that_no_thread_keeps_them_waiting():
    make_queue(is_default=True)
    AlertToRoute.objects.create(alert=make_alert())
    ItemToGroup.objects.create(item=make_item())

    tasks.group()

    assert not AlertToRoute.objects.exists()
    assert not ItemToGroup.objects.exists()


def test_more_than_a_batch_asks_a_second_thread_to_help(monkeypatch):
    asked = []
    monkeypatch.setattr(tasks, "hint", asked.append)
    monkeypatch.setattr(tasks, "GROUPED_AT_ONCE", 1)
    make_waiting_item(TEXT)

    tasks.group()

    assert asked == ["incidents.queues.tasks.group"]


def test_a_batch_stops_at_its_size_in_characters(monkeypatch):
    monkeypatch.setattr(under_test, "MOST_CHARACTERS", len(TEXT) + 1)
    for _item in range(3):
        make_waiting_item(TEXT)

    assert [operations.group_items() for _batch in range(3)] == [2, 1, 0]


def test_a_batch_takes_as_many_queries_with_two_items_as_with_sixty(django_assert_num_queries):
    make_waiting_item(TEXT)
    operations.group_items()
    for many in (2, 60):
        for number in range(many):
            make_waiting_item(f"{NEAR} {number}")
            make_waiting_item(" ".join(f"{many}-{number}-{word}" for word in WORDS))
        with django_assert_num_queries(14):
            operations.group_items()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_group_of_one_text_and_of_what_follows_it(monkeypatch):
    for _item in range(2):
        make_waiting_item(TEXT)
    near = make_waiting_item(NEAR), make_waiting_item(NEAR.replace("word9 ", ""))
    first_took, both_decided = threading.Event(), threading.Barrier(2)
    plan = under_test._plan

    def wait_for_the_other(texts):
        found = plan(texts)
        first_took.set()
        both_decided.wait(5)
        if threading.current_thread() is second:
            first.join()  # so that the leader of three texts finds its own text in another group
        return found

    monkeypatch.setattr(under_test, "_plan", wait_for_the_other)

    def work(limit):
        try:
            operations.group_items(limit)
        finally:
            connection.close()

    first, second = (threading.Thread(target=work, args=(limit,)) for limit in (1, 3))
    first.start()
    assert first_took.wait(5)
    second.start()
    for worker in (first, second):
        worker.join()

    group = Group.objects.get()
    assert set(groups_of(*Item.objects.all(), *near)) == {group.pk}
    assert group.size == 4
    assert set(GroupedText.objects.values_list("group", flat=True)) == {group.pk}
    assert GroupKey.objects.count() == 16


@pytest.mark.django_db(transaction=True)
def test_a_failed_batch_leaves_its_items_to_be_grouped(monkeypatch):
    make_waiting_item(TEXT)
    monkeypatch.setattr(under_test, "_insert_members", lambda of_item: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        operations.group_items()

    assert ItemToGroup.objects.count() == 1
    assert not GroupedText.objects.exists()


def attached(*digests: str | None) -> list[dict]:
    """Make one message of TEXT with an image for each digest."""
    images = [{"kind": "image"} | ({"sha256": digest * 32} if digest else {}) for digest in digests]
    return [{"role": "user", "content": TEXT, "attachments": images}]


def test_equal_texts_with_other_attachments_are_not_alike_and_with_the_same_ones_are():
    plain = make_waiting_item(TEXT)
    one, same, other, both = (
        make_item(generation=make_generation(messages=attached(*digests)))
        for digests in (["a1"], ["a1"], ["b2"], ["a1", "b2"])
    )
    ItemToGroup.objects.bulk_create(ItemToGroup(item=item) for item in (one, same, other, both))

    operations.group_items()

    found = groups_of(plain, one, other, both)
    assert len(set(found)) == 4
    assert groups_of(one) == groups_of(same)


def test_an_item_with_an_attachment_that_no_digest_tells_from_others_stays_by_itself():
    unknown = [make_item(generation=make_generation(messages=attached(None))) for _item in range(2)]
    ItemToGroup.objects.bulk_create(ItemToGroup(item=item) for item in unknown)

    operations.group_items()

    assert groups_of(*unknown) == [None, None]
    assert not ItemToGroup.objects.exists()


def test_much_is_routed_and_grouped_a_while_at_a_time(monkeypatch):
    hints: list[str] = []
    monkeypatch.setattr(sweeps, "hint", hints.append)
    monkeypatch.setattr(sweeps, "SECONDS_AT_ONCE", 0)

    monkeypatch.setattr(operations, "route_alerts", lambda: 1)
    tasks.route()
    assert hints == ["incidents.queues.tasks.route"]

    monkeypatch.setattr(operations, "group_items", lambda: 1)
    tasks.group()
    assert hints[1:] == ["incidents.queues.tasks.route", "incidents.queues.tasks.group"]
