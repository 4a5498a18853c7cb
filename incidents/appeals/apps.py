from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import obligations, sentences
from trust.permissions import Permission


class AppealsConfig(AppConfig):
    name = "incidents.appeals"
    label = "appeals"

    def ready(self) -> None:
        sweeps.register("incidents.appeals.tasks.forget_asks")
        obligations.register("appeals.appeal", kind="appeal.received")
        obligations.register("appeals.appeal", kind="appeal.judged", status="judged")
        obligations.register_trigger("appeals_appeal", "appeal_as_it_came")
        obligations.register_trigger("appeals_appealjudgement", "judged_by_no_party")
        sentences.register_noun(
            "appeals.appeal",
            one=_("appeal"),
            many=_("appeals"),
            route="appeals:detail",
            permission=Permission.READ_APPEALS,
        )
        sentences.register(
            {
                "appeal.received": _("%(appeal)s of %(actor)s against %(enforcementaction)s came in"),
                "appeal.judged": _("%(by)s judged %(appeal)s of %(actor)s against %(enforcementaction)s"),
            }
        )
