"""Who may ask for the pages of appeals, by hand; see ``pages.py``."""

from typing import Final

from tests.access.letters import ANYONE, LEADS

# {appeal_token} is the link of an action that nobody has appealed yet.
APPEALS: Final = {
    "GET /appeals/": "L U K",
    "GET /appeals/judged/": "L U K",
    "GET /appeals/account/": "L N U K",
    "GET /appeals/{appeal}/": "L U K",
    "POST /appeals/{appeal}/judge/": LEADS,
    "GET /appeals/{restricted_appeal}/": "K",
    "POST /appeals/{restricted_appeal}/judge/": "K",
    "GET /appeal/{appeal_token}/": ANYONE,
    "POST /appeal/{appeal_token}/": ANYONE,
}
