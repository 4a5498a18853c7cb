"""Who may ask for which page of notes, by hand, as in ``tests/access/pages.py``."""

from typing import Final

from tests.access.letters import LEADS, SIGNED_IN

# {note} is by H, on {held}; {restricted_note} by C, on {restricted}.
NOTES: Final = {
    "GET /notes/": SIGNED_IN,
    "GET /notes/item/{held}/": "H L K",
    "GET /notes/item/{waiting}/": LEADS,
    "GET /notes/item/{restricted}/": "C K",
    "POST /notes/item/{held}/write/": "H L K",
    "POST /notes/item/{waiting}/write/": LEADS,
    "POST /notes/item/{restricted}/write/": "C K",
    "GET /notes/actor/{actor}/": "H L U K",
    "GET /notes/actor/{restricted_actor}/": "L U C K",
    "POST /notes/actor/{actor}/write/": "H L K",
    "GET /notes/incident/{incident}/": "H L E P N U K",
    "POST /notes/incident/{incident}/write/": "H L E P K",
    "POST /notes/item/{held}/here/": "H L K",
    "POST /notes/item/{restricted}/here/": "C K",
    "POST /notes/item/{restricted}/gone/": SIGNED_IN,  # about oneself alone
    "POST /notes/{note}/take-back/": "H L K",
    "POST /notes/{restricted_note}/take-back/": "C K",
    "POST /notes/{note}/resolve/": "H L K",
    "GET /notes/clause/{text_id}/": "E P",
    "POST /notes/clause/{text_id}/write/": "E P",
}
