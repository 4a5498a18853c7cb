from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from incidents.quality import operations, queries

SHOWN = 20


class Command(BaseCommand):
    help = "Rate all judged items anew; with --check, compare the counts with a recount and change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare with a recount; exit 1 on any difference")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(_("Rebuilt: %(ratings)s ratings.") % {"ratings": operations.rebuild()})
            return
        differences = queries.differences_from_recount()
        for difference in differences[:SHOWN]:
            self.stdout.write(", ".join("–" if value is None else str(value) for value in difference))
        if differences:
            raise CommandError(
                _("%(count)s rows differ from a recount. Run rebuild_quality.") % {"count": len(differences)}
            )
        self.stdout.write(_("Quality's counts equal a recount of the judged items."))
