"""Every write to guidelines and gaps."""

from policies.operations.about import draft_about
from policies.operations.acknowledging import acknowledge
from policies.operations.documents import draft_document
from policies.operations.drafting import (
    ChangedMeanwhile,
    add_clause,
    discard_draft,
    draft_clause,
    drop_outline,
    drop_typing,
    keep_outline,
    keep_typing,
    move_clause,
    open_draft,
    remove_clause,
    submit_for_review,
)
from policies.operations.gap_clock import note_first_enforcement, note_retired
from policies.operations.gaps import LONGEST_TITLE, Find, close_gap, join_gap, leave_gap, own_gap, reopen_gap
from policies.operations.mappings import map_category, unmap_category
from policies.operations.publishing import (
    cancel_publication,
    install_pack,
    publish_at,
    publish_due,
    publish_version,
    send_back,
)
from policies.operations.retiring import approve_retirement, decline_retirement, propose_retirement
from policies.wording import About, Wording

__all__ = [
    "LONGEST_TITLE",
    "About",
    "ChangedMeanwhile",
    "Find",
    "Wording",
    "acknowledge",
    "add_clause",
    "approve_retirement",
    "cancel_publication",
    "close_gap",
    "decline_retirement",
    "discard_draft",
    "draft_about",
    "draft_clause",
    "draft_document",
    "drop_outline",
    "drop_typing",
    "install_pack",
    "join_gap",
    "keep_outline",
    "keep_typing",
    "leave_gap",
    "map_category",
    "move_clause",
    "note_first_enforcement",
    "note_retired",
    "open_draft",
    "own_gap",
    "propose_retirement",
    "publish_at",
    "publish_due",
    "publish_version",
    "remove_clause",
    "reopen_gap",
    "send_back",
    "submit_for_review",
    "unmap_category",
]
