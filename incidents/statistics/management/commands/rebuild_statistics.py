from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from incidents.statistics import operations, queries

SHOWN = 20


class Command(BaseCommand):
    help = "Make the statistics again from the decisions; with --check, compare them and change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare with a recount; exit 1 on any difference")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(_("Rebuilt: %(rows)s rows.") % {"rows": operations.rebuild()})
            return
        differences = queries.differences_from_recount()
        for difference in differences[:SHOWN]:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(
                _("%(count)s rows differ from a recount. Run rebuild_statistics.") % {"count": len(differences)}
            )
        self.stdout.write(_("The statistics equal a recount of the decisions."))
