from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences


class SearchConfig(AppConfig):
    name = "incidents.search"
    label = "search"

    def ready(self) -> None:
        for task in ("index", "forget_searches"):
            sweeps.register(f"incidents.search.tasks.{task}")
        sentences.register_noun("search.savedview", one=_("saved view"), many=_("saved views"))
        sentences.register(
            {
                "view.saved": _("%(by)s saved %(savedview)s"),
                "view.deleted": _("%(by)s deleted %(savedview)s"),
            }
        )
