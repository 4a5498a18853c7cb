from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences


class LinkingConfig(AppConfig):
    name = "incidents.linking"
    label = "linking"

    def ready(self) -> None:
        sentences.register(
            {
                "actors.link_asserted": _("%(by)s linked %(actor)s to another actor"),
                "actors.link_rejected": _("%(by)s said that %(actor)s is not linked to another actor"),
            }
        )
