from django.apps import AppConfig

from trust import sweeps


class OutgoingConfig(AppConfig):
    name = "trust.outgoing"
    label = "outgoing"

    def ready(self) -> None:
        sweeps.register("trust.outgoing.tasks.deliver_due")
