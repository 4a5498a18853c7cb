"""Every write of intake."""

from incidents.intake.operations.restricting import restrict
from incidents.intake.operations.routing import take_alerts_to_route

__all__ = ["restrict", "take_alerts_to_route"]
