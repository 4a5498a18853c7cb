"""Grouping near-identical items, a batch at a time: the cost of a text does not grow with how many came before it.

Leaders alone are found by keys; every text that was seen is found by its digest. A batch asks what is known, decides in
memory, and writes. Digests go in first and sorted: where another worker stored one meanwhile, its group holds.
"""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from django.db import transaction

from incidents.intake import queries as intake
from incidents.queues import grouping, queries
from incidents.queues.grouping import VERSION, Text
from incidents.queues.queries import Home, Leader
from trust import clock, prepared
from trust.celery import hint

BATCH: Final = 1_000
MOST_CHARACTERS: Final = 2_000_000  # of a batch, so that long texts do not fill the memory

_TAKE: Final = """
    with waiting as (
        select item_id from queues_itemtogroup order by item_id limit %s for update skip locked
    ), sized as (
        select waiting.item_id, i.generation_id, size, sum(size) over (order by waiting.item_id) as running
        from waiting
        join queues_item i on i.id = waiting.item_id
        left join intake_content c on c.generation_id = i.generation_id
        cross join lateral (select coalesce(sum(length), 0) as size from unnest(c.lengths) length) whole
    )
    delete from queues_itemtogroup t using sized
    where t.item_id = sized.item_id and running - size < %s
    returning t.item_id, sized.generation_id
"""


@dataclass
class Plan:
    """What is to become of the texts of a batch: {digest: group}, and the keys of new groups, numbered already."""

    group_of: dict[bytes, int] = field(default_factory=dict)
    new: dict[int, list[int]] = field(default_factory=dict)
    leading: dict[int, Text] = field(default_factory=dict)


def wait_for_group(item_ids: Collection[int]) -> None:
    """Note new items as to be compared with others, and wake the comparing. Call it in the transaction they come in."""
    if item_ids:
        _write("insert into queues_itemtogroup (item_id) select unnest(%b::bigint[]) returning 1", list(item_ids))
        hint("incidents.queues.tasks.group")


@transaction.atomic
def group_items(limit: int = BATCH) -> int:
    """Put up to ``limit`` waiting items into groups and return how many were taken off the list.

    What another process is grouping is left to it. Restricted content, items without a word, and those with an
    attachment that no digest tells from others stay by themselves.
    """
    taken: dict[int, int] = dict(_write(_TAKE, limit, MOST_CHARACTERS))
    found = _texts_by_generation(taken.values())
    if texts := {item: found[one] for item, one in sorted(taken.items()) if one in found and found[one].word_count}:
        _join(texts)
    return len(taken)


@transaction.atomic
def leave_groups(generation_ids: Sequence[int]) -> None:
    """Take items out of their groups, since their content became restricted."""
    _write(
        """
        with gone as (
            delete from queues_groupmember m using queues_item i
            where i.id = m.item_id and i.generation_id = any(%b::bigint[])
            returning m.group_id
        ), fewer as (
            select group_id, count(*) as many from gone group by group_id
        )
        update queues_group g set size = size - many from fewer where g.id = fewer.group_id returning 1
        """,
        list(generation_ids),
    )


def _join(texts: Mapping[int, Text]) -> None:
    """Write what becomes of ``texts``, given by item in the order of coming."""
    known = queries.homes_of_texts([text.digest for text in texts.values()])
    unknown = {text.digest: text for text in texts.values() if text.digest not in known}
    plan = _plan(list(unknown.values()))
    homes = known | _insert_texts(plan)

    of_item = {item: homes[text.digest] for item, text in texts.items()}
    sizes = Counter(home.group for home in of_item.values())
    first_item = {texts[item].digest: item for item in reversed(list(texts))}
    leaders = {group: text for group, text in plan.leading.items() if homes[text.digest].group == group}
    _insert_groups({group: (first_item[text.digest], text, sizes.pop(group)) for group, text in leaders.items()})
    _insert_keys({group: plan.new[group] for group in leaders})
    _insert_members(of_item)
    _grow(sizes)


# ── Deciding ─────────────────────────────────────────────


def _plan(texts: Sequence[Text]) -> Plan:
    """Decide for each text, in the order of coming: the closest leader's group, else a new one that it leads."""
    keys = grouping.keys_of(texts)
    candidates = [
        [leader for leader in leaders if grouping.may_be_alike(text, leader.word_count)][: grouping.MOST_COMPARED]
        for text, leaders in zip(texts, queries.leaders_by_keys([own.to_find for own in keys]), strict=True)
    ]
    fresh = grouping.Leaders()
    leading = ChainMap(fresh.texts, _texts_of(chain.from_iterable(candidates)))
    numbers, plan = iter(_next_numbers(len(texts))), Plan(leading=fresh.texts)
    for text, own, stored in zip(texts, keys, candidates, strict=True):
        shared = {**fresh.sharing(own.to_find), **{leader.group: leader.shared for leader in stored}}
        group = grouping.closest(text, shared, leading)
        if group is None:
            group = next(numbers)
            fresh.add(group, text, own.to_store)
            plan.new[group] = own.to_store
        plan.group_of[text.digest] = group
    return plan


