from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import obligations, sentences
from trust.permissions import Permission

FROZEN = ("retrospectives_retrospective", "retrospectives_section", "retrospectives_actionitem")


class RetrospectivesConfig(AppConfig):
    name = "incidents.retrospectives"
    label = "retrospectives"

    def ready(self) -> None:
        for table in FROZEN:
            obligations.register_trigger(table, "signed_is_frozen")
        obligations.register("retrospectives.retrospective", kind="retrospective.created")
        obligations.register("retrospectives.retrospective", kind="retrospective.frozen", status="signed")
        sentences.register_noun(
            "retrospectives.retrospective",
            one=_("retrospective"),
            many=_("retrospectives"),
            route="retrospectives:detail",
            permission=Permission.READ_INCIDENTS,
        )
        sentences.register_noun("retrospectives.actionitem", one=_("action item"), many=_("action items"))
        sentences.register(
            {
                "retrospective.created": _("%(by)s started %(retrospective)s of %(incident)s"),
                "retrospective.written": _("%(by)s wrote in %(retrospective)s"),
                "retrospective.action_added": _("%(by)s added %(actionitem)s for %(user)s to %(retrospective)s"),
                "retrospective.action_removed": _("%(by)s took %(actionitem)s out of %(retrospective)s"),
                "retrospective.action_done": _("%(by)s marked %(actionitem)s of %(retrospective)s done"),
                "retrospective.signed": _("%(by)s signed %(retrospective)s"),
                "retrospective.frozen": _("Two people signed %(retrospective)s; it is frozen"),
            }
        )
