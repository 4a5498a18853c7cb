from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences


class WellbeingConfig(AppConfig):
    name = "incidents.wellbeing"
    label = "wellbeing"

    def ready(self) -> None:
        sweeps.register("incidents.wellbeing.tasks.forget_old")
        sweeps.register("incidents.wellbeing.tasks.close_weeks")
        sentences.register_noun("wellbeing.limits", one=_("limits on exposure"), many=_("limits on exposure"))
        sentences.register({"wellbeing.set": _("%(by)s set %(limits)s and covering for everyone")})
