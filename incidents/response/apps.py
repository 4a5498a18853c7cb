from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import obligations, sentences
from trust.notes import registry as notes
from trust.permissions import Permission


class ResponseConfig(AppConfig):
    name = "incidents.response"
    label = "response"

    def ready(self) -> None:
        obligations.register("response.incident", kind="incident.created")
        notes.register(
            notes.Kind(
                "incident",
                "response.incident",
                route="response:detail",
                visible="incidents.response.noting.visible",
                readers="incidents.response.noting.readers",
                kept_back="incidents.response.noting.kept_back",
            )
        )
        sentences.register_noun(
            "response.incident",
            one=_("incident"),
            many=_("incidents"),
            route="response:detail",
            permission=Permission.READ_INCIDENTS,
        )
        sentences.register(
            {
                "incident.created": _("%(by)s opened %(incident)s"),
                "incident.items_added": _("%(by)s added %(item)s to %(incident)s"),
                "incident.item_removed": _("%(by)s took %(item)s out of %(incident)s"),
                "incident.actors_added": _("%(by)s added %(actor)s to %(incident)s"),
                "incident.actor_removed": _("%(by)s took %(actor)s out of %(incident)s"),
                "incident.enforcement_added": _("%(by)s added %(enforcementaction)s to %(incident)s"),
                "incident.enforcement_removed": _("%(by)s took %(enforcementaction)s out of %(incident)s"),
                "incident.contained": _("%(by)s marked %(incident)s contained"),
                "incident.resolved": _("%(by)s marked %(incident)s resolved"),
                "incident.reopened": _("%(by)s opened %(incident)s again"),
                "incident.reassigned": _("%(by)s gave %(incident)s to %(user)s"),
                "incident.edited": _("%(by)s edited %(incident)s"),
            }
        )
