from django.apps import AppConfig

from trust import preparation


class PoliciesConfig(AppConfig):
    name = "policies"
    label = "policies"

    def ready(self) -> None:
        preparation.register("publish_default_pack")
