"""Policies with several versions that took effect one after the other, and what was said to follow what."""

from collections.abc import Iterable
from datetime import timedelta

from incidents.impact.models import Mark
from policies.models import Clause, ClauseVersion, Policy, PolicyVersion
from tests.factories import NOW, make_clause, make_policy_version, make_user
from trust import clock

BEGAN = NOW - timedelta(days=300)


class History:
    """One policy. ``add`` puts its next version in force; clauses are named by a letter each."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.versions: list[PolicyVersion] = []

    def add(self, names: str, follows: Iterable[tuple[str, str | Clause | None]] = (), *, day: int) -> None:
        """Publish clauses ``names``, so many days after ``BEGAN``; ``follows`` says in order what follows what."""
        number, at = len(self.versions) + 1, BEGAN + timedelta(days=day)
        version = make_policy_version(policy=self.policy, number=number, status="draft", published_at=None)
        for name in names:
            make_clause(version=version, clause=self.clause(name))
        for gone, successor in follows:
            Mark.objects.create(
                version=version,
                clause=self.clause(gone),
                successor=self.clause(successor) if isinstance(successor, str) else successor,
                changes_meaning=True,
                by=make_user(),
                at=clock.now(),
            )
        self.retire(day=day)
        version.status, version.published_at = PolicyVersion.Status.PUBLISHED, at
        version.save(update_fields=["status", "published_at"])
        self.versions.append(version)

    def retire(self, *, day: int) -> None:
        """Take what is in force out of force."""
        at = BEGAN + timedelta(days=day)
        self.policy.versions.published().update(status=PolicyVersion.Status.RETIRED, retired_at=at)
        for version in self.versions:
            version.refresh_from_db()

    def clause(self, name: str) -> Clause:
        return Clause.objects.get_or_create(key=f"{self.policy.key}.{name}", policy=self.policy)[0]

    def text(self, name: str, number: int) -> ClauseVersion:
        return ClauseVersion.objects.get(clause=self.clause(name), version=self.versions[number - 1])
