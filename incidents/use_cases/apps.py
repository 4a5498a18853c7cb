from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import obligations, sentences
from trust.permissions import Permission


class UseCasesConfig(AppConfig):
    name = "incidents.use_cases"
    label = "use_cases"

    def ready(self) -> None:
        once_approved = ["approved", "withdrawn", "replaced"]
        obligations.register("use_cases.application", kind="use_case.applied")
        obligations.register("use_cases.application", kind="use_case.approved", status__in=once_approved)
        for status in ("declined", "withdrawn", "replaced"):
            obligations.register("use_cases.application", kind=f"use_case.{status}", status=status)
        obligations.register("use_cases.fit", kind="use_case.fit_said")
        obligations.register_trigger("use_cases_application", "decided_is_frozen")
        obligations.register_trigger("use_cases_fit", "superseded_is_own")
        sentences.register_noun(
            "use_cases.application",
            one=_("use case"),
            many=_("use cases"),
            route="use_cases:detail",
            permission=Permission.READ_USE_CASES,
        )
        sentences.register_noun("use_cases.fit", one=_("word on a use case"), many=_("words on use cases"))
        sentences.register(
            {
                "use_case.applied": _("%(by)s entered %(application)s of %(actor)s"),
                "use_case.approved": _("%(by)s approved %(application)s of %(actor)s"),
                "use_case.declined": _("%(by)s declined %(application)s of %(actor)s"),
                "use_case.withdrawn": _("%(by)s withdrew %(application)s of %(actor)s"),
                "use_case.replaced": _("%(by)s replaced %(application)s of %(actor)s by a later one"),
                "use_case.fit_said": _("%(by)s said whether %(item)s fits its use case"),
            }
        )
