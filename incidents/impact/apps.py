from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences


class ImpactConfig(AppConfig):
    name = "incidents.impact"
    label = "impact"

    def ready(self) -> None:
        sentences.register_noun("impact.sample", one=_("sample to judge again"), many=_("samples to judge again"))
        sentences.register(
            {
                "clause.marked": _("%(by)s said whether %(policyversion)s changes the meaning of %(clause)s"),
                "impact.sample_taken": _("%(by)s took %(sample)s for %(policyversion)s"),
                "impact.judged_again": _("%(by)s judged an item again for %(sample)s"),
            }
        )
