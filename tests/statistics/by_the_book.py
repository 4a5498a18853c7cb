"""The rule of docs/statistics.md, built again from its words alone: nothing of the product is imported."""

Place = tuple[int, int]
K = 10


def hidden_by_the_book(n: list[list[int]], a: list[list[int]]) -> set[Place]:
    """Return the hidden cells of counts ``n`` of ``a`` distinct actors; totals in the last row and column."""
    first = of_few(n, a)
    hidden = first | totals_of_rows(n, first)
    while True:
        narrow = [cell for cell in sorted(hidden) if width(n, hidden, cell) < need(n, first, cell)]
        if not narrow:
            return hidden
        rectangle = cheapest_rectangle(n, hidden, narrow[0], need(n, first, narrow[0]))
        hidden |= rectangle or {one_more(n, hidden, narrow[0])}


def cells_of(n: list[list[int]]) -> list[Place]:
    return [(r, c) for r in range(len(n)) for c in range(len(n[0]))]


def known_zero(n: list[list[int]], r: int, c: int) -> bool:
    return n[r][-1] == 0 or n[-1][c] == 0


def may_be_hidden(n: list[list[int]], r: int, c: int) -> bool:
    return c != len(n[0]) - 1 and not known_zero(n, r, c)


def of_few(n: list[list[int]], a: list[list[int]]) -> set[Place]:
    def few(r: int, c: int) -> bool:
        return n[r][c] > 0 and a[r][c] < K

    zeros = [(r, c) for r, c in cells_of(n) if n[r][c] == 0 and not known_zero(n, r, c)]
    return {cell for cell in cells_of(n) if few(*cell)} | {(r, c) for r, c in zeros if few(r, -1) or few(-1, c)}


def totals_of_rows(n: list[list[int]], hidden: set[Place]) -> set[Place]:
    last = len(n[0]) - 1
    if (len(n) - 1, last) in hidden:
        return set()
    rows = [r for r in range(len(n) - 1) if (r, last) in hidden]
    others = sorted((n[r][last], r) for r in range(len(n) - 1) if r not in rows and n[r][last] > 0)
    while rows and others and (len(rows) < 2 or sum(n[r][last] for r in rows) < K):
        rows.append(others.pop(0)[1])
    return {(r, last) for r in rows}


def cheapest_rectangle(n: list[list[int]], hidden: set[Place], cell: Place, wanted: int) -> set[Place]:
    def s(corner: Place) -> int:
        return -1 if (corner[0] == len(n) - 1) != (corner[1] == len(n[0]) - 1) else 1

    offers = []
    for r, c in cells_of(n):
        if r == cell[0] or c == cell[1]:
            continue
        beside, opposite = [(cell[0], c), (r, cell[1])], (r, c)
        fresh = [corner for corner in [*beside, opposite] if corner not in hidden]
        down = [corner for corner in beside if s(corner) * s(cell) > 0]
        down += [opposite] if s(opposite) * s(cell) < 0 else []
        may_all = fresh and all(may_be_hidden(n, *corner) for corner in fresh)
        if may_all and all(n[y][x] >= wanted for y, x in down):
            offers.append((sum(n[y][x] for y, x in fresh), opposite, fresh))
    return set(min(offers)[2]) if offers else set()


def one_more(n: list[list[int]], hidden: set[Place], cell: Place) -> Place:
    free = [place for place in cells_of(n) if place not in hidden and may_be_hidden(n, *place)]
    near = [place for place in free if place[0] == cell[0] or place[1] == cell[1]] or free
    positive = [(r, c) for r, c in near if n[r][c] > 0] or near
    return min(positive, key=lambda place: (n[place[0]][place[1]], place))


def need(n: list[list[int]], first: set[Place], cell: Place) -> int:
    return max(K, n[cell[0]][cell[1]]) if cell in first else K


def width(n: list[list[int]], hidden: set[Place], cell: Place) -> int:
    """Return highest minus lowest that ``cell`` can be: one unit is moved round a loop of hidden cells at a time."""
    highest, lowest = (moved(n, hidden, cell, direction) for direction in (1, -1))
    return highest + lowest


def moved(n: list[list[int]], hidden: set[Place], cell: Place, direction: int, most: int = 10_000) -> int:
    """Return how far ``cell`` can go up (1) or down (-1) while every sum still holds and no count is negative."""
    big_r, big_c = len(n) - 1, len(n[0]) - 1
    value = {place: n[place[0]][place[1]] for place in hidden}
    total = 0
    while total < most and (direction > 0 or value[cell] > 0):
        loop = loop_of(cell, direction, value, big_r, big_c)
        if loop is None:
            return total
        step = min([value[place] for place, way in loop if way < 0] or [most])
        for place, way in loop:
            value[place] += way * step
        total += step
    return total


def loop_of(
    cell: Place, direction: int, value: dict[Place, int], big_r: int, big_c: int
) -> list[tuple[Place, int]] | None:
    """Find changes of +1 and -1, of ``cell`` among them, that leave every row and column with the sum that it has.

    A row is put right by changing another of its cells, that cell's column by another of its, and so on back.
    """
    start = ("row", cell[0])
    queue: list[tuple[tuple[str, int], list[tuple[Place, int]]]] = [(("column", cell[1]), [(cell, direction)])]
    seen = {("column", cell[1])}
    while queue:
        (kind, line), changes = queue.pop()
        place, way = changes[-1]
        place_is_total = (place[1] == big_c) if kind == "row" else (place[0] == big_r)
        if (kind, line) == start:
            return changes
        for other in value:
            if other in (place, cell) or (other[0] if kind == "row" else other[1]) != line:
                continue
            other_is_total = (other[1] == big_c) if kind == "row" else (other[0] == big_r)
            sign = -way if place_is_total == other_is_total else way
            following = ("column", other[1]) if kind == "row" else ("row", other[0])
            if following in seen or (sign < 0 and value[other] == 0):
                continue
            seen.add(following)
            queue.append((following, [*changes, (other, sign)]))
    return None
