from django.apps import AppConfig

from trust import sweeps


class EnforcementConfig(AppConfig):
    name = "incidents.enforcement"
    label = "enforcement"

    def ready(self) -> None:
        sweeps.register("incidents.enforcement.tasks.give_strikes")
        sweeps.register("incidents.enforcement.tasks.follow_deliveries")
        sweeps.register("incidents.enforcement.tasks.end_due")
