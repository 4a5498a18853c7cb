"""What a published table of weeks by policies must show and hide, worked out again: by SQL, and by the written rule.

The rule is the one that docs/statistics.md describes; nothing here comes from the product. Counts and actors are
grids whose last row and last column hold the totals.
"""

from datetime import date

from tests.harness.instance import Instance

K = 10
ENDLESS = 10**9

Grid = list[list[int]]
Place = tuple[int, int]

COUNTED = """
    with counted as (
        select date_trunc('week', decision.decided_at at time zone 'UTC')::date as week, policy.key as policy,
            item.actor_id as actor
        from review_violation violation
        join review_decision decision on decision.id = violation.decision_id
        join queues_item item on item.id = decision.item_id
        join policies_clauseversion text on text.id = violation.clause_id
        join policies_clause clause on clause.id = text.clause_id
        join policies_policy policy on policy.id = clause.policy_id
        where not exists (select from review_retraction where decision_id = decision.id)
            and policy.restricted_category = ''
    )
    select week, policy, count(*), count(distinct actor) from counted
    where week = any(%s) group by grouping sets ((week, policy), (week), (policy), ())
"""


def recount(trustdesk: Instance, weeks: list[date], policies: list[str]) -> tuple[Grid, Grid]:
    """Return violations and distinct actors by week and policy, with totals, straight from what was decided."""
    found = {(week, policy): (count, actors) for week, policy, count, actors in trustdesk.query(COUNTED, weeks)}
    rows: list[date | None] = [*weeks, None]
    columns: list[str | None] = [*policies, None]
    cells = [[found.get((week, policy), (0, 0)) for policy in columns] for week in rows]
    return [[count for count, _actors in row] for row in cells], [[actors for _count, actors in row] for row in cells]


def hidden(counts: Grid, actors: Grid) -> set[Place]:
    """Return the cells to hide: those of few actors, further totals of weeks, then whatever gives one of these away."""
    of_few = _of_few(counts, actors)
    gone = of_few | _further_weeks(counts, of_few)
    while open_cells := [cell for cell in sorted(gone) if _width(counts, gone, cell) < _needed(counts, of_few, cell)]:
        gone |= _protection(counts, gone, open_cells[0], _needed(counts, of_few, open_cells[0]))
    return gone


def _cells(counts: Grid) -> list[Place]:
    return [(row, column) for row in range(len(counts)) for column in range(len(counts[0]))]


def _needed(counts: Grid, of_few: set[Place], cell: Place) -> int:
    return max(K, counts[cell[0]][cell[1]]) if cell in of_few else K


def _of_few(counts: Grid, actors: Grid) -> set[Place]:
    """Return counts of few actors, and the zeros beside them in a line that is of few altogether."""
    few = {(row, column) for row, column in _cells(counts) if counts[row][column] and actors[row][column] < K}
    zeros = {(row, column) for row, column in _cells(counts) if not counts[row][column]}
    last_row, last_column = len(counts) - 1, len(counts[0]) - 1
    beside = {(row, column) for row, column in zeros if {(row, last_column), (last_row, column)} & few}
    return few | {cell for cell in beside if not _is_of_an_empty_line(counts, cell)}


def _is_of_an_empty_line(counts: Grid, cell: Place) -> bool:
    return not counts[cell[0]][-1] or not counts[-1][cell[1]]


def _may_protect(counts: Grid, cell: Place) -> bool:
    """Say whether ``cell`` may be hidden for the sake of another: no total of a week, nothing that is empty anyway."""
    return cell[1] != len(counts[0]) - 1 and not _is_of_an_empty_line(counts, cell)


def _further_weeks(counts: Grid, of_few: set[Place]) -> set[Place]:
    """Hide totals of weeks, smallest first, until two or more are hidden that make K together."""
    last = len(counts[0]) - 1
    taken = [row for row in range(len(counts) - 1) if (row, last) in of_few]
    if not taken or (len(counts) - 1, last) in of_few:
        return set()
    others = sorted(
        (counts[row][last], row) for row in range(len(counts) - 1) if row not in taken and counts[row][last]
    )
    further: set[Place] = set()
    for _count, row in others:
        if len(taken) > 1 and sum(counts[one][last] for one in taken) >= K:
            break
        taken.append(row)
        further.add((row, last))
    return further


def _protection(counts: Grid, gone: set[Place], cell: Place, needed: int) -> set[Place]:
    """Return what to hide for ``cell``: the rectangle that costs the smallest counts, else a neighbour."""
    choices = []
    for row, column in _cells(counts):
        if row == cell[0] or column == cell[1]:
            continue
        corners = {(row, column), (row, cell[1]), (cell[0], column)}
        new = corners - gone
        falling = [corner for corner in corners if _direction(counts, corner, cell) < 0]
        enough = all(counts[one[0]][one[1]] >= needed for one in falling)
        if new and enough and all(_may_protect(counts, one) for one in new):
            choices.append((sum(counts[one[0]][one[1]] for one in new), (row, column), corners))
    if choices:
        return min(choices, key=lambda choice: choice[:2])[2]
    free = [one for one in _cells(counts) if one not in gone and _may_protect(counts, one)]
    near = [one for one in free if one[0] == cell[0] or one[1] == cell[1]]
    return {min(near or free, key=lambda one: (counts[one[0]][one[1]] == 0, counts[one[0]][one[1]], one))}


def _direction(counts: Grid, corner: Place, cell: Place) -> int:
    """Say whether ``corner`` must rise (1) or fall (-1) when ``cell`` rises by one and all sums stay."""
    is_opposite = corner[0] != cell[0] and corner[1] != cell[1]
    total = (len(counts) - 1, len(counts[0]) - 1)
    flips = sum((one[0] == total[0]) + (one[1] == total[1]) for one in (corner, cell))
    return (1 if is_opposite else -1) * (-1) ** flips


def _width(counts: Grid, gone: set[Place], cell: Place) -> int:
    """Return how far the largest and the smallest value of ``cell`` lie apart that the shown cells leave possible.

    Each line must keep its sum, so a change is a circle through hidden cells, each used in rows and columns by turns.
    """
    return _most(counts, gone, cell, up=True) + _most(counts, gone, cell, up=False)


def _most(counts: Grid, gone: set[Place], cell: Place, *, up: bool) -> int:
    """Return how far ``cell`` can go up (or down) by a greatest flow through the other hidden cells."""
    total = (len(counts) - 1, len(counts[0]) - 1)
    room: dict[tuple[str, str], int] = {}
    for row, column in gone - {cell}:
        ends = (f"row {row}", f"column {column}")
        rises = (row == total[0]) == (column == total[1])
        tail, head = ends if rises else ends[::-1]
        room[tail, head] = ENDLESS
        room[head, tail] = counts[row][column]
    start, end = (f"column {cell[1]}", f"row {cell[0]}")
    if ((cell[0] == total[0]) == (cell[1] == total[1])) != up:
        start, end = end, start
    limit = ENDLESS if up else counts[cell[0]][cell[1]]
    flow = 0
    while flow < limit and (path := _path(room, start, end)):
        step = min([limit - flow, *(room[edge] for edge in path)])
        for tail, head in path:
            room[tail, head] -= step
            room[head, tail] += step
        flow += step
    return flow


def _path(room: dict[tuple[str, str], int], start: str, end: str) -> list[tuple[str, str]]:
    came: dict[str, list[tuple[str, str]]] = {start: []}
    waiting = [start]
    for node in waiting:
        for (tail, head), left in room.items():
            if tail == node and left > 0 and head not in came:
                came[head] = [*came[node], (tail, head)]
                waiting.append(head)
    return came.get(end, [])
