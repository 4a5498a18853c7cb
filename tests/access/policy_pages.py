"""Who may ask for which page of the policies. See ``pages.py``."""

from tests.access.letters import SIGNED_IN

POLICIES = {
    "GET /policies/": SIGNED_IN,
    "GET /policies/categories/": "L E P N U A K",
    "GET /policies/export.zip": SIGNED_IN,
    "GET /policies/gaps/": SIGNED_IN,
    "POST /policies/gaps/{gap}/close/": "E",
    "GET /policies/{policy}/": SIGNED_IN,
    "GET /policies/{policy}/versions/": SIGNED_IN,
    "GET /policies/{policy}/versions/1/": SIGNED_IN,
    "GET /policies/{policy}/versions/2/": "E P",
    "GET /policies/{policy}/versions/1/export.zip": SIGNED_IN,
    "GET /policies/{policy}/versions/2/export.zip": "E P",
    "GET /policies/{policy}/versions/1/to/1/": SIGNED_IN,
    "GET /policies/{policy}/versions/1/to/2/": "E P",
    "GET /policies/{policy}/versions/2/to/1/": "E P",
    "GET /policies/{policy}/compare/": SIGNED_IN,
    "GET /policies/{policy}/versions/1/review/": SIGNED_IN,
    "GET /policies/{policy}/versions/2/review/": "E P",
    "POST /policies/{policy}/versions/2/submit/": "E",
    "POST /policies/{policy}/versions/2/publish/": "P",
    "POST /policies/{policy}/versions/2/send-back/": "P",
    "POST /policies/{policy}/versions/2/discard/": "E",
    "GET /policies/clauses/{clause}/": SIGNED_IN,
    "GET /policies/clauses/{clause}/versions/1/": SIGNED_IN,
    "GET /policies/clauses/{clause}/versions/2/": "E P",
    "GET /policies/clauses/{clause}/draft/": "E",
    "POST /policies/clauses/{clause}/draft/": "E",
}
