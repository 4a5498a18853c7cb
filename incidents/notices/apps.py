from django.apps import AppConfig

from trust import sweeps


class NoticesConfig(AppConfig):
    name = "incidents.notices"
    label = "notices"

    def ready(self) -> None:
        sweeps.register("incidents.notices.tasks.tell")
