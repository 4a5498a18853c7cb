from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences


class GuidanceConfig(AppConfig):
    name = "incidents.guidance"
    label = "guidance"

    def ready(self) -> None:
        sweeps.register("incidents.guidance.tasks.ask_when_due")
        sentences.register_noun("guidance.search", one=_("search for gaps"), many=_("searches for gaps"))
        sentences.register_noun("guidance.suggestion", one=_("suggested gap"), many=_("suggested gaps"))
        sentences.register(
            {
                "gap_search.asked": _("%(by)s asked for suggested gaps"),
                "gap_suggestion.taken": _("%(by)s took %(suggestion)s into %(policygap)s"),
                "gap_suggestion.dismissed": _("%(by)s dismissed %(suggestion)s"),
            }
        )
