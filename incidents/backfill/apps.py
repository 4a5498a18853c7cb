from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import obligations, sentences
from trust.permissions import Permission


class BackfillConfig(AppConfig):
    name = "incidents.backfill"
    label = "backfill"

    def ready(self) -> None:
        sweeps.register("incidents.backfill.tasks.open_rounds")
        obligations.register("backfill.backfill", kind="backfill.started")
        obligations.register_trigger("backfill_backfillpart", "keep_backfillpart")
        sentences.register_noun(
            "backfill.backfill",
            one=_("second look at past items"),
            many=_("second looks at past items"),
            route="backfill:detail",
            permission=Permission.LOOK_AGAIN,
        )
        sentences.register(
            {
                "backfill.started": _("%(by)s started %(backfill)s under %(policyversion)s"),
                "backfill.cancelled": _("%(by)s cancelled %(backfill)s"),
            }
        )