def _texts_of(leaders: Iterable[Leader]) -> dict[int, Text]:
    """Read the leaders by group; one whose content became restricted is missing."""
    generations = {leader.group: leader.generation for leader in leaders}
    texts = _texts_by_generation(generations.values())
    return {group: texts[one] for group, one in generations.items() if one in texts}


def _texts_by_generation(generations: Collection[int]) -> dict[int, Text]:
    """Read what can be compared: what is not restricted, and known by digest as far as it is not text. One query."""
    texts: dict[int, Text] = {}
    for generation, messages in intake.open_messages(list(generations)).items():
        attached = [one.sha256 for message in messages for one in message.attachments]
        if None not in attached:
            said = [(message.role, message.content) for message in messages]
            texts[generation] = grouping.text_of(said, [digest for digest in attached if digest is not None])
    return texts


def _next_numbers(count: int) -> list[int]:
    statement = "select nextval(pg_get_serial_sequence('queues_group', 'id')) from generate_series(1, %s)"
    return [number for (number,) in _write(statement, count)]


# ── Writing ──────────────────────────────────────────────


def _insert_texts(plan: Plan) -> dict[bytes, Home]:
    """Store the digests and return where each belongs: as planned, or where another worker has put it meanwhile.

    What was to follow a leader that is in another group by now follows it there.
    """
    digests = sorted(plan.group_of)
    rows = _write(
        """
        insert into queues_groupedtext (version, digest, group_id)
        select %s, digest, number from unnest(%b::bytea[], %b::bigint[]) as new (digest, number)
        on conflict (version, digest) do nothing
        returning digest, id, group_id
        """,
        VERSION,
        digests,
        [plan.group_of[digest] for digest in digests],
    )
    homes = {digest: Home(text, group) for digest, text, group in rows}
    if lost := queries.homes_of_texts([digest for digest in digests if digest not in homes]):
        homes |= lost
        moved = {group: lost[text.digest].group for group, text in plan.leading.items() if text.digest in lost}
        homes |= _move(homes, moved)
    return homes


def _move(homes: Mapping[bytes, Home], moved: Mapping[int, int]) -> dict[bytes, Home]:
    """Lead the texts of groups that will not be to the groups that are: {planned: found}."""
    following = {digest: home for digest, home in homes.items() if home.group in moved}
    _write(
        """
        update queues_groupedtext t set group_id = there
        from unnest(%b::bigint[], %b::bigint[]) as moved (text, there)
        where t.id = moved.text returning 1
        """,
        [home.text for home in following.values()],
        [moved[home.group] for home in following.values()],
    )
    return {digest: Home(home.text, moved[home.group]) for digest, home in following.items()}


def _insert_groups(groups: Mapping[int, tuple[int, Text, int]]) -> None:
    """Make groups, given {number: (item that leads, its text, size)}."""
    _write(
        """
        insert into queues_group (id, leader_id, version, word_count, size, created_at)
        overriding system value
        select number, leader, %s, word_count, size, %s
        from unnest(%b::bigint[], %b::bigint[], %b::int[], %b::int[]) as new (number, leader, word_count, size)
        returning 1
        """,
        VERSION,
        clock.now(),
        list(groups),
        [item for item, _text, _size in groups.values()],
        [text.word_count for _item, text, _size in groups.values()],
        [size for _item, _text, size in groups.values()],
    )


def _insert_keys(keys: Mapping[int, Sequence[int]]) -> None:
    """Store keys in their order, so that a page of the index is found once for all that go there."""
    pairs = sorted((key, group) for group, own in keys.items() for key in own)
    _write(
        "insert into queues_groupkey (key, group_id) select * from unnest(%s::bigint[], %s::bigint[]) returning 1",
        prepared.long_array(key for key, _group in pairs),
        prepared.long_array(group for _key, group in pairs),
    )


def _insert_members(of_item: Mapping[int, Home]) -> None:
    """Make the items members; one that an older comparison had grouped leaves that group."""
    _write(
        """
        insert into queues_groupmember (item_id, group_id, text_id)
        select * from unnest(%b::bigint[], %b::bigint[], %b::bigint[])
        on conflict (item_id) do update set group_id = excluded.group_id, text_id = excluded.text_id
        returning 1
        """,
        list(of_item),
        [home.group for home in of_item.values()],
        [home.text for home in of_item.values()],
    )


def _grow(sizes: Mapping[int, int]) -> None:
    """Count new members in, in the order of the groups, so that two workers never wait for each other in a ring."""
    _write(
        """
        with found as (
            select id from queues_group where id = any(%b::bigint[]) order by id for no key update
        )
        update queues_group g set size = g.size + arrived.many
        from found join unnest(%b::bigint[], %b::int[]) as arrived (id, many) using (id)
        where g.id = found.id
        returning 1
        """,
        list(sizes),
        list(sizes),
        list(sizes.values()),
    )


def _write(statement: str, *values: object) -> list[tuple[Any, ...]]:
    return prepared.rows_of(statement, values)
