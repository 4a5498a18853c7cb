"""Who may ask for which page, by hand: each row names those who are let in; all others must be refused.

It is written from what was promised, never from ``trust/permissions.py``: two sources, so that a slip in one shows.
"""

from typing import Final

# Who asks. The first two are told apart by what is theirs; the last two hold a clearance for child safety.
LETTERS: Final = {
    "H": "the reviewer who holds {held}, decided {decided} and proposed {proposed}",
    "R": "a reviewer who has nothing to do with it",
    "L": "a lead",
    "E": "a policy editor",
    "P": "a policy approver",
    "N": "an analyst",
    "U": "an auditor",
    "A": "an admin",
    "C": "the cleared reviewer who holds {restricted}",
    "K": "a cleared lead",
}
SIGNED_IN: Final = "H R L E P N U A C K"
ANYONE: Final = "* " + SIGNED_IN
NOBODY: Final = ""
REVIEWERS: Final = "H R L C K"
LEADS: Final = "L K"

HEALTH = {
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
}
ACCOUNT = {
    "GET /accounts/login/": ANYONE,
    "POST /accounts/login/": ANYONE,
    "GET /accounts/signup/": ANYONE,
    "POST /accounts/signup/": ANYONE,
    "GET /accounts/logout/": ANYONE,
    "POST /accounts/logout/": ANYONE,
    "GET /accounts/inactive/": ANYONE,
    "GET /accounts/reauthenticate/": SIGNED_IN,
    "POST /accounts/reauthenticate/": SIGNED_IN,
    "GET /accounts/password/change/": SIGNED_IN,
    "POST /accounts/password/change/": SIGNED_IN,
    "GET /accounts/password/set/": SIGNED_IN,
    "POST /accounts/password/set/": SIGNED_IN,
    "GET /accounts/password/reset/": ANYONE,
    "POST /accounts/password/reset/": ANYONE,
    "GET /accounts/password/reset/done/": ANYONE,
    "GET /accounts/password/reset/key/{nobody}-gone/": ANYONE,
    "POST /accounts/password/reset/key/{nobody}-gone/": ANYONE,
    "GET /accounts/password/reset/key/done/": ANYONE,
}
POLICIES = {
    "GET /policies/": SIGNED_IN,
    "GET /policies/categories/": "L E P N U A K",
    "GET /policies/gaps/": SIGNED_IN,
    "POST /policies/gaps/{gap}/close/": "E",
    "GET /policies/{policy}/": SIGNED_IN,
    "GET /policies/{policy}/versions/": SIGNED_IN,
    "GET /policies/{policy}/versions/1/": SIGNED_IN,
    "GET /policies/{policy}/versions/2/": "E P",
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
QUEUES = {
    "GET /queues/": SIGNED_IN,
    "GET /queues/{queue}/": SIGNED_IN,
    "GET /queues/{restricted_queue}/": "C K",
    "GET /queues/rules/": LEADS,
    "GET /queues/rules/draft/": LEADS,
    "GET /queues/rules/draft/add/": LEADS,
    "POST /queues/rules/draft/add/": LEADS,
    "GET /queues/rules/draft/try/?last=100": LEADS,
    "POST /queues/rules/draft/publish/": LEADS,
    "POST /queues/rules/draft/discard/": LEADS,
    "GET /queues/rules/draft/rules/{rule}/": LEADS,
    "POST /queues/rules/draft/rules/{rule}/": LEADS,
    "POST /queues/rules/draft/rules/{rule}/move/": LEADS,
    "POST /queues/rules/draft/rules/{rule}/delete/": LEADS,
    "GET /queues/rules/versions/": LEADS,
    "GET /queues/rules/versions/{rules}/": LEADS,
    "POST /queues/rules/versions/{rules}/restore/": LEADS,
    "POST /queues/{queue}/claim/": REVIEWERS,
    "POST /queues/{restricted_queue}/claim/": "C K",
}
# {report} was sent by H.
REPORTS = {
    "GET /report/": "H R L E P C K",
    "POST /report/": "H R L E P C K",
    "GET /report/{report}/": "H",
}
# {found} is the document of {held}, {found_waiting} of {waiting}; {view} is a view of H's own, {shared_view} shared.
SEARCH = {
    "GET /search/": REVIEWERS,
    "POST /search/{found}/reveal/": "H L K",
    "POST /search/{found_waiting}/reveal/": LEADS,
    "POST /search/{found_restricted}/reveal/": NOBODY,
    "POST /search/views/": REVIEWERS,
    "POST /search/views/{view}/delete/": "H",
    "POST /search/views/{shared_view}/delete/": REVIEWERS,
}
# A reviewer whose lease is gone is told so (409), and is let in as far as that.
ITEMS = {
    "GET /items/{held}/": "H L K",
    "GET /items/{waiting}/": LEADS,
    "GET /items/{decided}/": "H L K",
    "GET /items/{restricted}/": "C K",
    "GET /items/{restricted_waiting}/": "K",
    "POST /items/{held}/decide/": "H L K",
    "POST /items/{waiting}/decide/": LEADS,
    "POST /items/{restricted}/decide/": "C K",
    "POST /items/{held}/form/": "H L K",
    "POST /items/{restricted}/form/": "C K",
    "POST /items/{held}/ahead/": REVIEWERS,
    "POST /items/{restricted}/ahead/": "C K",
    "POST /items/{held}/let-go/": REVIEWERS,
    "POST /items/{restricted}/let-go/": "C K",
    "POST /items/{held}/draft/": REVIEWERS,
    "POST /items/{restricted}/draft/": "C K",
    "GET /items/clause/?key={clause}": REVIEWERS,
    "POST /items/{held}/renew/": REVIEWERS,
    "POST /items/{restricted}/renew/": "C K",
    "POST /items/{held}/take-again/": REVIEWERS,
    "POST /items/{restricted}/take-again/": "C K",
    "POST /items/{held}/release/": REVIEWERS,
    "POST /items/{restricted}/release/": "C K",
    "POST /items/{held}/skip/": REVIEWERS,
    "POST /items/{restricted}/skip/": "C K",
    "POST /items/decisions/{decision}/undo/": "H L K",
    "GET /items/{held}/group/": "H L K",
    "GET /items/{waiting}/group/": LEADS,
    "GET /items/{held}/past/": "H L K",
    "GET /items/{waiting}/past/": LEADS,
    "GET /items/{restricted}/past/": "C K",
    "GET /items/{restricted}/group/": "C K",
    "POST /items/decisions/{decision}/group/": "H L K",
    "POST /items/group-decisions/{group_decision}/split/": "H L K",
    "GET /items/of-actor/{actor}/": "H L U K",
    "GET /items/of-actor/{restricted_actor}/": "L U C K",
}
ACTORS = {
    "GET /actors/": "H R L U C K",
    "GET /actors/{actor}/": "H L U K",
    "GET /actors/{restricted_actor}/": "L U C K",
    "GET /actors/{stranger}/": "L U K",
}
# {proposed} and {recommended} are on {actor}; {other} was proposed by R, on {stranger}.
ENFORCEMENT = {
    "GET /enforcement/": "H R L U C K",
    "GET /enforcement/in-force/": "H R L U C K",
    "GET /enforcement/deliveries/": "H R L U C K",
    "GET /enforcement/ended/": "H R L U C K",
    "GET /enforcement/all/": "H R L U C K",
    "GET /enforcement/new/": REVIEWERS,
    "POST /enforcement/new/": REVIEWERS,
    "GET /enforcement/new/?actor={actor}": "H L K",
    "POST /enforcement/new/?actor={actor}": "H L K",
    "GET /enforcement/new/parameters/": REVIEWERS,
    "GET /enforcement/of-actor/{actor}/": "H L U K",
    "GET /enforcement/panel/{held}/": "H L K",
    "GET /enforcement/panel/{restricted}/": "C K",
    "GET /enforcement/{proposed}/": "H L U K",
    "GET /enforcement/{other}/": "R L U K",
    "GET /enforcement/{recommended}/adopt/": "H L K",
    "POST /enforcement/{recommended}/adopt/": "H L K",
    "POST /enforcement/{proposed}/approve/": "H L K",
    "POST /enforcement/{other}/approve/": "R L K",
    "POST /enforcement/{proposed}/decline/": "H L K",
    "POST /enforcement/{proposed}/reverse/": "H L K",
    "POST /enforcement/{proposed}/confirm/": "H L K",
    "POST /enforcement/{other}/deliveries/{delivery}/send-again/": LEADS,
}
# {incident} is about {decided}, {actor} and {proposed}.
INCIDENTS = {
    "GET /incidents/": "H R L E P N U C K",
    "GET /incidents/of-actor/{actor}/": "H L U K",
    "GET /incidents/new/": "H R L E P C K",
    "POST /incidents/new/": "H R L E P C K",
    "GET /incidents/{incident}/": "H L E P N U K",
    "GET /incidents/{incident}/timeline/": "H L E P N U K",
    "GET /incidents/{incident}/items/": "H L E P N U K",
    "POST /incidents/{incident}/items/add/": "H L E P K",
    "POST /incidents/{incident}/items/{decided}/remove/": "H L E P K",
    "GET /incidents/{incident}/actors/": "H L U K",
    "POST /incidents/{incident}/actors/add/": "H L K",
    "POST /incidents/{incident}/actors/{actor}/remove/": "H L K",
    "GET /incidents/{incident}/actions/": "H L U K",
    "POST /incidents/{incident}/actions/add/": "H L K",
    "POST /incidents/{incident}/actions/{proposed}/remove/": "H L K",
    "GET /incidents/{incident}/edit/": "H L E P K",
    "POST /incidents/{incident}/edit/": "H L E P K",
    "POST /incidents/{incident}/contain/": "H L E P K",
    "POST /incidents/{incident}/resolve/": "H L E P K",
    "POST /incidents/{incident}/reopen/": "H L E P K",
    "POST /incidents/{incident}/owner/": "H L E P K",
}
# {retrospective} is of {incident}; {fresh} has none yet. An action item may be done by its owner, whoever that is.
RETROSPECTIVES = {
    "GET /retrospectives/": "H R L E P N U C K",
    "GET /retrospectives/of/{incident}/": "H L E P N U K",
    "GET /retrospectives/of/{fresh}/": "L E P N U K",
    "POST /retrospectives/of/{fresh}/start/": "L E P K",
    "GET /retrospectives/{retrospective}/": "H L E P N U K",
    "GET /retrospectives/{retrospective}/facts/items/": "H L E P N U K",
    "GET /retrospectives/{retrospective}/facts/actors/": "H L U K",
    "GET /retrospectives/{retrospective}/sections/what_happened/": "H L E P K",
    "POST /retrospectives/{retrospective}/sections/what_happened/": "H L E P K",
    "POST /retrospectives/{retrospective}/action-items/add/": "H L E P K",
    "POST /retrospectives/{retrospective}/action-items/{action_item}/remove/": "H L E P K",
    "POST /retrospectives/{retrospective}/action-items/{action_item}/done/": "H L E P N U K",
    "POST /retrospectives/{retrospective}/sign/": "L P K",
    "GET /retrospectives/{retrospective}/export.md": "H L E P N U K",
    "GET /retrospectives/{retrospective}/export.json": "H L E P N U K",
}
DETECTORS = {
    "GET /detectors/": "L N U A K",
    "GET /detectors/{detector}/": "L N U A K",
    "GET /detectors/of-source/{source}/": "L N U A K",
    "POST /detectors/{detector}/damp/": LEADS,
    "POST /detectors/of-source/{source}/damp/": LEADS,
    "POST /detectors/damping/{damping}/lift/": LEADS,
}
STATISTICS = {
    "GET /statistics/": "L E P N U A K",
    "GET /statistics/export.csv": "L E P N U A K",
    "GET /statistics/export.json": "L E P N U A K",
    "GET /statistics/?view=exact": "L N U K",
    "GET /statistics/export.csv?view=exact": "L N U K",
    "GET /statistics/export.json?view=exact": "L N U K",
}
AUDIT = {
    "GET /audit/": "H R L U A C K",
}
SETTINGS = {
    "GET /settings/": SIGNED_IN,
    "POST /settings/": SIGNED_IN,
    "GET /settings/keyboard/": SIGNED_IN,
    "POST /settings/keyboard/": SIGNED_IN,
    "GET /settings/people/": "U A",
    "GET /settings/people/new/": "A",
    "POST /settings/people/new/": "A",
    "GET /settings/people/{person}/": "U A",
    "POST /settings/people/{person}/roles/": "A",
    "POST /settings/people/{person}/end/": "A",
    "POST /settings/people/{person}/reopen/": "A",
    "POST /settings/people/{person}/link/": "A",
    "POST /settings/people/{person}/clearances/grant/": "A",
    "POST /settings/people/{person}/clearances/{clearance}/approve/": "A",
    "POST /settings/people/{person}/clearances/{clearance}/revoke/": "A",
    "GET /settings/keys/": "U A",
    "GET /settings/keys/new/": "A",
    "POST /settings/keys/new/": "A",
    "POST /settings/keys/{key}/approve/": "A",
    "POST /settings/keys/{key}/revoke/": "A",
    "GET /settings/sources/": "L N U A K",
    "GET /settings/sources/{source}/": "L N U A K",
    "GET /settings/sources/batches/{batch}/": "L N U A K",
    "GET /settings/sources/batches/{batch}/routed/": "L N U A K",
    "GET /settings/sources/batches/{batch}/rejected.csv": "L N U A K",
    "GET /settings/sources/imports/": LEADS,
    "POST /settings/sources/imports/": LEADS,
    "GET /settings/sources/imports/{import}/": LEADS,
    "GET /settings/sources/imports/{import}/progress/": LEADS,
    "GET /settings/sources/imports/{import}/findings/": LEADS,
    "GET /settings/sources/imports/{import}/findings.csv": LEADS,
    "POST /settings/sources/imports/{import}/rehearse/": LEADS,
    "POST /settings/sources/imports/{import}/start/": LEADS,
    "POST /settings/sources/imports/{import}/cancel/": LEADS,
    "POST /settings/sources/imports/{import}/discard/": LEADS,
    "GET /settings/sources/imports/{import}/mapping/": LEADS,
    "POST /settings/sources/imports/{import}/mapping/": LEADS,
    "POST /settings/sources/imports/{import}/mapping/json/": LEADS,
    "POST /settings/sources/imports/{import}/mapping/choose/": LEADS,
    "POST /settings/sources/imports/{import}/mapping/save/": LEADS,
    "GET /settings/endpoints/": "U A",
    "GET /settings/endpoints/new/": "A",
    "POST /settings/endpoints/new/": "A",
    "POST /settings/endpoints/{endpoint}/on/": "A",
    "POST /settings/endpoints/{endpoint}/off/": "A",
    "GET /settings/webhooks/": "U A",
    "GET /settings/webhooks/new/": "A",
    "POST /settings/webhooks/new/": "A",
    "GET /settings/webhooks/{inbound}/": "U A",
    "POST /settings/webhooks/{inbound}/secret/": "A",
    "POST /settings/webhooks/{inbound}/former-secret/end/": "A",
    "POST /settings/webhooks/{inbound}/on/": "A",
    "POST /settings/webhooks/{inbound}/off/": "A",
}
DESK = {
    "GET /": SIGNED_IN,
    "GET /api/docs/": SIGNED_IN,
}

PAGES: Final[dict[str, str]] = {
    **HEALTH,
    **ACCOUNT,
    **POLICIES,
    **QUEUES,
    **REPORTS,
    **SEARCH,
    **ITEMS,
    **ACTORS,
    **ENFORCEMENT,
    **INCIDENTS,
    **RETROSPECTIVES,
    **DETECTORS,
    **STATISTICS,
    **AUDIT,
    **SETTINGS,
    **DESK,
}

_HELD: Final = {"round": "{round}", "fence": "1"}
_RESTRICTED: Final = {"round": "{restricted_round}", "fence": "1"}

# What a form must hold for its address to mean something; other forms are sent empty.
_OF_HOLDERS = ("ahead", "let-go", "draft", "renew", "take-again", "release", "skip")
FORMS: Final[dict[str, dict[str, str]]] = {
    **{f"POST /items/{{held}}/{verb}/": _HELD for verb in _OF_HOLDERS},
    **{f"POST /items/{{restricted}}/{verb}/": _RESTRICTED for verb in _OF_HOLDERS},
}
