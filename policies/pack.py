"""Read the default policy pack: one YAML file per policy in ``policies/pack/``, in the order of the file names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from policies import taxonomies
from policies.vocabulary import EnforcementKind, Severity

FOLDER: Final = Path(__file__).parent / "pack"

Sentence = Annotated[str, msgspec.Meta(min_length=1)]
PolicyKey = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]*$", max_length=60)]
ClauseKey = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]*\.[a-z][a-z_]*$", max_length=100)]
Level = Annotated[int, msgspec.Meta(ge=0, le=4)]
NO_STEP: Final = "none"


class PackError(ValueError):
    """The pack holds something wrong; the message names the file and the place."""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case in abstract words, and why it is or is not a violation."""

    example: Sentence
    reason: Sentence


class PackClause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. ``recommended`` names an EnforcementKind or "none" for each severity; ``mappings`` goes from
    ``taxonomy/version`` to the names of categories there.
    """

    key: ClauseKey
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    definition: Sentence
    public_text: Sentence
    violates: Annotated[tuple[Example, ...], msgspec.Meta(min_length=2)]
    does_not_violate: Annotated[tuple[Example, ...], msgspec.Meta(min_length=2)]
    severity: dict[Level, Sentence]
    usual_severity: Level
    recommended: dict[Level, Sentence]
    anticipated: bool
    mappings: dict[str, tuple[str, ...]]
    unmapped_reason: str = ""

    def outside_categories(self) -> list[tuple[taxonomies.Taxonomy, str]]:
        """Return every outside category that this clause stands for, in the order of the file."""
        return [(taxonomies.BY_LABEL[label], name) for label, names in self.mappings.items() for name in names]


class PackPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"key": "policy"}):
    """One policy with its clauses. ``restricted`` content needs a personal clearance."""

    key: PolicyKey
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    summary: Sentence
    restricted: bool
    clauses: Annotated[tuple[PackClause, ...], msgspec.Meta(min_length=1)]


def load(folder: Path = FOLDER) -> tuple[PackPolicy, ...]:
    """Return all policies of the pack. Raises PackError, naming the file, when one cannot be used."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise PackError(f"{folder.name}: holds no policy file")
    policies = tuple(_read(path) for path in paths)
    _refuse_repeats("policy", [policy.key for policy in policies])
    _refuse_repeats("clause", [clause.key for policy in policies for clause in policy.clauses])
    return policies


def _read(path: Path) -> PackPolicy:
    try:
        policy = msgspec.yaml.decode(path.read_bytes(), type=PackPolicy)
    except msgspec.DecodeError as error:
        raise PackError(f"{path.name}: {error}") from error
    for clause in policy.clauses:
        for fault in _faults(policy, clause):
            raise PackError(f"{path.name}: {clause.key}: {fault}")
    return policy


def _faults(policy: PackPolicy, clause: PackClause) -> list[str]:
    """Say what the types above cannot: ladders without gaps, known categories, reasons for what is unmapped."""
    faults = []
    if not clause.key.startswith(f"{policy.key}."):
        faults.append(f"the key must begin with {policy.key}.")
    for name, ladder in (("severity", clause.severity), ("recommended", clause.recommended)):
        if sorted(ladder) != list(Severity.values):
            faults.append(f"{name} needs the levels 0 to 4, has {sorted(ladder)}")
    steps = {NO_STEP, *EnforcementKind.values}
    faults += [f"unknown enforcement {step!r}" for step in clause.recommended.values() if step not in steps]
    for label, names in clause.mappings.items():
        taxonomy = taxonomies.BY_LABEL.get(label)
        if taxonomy is None:
            faults.append(f"unknown taxonomy {label!r}")
            continue
        faults += [f"{label} has no category {name!r}" for name in names if name not in taxonomy.categories]
        if not names:
            faults.append(f"{label} is listed without a category; leave it out and give unmapped_reason")
    missing = [taxonomy.title for taxonomy in taxonomies.OUTSIDE if taxonomy.label not in clause.mappings]
    if missing and not clause.unmapped_reason:
        faults.append(f"not mapped to {', '.join(missing)} and unmapped_reason is empty")
    return faults


def _refuse_repeats(what: str, keys: Sequence[str]) -> None:
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise PackError(f"{what} keys occur twice: {', '.join(repeated)}")
