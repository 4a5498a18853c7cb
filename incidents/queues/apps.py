from django.apps import AppConfig

from trust import preparation, sweeps


class QueuesConfig(AppConfig):
    name = "incidents.queues"
    label = "queues"

    def ready(self) -> None:
        preparation.register("set_up_queues")
        sweeps.register("incidents.queues.tasks.route")
