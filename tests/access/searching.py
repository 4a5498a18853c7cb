"""Who may ask for the pages of search and of saved views: a part of ``tests/access/pages.py``."""

from tests.access.letters import LEADS, NOBODY, REVIEWERS

# {found} is the document of {held}, {found_waiting} of {waiting}.
SEARCH = {
    "GET /search/": REVIEWERS,
    "GET /search/counts/?q=kettle": REVIEWERS,
    "POST /search/{found}/reveal/": "H L K",
    "POST /search/{found_waiting}/reveal/": LEADS,
    "POST /search/{found_restricted}/reveal/": NOBODY,
}
# {view} is a view of H's own, {shared_view} one that H shares. Who may not delete what is shared is told so (409).
VIEWS = {
    "GET /views/": REVIEWERS,
    "POST /views/save/": REVIEWERS,
    "GET /views/{view}/": "H",
    "GET /views/{shared_view}/": REVIEWERS,
    "GET /views/{view}/change/": "H",
    "POST /views/{view}/change/": "H",
    "GET /views/{shared_view}/change/": "H",
    "POST /views/{shared_view}/change/": "H",
    "POST /views/{view}/delete/": "H",
    "POST /views/{shared_view}/delete/": REVIEWERS,
    "POST /views/{view}/start/": "H",
    "POST /views/{shared_view}/start/": REVIEWERS,
    "POST /views/{view}/start-plain/": "H",
    "POST /views/{shared_view}/start-plain/": REVIEWERS,
}
