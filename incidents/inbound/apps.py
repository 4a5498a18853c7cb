from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import obligations, sentences
from trust.permissions import Permission


class InboundConfig(AppConfig):
    name = "incidents.inbound"
    label = "inbound"

    def ready(self) -> None:
        sweeps.register("incidents.inbound.tasks.forget_arrivals")
        obligations.register("inbound.inboundwebhook", kind="inbound.created")
        sentences.register_noun(
            "inbound.inboundwebhook",
            one=_("inbound webhook"),
            many=_("inbound webhooks"),
            route="inbound:webhook",
            permission=Permission.READ_SETTINGS,
        )
        sentences.register(
            {
                "inbound.created": _("%(by)s made %(inboundwebhook)s"),
                "inbound.secret_set": _("%(by)s entered a secret of %(inboundwebhook)s"),
                "inbound.former_secret_ended": _("%(by)s ended the former secret of %(inboundwebhook)s"),
                "inbound.switched_on": _("%(by)s switched %(inboundwebhook)s on"),
                "inbound.switched_off": _("%(by)s switched %(inboundwebhook)s off"),
            }
        )
