"""What decisions cite, carried over to a chosen version: from clauses that were taken out to those that follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from incidents.impact.models import Mark
from policies.models import ClauseVersion, PolicyVersion

IN_FORCE_ONCE: Final = (PolicyVersion.Status.PUBLISHED, PolicyVersion.Status.RETIRED)


class Apart(StrEnum):
    """Why a clause leads to none of the chosen version."""

    GONE = "no-longer-covered"  # taken out, and nothing was said to follow it
    YET = "not-covered-yet"  # cited by a later version, and not in this one


@dataclass(frozen=True)
class Carried:
    """Where one clause of one version leads: to ``clause`` of ``policy``, or to none, and why."""

    text: int
    clause: int
    policy: int
    apart: Apart | None = None


@dataclass(frozen=True)
class _Version:
    """``follows`` are the clauses that took the place of others, by the one that was taken out."""

    version: PolicyVersion
    clauses: set[int] = field(default_factory=set)
    follows: dict[int, int] = field(default_factory=dict)

    def step(self, clause: int) -> int:
        """Return what stands for ``clause`` from this version on; what goes round in a circle leads nowhere."""
        seen: set[int] = set()
        while clause in self.follows and clause not in self.clauses | seen:
            seen.add(clause)
            clause = self.follows[clause]
        return clause


def carried_to(chosen: PolicyVersion) -> list[Carried]:
    """Carry every clause that ``chosen``, published or retired, is about, at each version in which it was in force.

    That is what its policy had at any time, and what clauses of other policies turned into it. From version to version,
    in the order in which they took effect, a clause that is taken out becomes the one that was said to take its place;
    else it stays itself, and is covered again by a version that has it again. Versions after ``chosen`` lead nowhere:
    under them a clause stays itself. What goes to another policy meets it as it was when ``chosen`` ended.
    3 queries, whose cost grows with the versions and not with decisions.
    """
    texts = list(_texts())
    known = _known()
    for _text, clause, version, _policy in texts:
        known[version].clauses.add(clause)
    policy_of = {clause: policy for _text, clause, _version, policy in texts}
    until = _until(chosen, known.values())
    places = {one.version.pk: place for place, one in enumerate(until)}
    covering = set().union(*(one.clauses for one in _standing(chosen, until)))

    found = []
    for text, cited, version, policy in texts:
        clause, is_before = cited, version in places
        for later in until[places[version] + 1 :] if is_before else ():
            clause = later.step(clause)
        if chosen.policy_id not in (policy, policy_of.get(clause)):
            continue
        if clause in covering:
            found.append(Carried(text, clause, policy_of[clause]))
        else:
            found.append(Carried(text, cited, policy, Apart.GONE if is_before else Apart.YET))
    return found


def _texts() -> Iterable[tuple[int, int, int, int]]:
    rows = ClauseVersion.objects.filter(version__status__in=IN_FORCE_ONCE).order_by("pk")
    return rows.values_list("pk", "clause", "version", "clause__policy")


def _known() -> Mapping[int, _Version]:
    """Return the versions by id, in the order in which they took effect, with what was said last of their clauses."""
    rows = PolicyVersion.objects.filter(status__in=IN_FORCE_ONCE).order_by("published_at", "number", "pk")
    known = {version.pk: _Version(version) for version in rows}
    said = Mark.objects.filter(version__in=known).order_by("version", "clause", "-pk").distinct("version", "clause")
    for version, clause, successor in said.values_list("version", "clause", "successor"):
        if successor is not None:
            known[version].follows[clause] = successor
    return known


def _until(chosen: PolicyVersion, known: Iterable[_Version]) -> list[_Version]:
    """Return what took effect until ``chosen`` ended."""
    end = chosen.retired_at

    def counts(version: PolicyVersion) -> bool:
        if version.policy_id == chosen.policy_id:
            return version.number <= chosen.number
        return end is None or version.published_at is None or version.published_at < end

    return [one for one in known if counts(one.version)]


def _standing(chosen: PolicyVersion, until: Iterable[_Version]) -> Iterable[_Version]:
    """Return ``chosen``, and the version of each other policy that was in force when it ended."""
    newest = {one.version.policy_id: one for one in until}
    for one in newest.values():
        ended = one.version.retired_at
        if one.version == chosen or ended is None or (chosen.retired_at is not None and ended >= chosen.retired_at):
            yield one
