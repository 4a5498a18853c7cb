"""Every write of intake: what came in, what was restricted, what was handed on."""

from incidents.intake.operations.accepting import Added, Receipt, accept, add, close_batch, open_batch
from incidents.intake.operations.answering import RequestMark, accept_once, forget_answers
from incidents.intake.operations.counting_traffic import TrafficReceipt, TrafficRejection, count_traffic
from incidents.intake.operations.mappings import save_mapping
from incidents.intake.operations.rehearsing import Brought, Recall, rehearse
from incidents.intake.operations.rejecting import Rejection, storable, storable_errors
from incidents.intake.operations.restricting import restrict
from incidents.intake.operations.routing import take_alerts_to_route
from incidents.intake.operations.tallying import LATENESS, Waiting, take_arrivals_to_count

__all__ = [
    "LATENESS",
    "Added",
    "Brought",
    "Recall",
    "Receipt",
    "Rejection",
    "RequestMark",
    "TrafficReceipt",
    "TrafficRejection",
    "Waiting",
    "accept",
    "accept_once",
    "add",
    "close_batch",
    "count_traffic",
    "forget_answers",
    "open_batch",
    "rehearse",
    "restrict",
    "save_mapping",
    "storable",
    "storable_errors",
    "take_alerts_to_route",
    "take_arrivals_to_count",
]
