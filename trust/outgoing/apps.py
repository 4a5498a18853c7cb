from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import obligations, sentences


class OutgoingConfig(AppConfig):
    name = "trust.outgoing"
    label = "outgoing"

    def ready(self) -> None:
        sweeps.register("trust.outgoing.tasks.deliver_due")
        obligations.register("outgoing.endpoint", kind="endpoint.created")
        sentences.register_noun("outgoing.endpoint", one=_("endpoint"), many=_("endpoints"))
        sentences.register_noun("outgoing.message", one=_("message"), many=_("messages"))
        sentences.register(
            {
                "endpoint.created": _("%(by)s made %(endpoint)s"),
                "endpoint.switched_on": _("%(by)s switched %(endpoint)s on"),
                "endpoint.switched_off": _("%(by)s switched %(endpoint)s off"),
                "endpoint.secret_changed": _("%(by)s changed the secret of %(endpoint)s"),
                "endpoint.gone": _("%(endpoint)s said to be gone and was switched off"),
                "endpoint.paused": _("%(endpoint)s failed many times in a row and was paused"),
                "message.given_up": _("%(message)s was given up after its last attempt"),
                "message.lost": _("%(message)s was lost by its receiver and is sent again"),
                "message.sent_again": _("%(by)s sent %(message)s again"),
            }
        )
