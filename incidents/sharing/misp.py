"""MISP: one event with an object ``user-account`` for each actor. Shapes: github.com/MISP/misp-objects."""

from __future__ import annotations

from typing import Any, Final

from incidents.sharing import wording
from incidents.sharing.wording import Known, Shared, Tlp, timestamp

TEMPLATE: Final = {
    "name": "user-account",
    "meta-category": "misc",
    "template_uuid": "49606b06-22f0-4ac8-8eee-2f12ad46f3d3",
    "template_version": "6",
}
# Who gets an event on from a server that takes it: nobody, this community, those connected to it, everyone.
DISTRIBUTION: Final = {Tlp.RED: "0", Tlp.AMBER: "1", Tlp.GREEN: "2", Tlp.CLEAR: "3"}
HIGH, MEDIUM, LOW, UNDEFINED = "1", "2", "3", "4"
THREAT_LEVELS: Final = {4: HIGH, 3: HIGH, 2: MEDIUM, 1: LOW, 0: LOW, None: UNDEFINED}
ONGOING: Final = "1"

Object = dict[str, Any]


def document_of(shared: Shared) -> Object:
    """Return the event. The same set has the same ids in each file, but never with and without outside ids."""
    ids = [str(shared.id_of("misp object", one.name)) for one in shared.known]
    objects = [_object(shared, one, one_id) for one, one_id in zip(shared.known, ids, strict=True)]
    for tie in shared.ties:
        objects[tie.first]["ObjectReference"].append(
            {
                "uuid": str(shared.id_of("misp reference", ids[tie.first], ids[tie.second])),
                "object_uuid": ids[tie.first],
                "referenced_uuid": ids[tie.second],
                "relationship_type": "related-to",
                "comment": wording.of_tie(tie),
            }
        )
    return {
        "Event": {
            "uuid": str(shared.id_of("misp event", shared.seed)),
            "info": shared.title,
            "date": f"{shared.made_at:%Y-%m-%d}",
            "timestamp": str(int(shared.made_at.timestamp())),
            "distribution": DISTRIBUTION[shared.tlp],
            "threat_level_id": THREAT_LEVELS[shared.severity],
            "analysis": ONGOING,
            "Orgc": {"name": shared.organisation, "uuid": str(shared.id_of("identity", "organisation"))},
            "Tag": [{"name": f"tlp:{shared.tlp}"}],
            "Object": objects,
            "Attribute": [
                {
                    "uuid": str(shared.id_of("misp attribute", shared.seed)),
                    "type": "comment",
                    "category": "Other",
                    "to_ids": False,
                    "value": wording.of_all(shared),
                }
            ],
        }
    }


def _object(shared: Shared, one: Known, one_id: str) -> Object:
    attributes = [
        ("user-id", "text", one.name),
        ("account-type", "text", one.kind.replace("_", "-")),
        ("disabled", "boolean", "1" if one.is_stopped else "0"),
        ("description", "text", wording.of_one(one)),
    ]
    return {
        **TEMPLATE,
        "uuid": one_id,
        "distribution": DISTRIBUTION[shared.tlp],
        "first_seen": timestamp(one.first_at),
        "last_seen": timestamp(one.last_at),
        "comment": "",
        "ObjectReference": [],
        "Attribute": [
            {
                "uuid": str(shared.id_of("misp attribute", one_id, relation)),
                "object_relation": relation,
                "type": kind,
                "category": "Other",
                "to_ids": False,
                "value": value,
            }
            for relation, kind, value in attributes
        ],
    }
