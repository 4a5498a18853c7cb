from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences
from trust.permissions import Permission
from trust.saved import places
from trust.saved.places import Place


class SearchConfig(AppConfig):
    name = "incidents.search"
    label = "search"

    def ready(self) -> None:
        for task in ("index", "forget_searches"):
            sweeps.register(f"incidents.search.tasks.{task}")
        reader = "incidents.search.forms.reading"
        places.register(Place("search", _("Search"), "search:search", Permission.VIEW_CONTENT, reader, "q="))
        sentences.register_noun("search.savedview", one=_("saved view"), many=_("saved views"))  # of earlier events
