"""Every write of intake: what came in, what was restricted, what was handed on."""

from incidents.intake.operations.accepting import Receipt, Rejection, accept
from incidents.intake.operations.answering import RequestMark, accept_once, forget_answers
from incidents.intake.operations.counting_traffic import TrafficReceipt, TrafficRejection, count_traffic
from incidents.intake.operations.restricting import restrict
from incidents.intake.operations.routing import take_alerts_to_route

__all__ = [
    "Receipt",
    "Rejection",
    "RequestMark",
    "TrafficReceipt",
    "TrafficRejection",
    "accept",
    "accept_once",
    "count_traffic",
    "forget_answers",
    "restrict",
    "take_alerts_to_route",
]
