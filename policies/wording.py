"""What a draft may change, in a clause and about its policy, and on what a change was based."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from policies.models import ClauseRevision, ClauseVersion, PolicyVersion, VersionRevision

FIELDS: Final = (
    "title",
    "definition",
    "public_text",
    "violates",
    "does_not_violate",
    "ladder",
    "usual_severity",
    "recommended",
    "is_anticipated",
    "unmapped_reason",
    "outside",
    "languages",
)

ABOUT: Final = ("title", "summary", "definitions")

Fields = dict[str, Any]


@dataclass(frozen=True)
class Wording:
    """What a draft changes in a clause. None leaves a field as it is."""

    title: str
    definition: str
    public_text: str
    violates: list[dict[str, str]] | None = None
    does_not_violate: list[dict[str, str]] | None = None
    ladder: list[str] | None = None
    usual_severity: int | None = None
    recommended: dict[str, Any] | None = None
    is_anticipated: bool | None = None
    unmapped_reason: str | None = None
    outside: list[list[str]] | None = None
    languages: list[str] | None = None

    def changes(self) -> Fields:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class About:
    """What a draft says about its policy as a whole. None leaves a field as it is."""

    title: str
    summary: str
    definitions: list[dict[str, str]] | None = None

    def changes(self) -> Fields:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def is_said_by(self, version: PolicyVersion) -> bool:
        return all(getattr(version, name) == value for name, value in self.changes().items())


@dataclass(frozen=True)
class Basis:
    """What a person had before them as they began to type: a clause, or a draft's own words, at a revision.

    ``change_note`` is the note of the draft as it was then.
    """

    version: int
    revision: int
    change_note: str = ""

    def __str__(self) -> str:
        return f"{self.version}.{self.revision}"

    @classmethod
    def read(cls, written: str, change_note: str = "") -> Basis | None:
        """Return what ``str()`` wrote, or None of anything else."""
        version, _dot, revision = written.partition(".")
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (version, revision)):
            return None
        return cls(int(version), int(revision), change_note)

    @classmethod
    def of(cls, text: ClauseVersion) -> Basis:
        return cls(text.version_id, text.revision)

    @classmethod
    def of_version(cls, version: PolicyVersion) -> Basis:
        return cls(version.pk, version.revision)

    def is_latest(self, version: PolicyVersion) -> bool:
        """Say whether ``version`` still says the same about its policy."""
        return (self.version, self.revision) == (version.pk, version.revision)

    def is_current(self, text: ClauseVersion, *, copied_from: int | None) -> bool:
        """Say whether ``text`` still says the same. Its draft began as a copy of the version ``copied_from``."""
        if self.version == text.version_id:
            return self.revision == text.revision
        return text.revision == 1 and self.version == copied_from

    def fields(self, clause_id: int) -> Fields | None:
        """Return what the clause said then; None where that is gone, with its draft. At most 2 queries."""
        texts = ClauseVersion.objects.filter(version=self.version, clause=clause_id)
        text = texts.first()
        if text is None or text.revision == self.revision:
            return fields_of(text) if text else None
        earlier = ClauseRevision.objects.filter(text=text, number=self.revision).first()
        return earlier.fields if earlier else None

    def about(self, version: PolicyVersion) -> Fields | None:
        """Return what ``version`` said about its policy then; None when this is based on another. At most 1 query."""
        if self.version != version.pk:
            return None
        if self.is_latest(version):
            return about_of(version)
        earlier = VersionRevision.objects.filter(version=version, number=self.revision).first()
        return earlier.fields if earlier else None


def fields_of(text: ClauseVersion) -> Fields:
    return {name: getattr(text, name) for name in FIELDS}


def about_of(version: PolicyVersion) -> Fields:
    return {name: getattr(version, name) for name in ABOUT}
