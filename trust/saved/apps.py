from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences


class SavedConfig(AppConfig):
    name = "trust.saved"
    label = "saved"

    def ready(self) -> None:
        sentences.register_noun("saved.savedview", one=_("saved view"), many=_("saved views"))
        sentences.register(
            {
                "view.saved": _("%(by)s saved %(savedview)s"),
                "view.changed": _("%(by)s changed %(savedview)s"),
                "view.deleted": _("%(by)s deleted %(savedview)s"),
            }
        )
