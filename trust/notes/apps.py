from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import obligations, sentences


class NotesConfig(AppConfig):
    name = "trust.notes"
    label = "notes"

    def ready(self) -> None:
        obligations.register("notes.note", kind="note.written")
        obligations.register("notes.note", kind="note.taken_back", withdrawal__isnull=False)
        obligations.register("notes.note", kind="note.resolved", resolution__isnull=False)
        sentences.register_noun("notes.note", one=_("note"), many=_("notes"))
        sentences.register(
            {
                "note.written": _("%(by)s wrote %(note)s"),
                "note.resolved": _("%(by)s settled %(note)s"),
                "note.taken_back": _("%(by)s took back %(note)s"),
            }
        )
