"""Every write of the queues: routing, grouping, claiming, closing, setting up."""

from incidents.queues.operations.alike import Held, hold_alike, hold_these, let_go, take_free
from incidents.queues.operations.caring import join, set_notice, take_break
from incidents.queues.operations.claiming import (
    Claim,
    claim,
    claim_ahead,
    leave,
    let_go_ahead,
    note_seen,
    refusal_to_take,
    release,
    renew,
    skip,
    standing_for,
)
from incidents.queues.operations.closing import CLOSED_BY_MADE, HELD, Outcome, move_to_restricted_queue, reopen_round
from incidents.queues.operations.damping import Rated, damp, lift, note_reliability, take_items_to_rate
from incidents.queues.operations.grouping import group_items, wait_for_group
from incidents.queues.operations.opening import ask_second_opinion, open_for_appeal
from incidents.queues.operations.passing import (
    ask_opinion,
    assign,
    decline,
    escalate,
    hand_over,
    hold,
    move,
    withdraw_opinion,
)
from incidents.queues.operations.regrouping import Regrouping, regroup, try_regroup
from incidents.queues.operations.rejudging import Reopened, open_again
from incidents.queues.operations.routing import route_alerts
from incidents.queues.operations.rule_sets import (
    discard_draft,
    publish_draft,
    publish_rules,
    restore_rules,
    write_draft,
)
from incidents.queues.operations.setting_up import queue_for_restricted, set_up_queue, set_up_queues
from incidents.queues.stream.nudging import nudge

__all__ = [
    "CLOSED_BY_MADE",
    "HELD",
    "Claim",
    "Held",
    "Outcome",
    "Rated",
    "Regrouping",
    "Reopened",
    "ask_opinion",
    "ask_second_opinion",
    "assign",
    "claim",
    "claim_ahead",
    "damp",
    "decline",
    "discard_draft",
    "escalate",
    "group_items",
    "hand_over",
    "hold",
    "hold_alike",
    "hold_these",
    "join",
    "leave",
    "let_go",
    "let_go_ahead",
    "lift",
    "move",
    "move_to_restricted_queue",
    "note_reliability",
    "note_seen",
    "nudge",
    "open_again",
    "open_for_appeal",
    "publish_draft",
    "publish_rules",
    "queue_for_restricted",
    "refusal_to_take",
    "regroup",
    "release",
    "renew",
    "reopen_round",
    "restore_rules",
    "route_alerts",
    "set_notice",
    "set_up_queue",
    "set_up_queues",
    "skip",
    "standing_for",
    "take_break",
    "take_free",
    "take_items_to_rate",
    "try_regroup",
    "wait_for_group",
    "withdraw_opinion",
    "write_draft",
]
