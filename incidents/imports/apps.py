from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences
from trust.permissions import Permission


class ImportsConfig(AppConfig):
    name = "incidents.imports"
    label = "imports"

    def ready(self) -> None:
        for task in ("rehearse", "import_files", "forget_files"):
            sweeps.register(f"incidents.imports.tasks.{task}")
        sentences.register_noun(
            "imports.import",
            one=_("import"),
            many=_("imports"),
            route="imports:detail",
            permission=Permission.IMPORT_ALERTS,
        )
        sentences.register(
            {
                "import.uploaded": _("%(by)s uploaded a file for %(import)s"),
                "import.previewed": _("%(by)s opened the first records of %(import)s"),
                "import.rehearsed": _("%(by)s asked for a dry run of %(import)s"),
                "import.started": _("%(by)s started %(import)s"),
                "import.cancelled": _("%(by)s cancelled %(import)s"),
                "import.discarded": _("%(by)s discarded the file of %(import)s"),
            }
        )
