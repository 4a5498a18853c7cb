"""Which key may ask for which endpoint, by hand: (the scopes that open it, the owners whose key with them gets in).

A key acts as its owner, so both must hold. Owners are the letters of ``tests/access/pages.py``.
"""

from typing import Final

from tests.access.letters import NOBODY, REVIEWERS, SIGNED_IN

ANY_SCOPE: Final = (
    "intake traffic queues:read review actors:read actors:share actors:share-by-name use-cases:read use-cases:write "
    "enforcement:read enforcement:propose appeals:write incidents:read statistics:read statistics:exact releases:read "
    "datasets:read content:read"
)
ITEM_SCOPES: Final = "queues:read review content:read"

ENDPOINTS: Final[dict[str, tuple[str, str]]] = {
    "GET /api/schema/": (ANY_SCOPE, SIGNED_IN),
    "POST /api/v1/alerts": ("intake", SIGNED_IN),
    "GET /api/v1/batches/{batch}": ("intake", SIGNED_IN),
    "POST /api/v1/webhooks/openai/{inbound_token}": (NOBODY, NOBODY),  # a provider's signature opens it, never a key
    "POST /api/v1/traffic": ("traffic", SIGNED_IN),
    "GET /api/v1/traffic": ("statistics:exact", "L N U K"),
    "GET /api/v1/queues": ("queues:read", SIGNED_IN),
    "POST /api/v1/queues/{queue}/claim": ("review", REVIEWERS),
    "POST /api/v1/queues/{restricted_queue}/claim": ("review", "C K"),
    "POST /api/v1/queues/no-such-queue/claim": (NOBODY, NOBODY),
    "GET /api/v1/items/{held}": (ITEM_SCOPES, SIGNED_IN),
    "GET /api/v1/items/{waiting}": (ITEM_SCOPES, SIGNED_IN),
    "GET /api/v1/items/{restricted}": (ITEM_SCOPES, "C K"),
    "POST /api/v1/items/{held}/decisions": ("review", REVIEWERS),
    "POST /api/v1/items/{restricted}/decisions": ("review", REVIEWERS),
    "GET /api/v1/items/{held}/notes": ("content:read", "H L K"),  # by review only who holds or decided it
    "GET /api/v1/items/{restricted}/notes": ("content:read", "C K"),
    "POST /api/v1/items/{held}/notes": ("review", "H L K"),
    "POST /api/v1/items/{restricted}/notes": ("review", "C K"),
    "GET /api/v1/search?q=tea": ("content:read", REVIEWERS),
    "GET /api/v1/actors": ("actors:read", "H R L U C K"),
    "POST /api/v1/actors/share": ("actors:share", "L U K"),
    "POST /api/v1/incidents/{incident}/share": ("actors:share", "L U K"),
    "GET /api/v1/use-cases": ("use-cases:read", "H R L U C K"),
    "POST /api/v1/use-cases": ("use-cases:write", REVIEWERS),
    "GET /api/v1/use-cases/{use_case}": ("use-cases:read", "H L U K"),
    "GET /api/v1/enforcement-actions": ("enforcement:read", "H R L U C K"),
    "POST /api/v1/enforcement-actions": ("enforcement:propose", REVIEWERS),
    "GET /api/v1/enforcement-actions/{proposed}": ("enforcement:read", "H L U K"),
    "GET /api/v1/enforcement-actions/{other}": ("enforcement:read", "R L U K"),
    "POST /api/v1/appeals": ("appeals:write", SIGNED_IN),
    "GET /api/v1/incidents": ("incidents:read", "H R L E P N U C K"),
    "GET /api/v1/statistics": ("statistics:read statistics:exact", "L E P N U A K"),
    "GET /api/v1/statistics?view=exact": ("statistics:exact", "L N U K"),
    "GET /api/v1/incidents/{incident}": ("incidents:read", "H L E P N U K"),
}
