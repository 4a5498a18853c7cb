from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences
from trust.permissions import Permission


class ActorsConfig(AppConfig):
    name = "incidents.actors"
    label = "actors"

    def ready(self) -> None:
        sentences.register_noun(
            "actors.actor", one=_("actor"), many=_("actors"), route="actors:detail", permission=Permission.READ_ACTORS
        )
        sentences.register({"actor.standing_changed": _("%(by)s changed the standing of %(actor)s")})
