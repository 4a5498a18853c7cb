from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences


class SharingConfig(AppConfig):
    name = "incidents.sharing"
    label = "sharing"

    def ready(self) -> None:
        sentences.register(
            {
                "sharing.exported": _("%(by)s made a file of %(actor)s to share"),
                "sharing.exported_by_name": _("%(by)s made a file of %(actor)s to share, with their outside ids"),
                "sharing.exported_incident": _("%(by)s made a file of the actors of %(incident)s to share: %(actor)s"),
                "sharing.exported_incident_by_name": _(
                    "%(by)s made a file of the actors of %(incident)s to share, with their outside ids: %(actor)s"
                ),
            }
        )
