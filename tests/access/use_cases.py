"""Who may ask for the pages of use cases, by hand; see ``pages.py``. {use_case} is of {actor} and was entered by H."""

from typing import Final

from tests.access.letters import LEADS, REVIEWERS

USE_CASES: Final = {
    "GET /use-cases/": "H R L U C K",
    "GET /use-cases/in-force/": "H R L U C K",
    "GET /use-cases/ended/": "H R L U C K",
    "GET /use-cases/all/": "H R L U C K",
    "GET /use-cases/new/": REVIEWERS,
    "POST /use-cases/new/": REVIEWERS,
    "GET /use-cases/new/?actor={actor}": "H L K",
    "POST /use-cases/new/?actor={actor}": "H L K",
    "GET /use-cases/of-actor/{actor}/": "H L U K",
    "GET /use-cases/of-actor/{restricted_actor}/": "L U C K",
    "GET /use-cases/panel/{held}/": "H L K",
    "GET /use-cases/panel/{restricted}/": "C K",
    "POST /use-cases/panel/{held}/say/": "H L K",
    "POST /use-cases/panel/{restricted}/say/": "C K",
    "GET /use-cases/{use_case}/": "H L U K",
    "POST /use-cases/{use_case}/approve/": LEADS,
    "POST /use-cases/{use_case}/decline/": LEADS,
    "POST /use-cases/{use_case}/withdraw/": LEADS,
}
