"""STIX 2.1 (OASIS Standard, 10 June 2021): a bundle of user-account observables and what is known of them.

Accounts, users and keys are ``user-account`` inside ``observed-data``; organisations are ``identity``; links are
``relationship``; a ``threat-actor`` stands there only once a person has said that accounts are linked.
"""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID, uuid5

from incidents.sharing import wording
from incidents.sharing.wording import Known, Shared, Tie, Tlp, timestamp

OBSERVABLES: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, 2.9: the namespace of observables' ids
FIRST_MADE: Final = "2026-01-01T00:00:00Z"  # of the identity of an organisation: a "created" may never change

# STIX 2.1, 7.2.1.4: the four definitions that everyone refers to, and nobody may make anew.
MARKINGS: Final = {
    Tlp.CLEAR: ("613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"),
    Tlp.GREEN: ("34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"),
    Tlp.AMBER: ("f88d31f6-486f-44da-b317-01333bde0b82", "amber"),
    Tlp.RED: ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"),
}

Object = dict[str, Any]


def document_of(shared: Shared) -> Object:
    """Return the bundle. The same set has the same ids in each file, but never with and without outside ids."""
    marking_id, marking = MARKINGS[shared.tlp]
    marked = {"object_marking_refs": [f"marking-definition--{marking_id}"]}
    author = _common(shared, "identity", "organisation", since=FIRST_MADE, modified=FIRST_MADE) | {
        "name": shared.organisation,
        "identity_class": "organization",
    }
    told = [_actor(shared, one) for one in shared.known]
    refs = [one["id"] for one in told]
    made = [*_observations(shared, refs), *_ties(shared, refs), *_behind(shared, refs)]
    grouping = _common(shared, "grouping", shared.seed) | {
        "name": shared.title,
        "context": "suspicious-activity",
        "object_refs": [*refs, *(one["id"] for one in made)],
    }
    note = _common(shared, "note", shared.seed) | {
        "content": wording.of_all(shared),
        "object_refs": [grouping["id"]],
    }
    by = {"created_by_ref": author["id"]}
    observables = [one | marked for one in told if one["type"] == "user-account"]
    others = [one | by | marked for one in [*(one for one in told if one["type"] == "identity"), *made, grouping, note]]
    definition = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{marking_id}",
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": f"TLP:{marking.upper()}",
        "definition": {"tlp": marking},
    }
    objects = [definition, author | marked, *observables, *others]
    return {"type": "bundle", "id": f"bundle--{shared.id_of('bundle', shared.seed)}", "objects": objects}


def user_account_id(parts: dict[str, str]) -> str:
    """Return the id of an observable, from the properties that tell it from others (STIX 2.1, 2.9; RFC 8785)."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"user-account--{uuid5(OBSERVABLES, canonical)}"


def _actor(shared: Shared, one: Known) -> Object:
    if one.kind == wording.ORGANISATION:
        since = timestamp(one.created_at)
        identity = _common(shared, "identity", "actor", one.name, since=since)
        return identity | {"name": one.name, "identity_class": "organization"}
    parts = {"account_type": one.kind.replace("_", "-"), "user_id": one.name}
    return {
        "type": "user-account",
        "spec_version": "2.1",
        "id": user_account_id(parts),
        **parts,
        "is_disabled": one.is_stopped,
    }


def _observations(shared: Shared, refs: list[str]) -> list[Object]:
    return [
        _common(shared, "observed-data", one.name, since=timestamp(one.created_at))
        | {
            "first_observed": timestamp(one.first_at),
            "last_observed": timestamp(one.last_at),
            "number_observed": max(1, one.seen),
            "object_refs": [ref],
        }
        for one, ref in zip(shared.known, refs, strict=True)
        if one.kind != wording.ORGANISATION
    ]


def _ties(shared: Shared, refs: list[str]) -> list[Object]:
    return [_tie(shared, refs, tie) for tie in shared.ties]


def _tie(shared: Shared, refs: list[str], tie: Tie) -> Object:
    first, second = shared.known[tie.first], shared.known[tie.second]
    since = timestamp(max(first.created_at, second.created_at))
    return _common(shared, "relationship", first.name, second.name, since=since) | {
        "relationship_type": "related-to",
        "description": wording.of_tie(tie),
        "source_ref": refs[tie.first],
        "target_ref": refs[tie.second],
        "confidence": tie.confidence,
    }


def _behind(shared: Shared, refs: list[str]) -> list[Object]:
    """Return who is behind those of whom people said that they are linked, each web apart, and what points to it."""
    made: list[Object] = []
    for places in wording.said_webs(shared.ties):
        names = [shared.known[place].name for place in places]
        behind = _common(shared, "threat-actor", shared.seed, names[0]) | {
            "name": f"Behind {names[0]}",
            "threat_actor_types": ["unknown"],
            "first_seen": timestamp(min(shared.known[place].first_at for place in places)),
            "last_seen": timestamp(max(shared.known[place].last_at for place in places)),
        }
        made.append(behind)
        made += [
            _common(shared, "relationship", "behind", shared.seed, name)
            | {"relationship_type": "related-to", "source_ref": behind["id"], "target_ref": refs[place]}
            for place, name in zip(places, names, strict=True)
        ]
    return made


def _common(shared: Shared, kind: str, *parts: str, since: str = "", modified: str = "") -> Object:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{shared.id_of(kind, *parts)}",
        "created": since or timestamp(shared.since),
        "modified": modified or timestamp(shared.made_at),
    }
