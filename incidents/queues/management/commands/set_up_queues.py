from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _, ngettext

from incidents.queues import operations


class Command(BaseCommand):
    help = "Make the default queues and routing rules. Does nothing where there are queues already."

    def handle(self, *args: Any, **options: Any) -> None:
        made = operations.set_up_queues()
        if not made:
            self.stdout.write(_("There are queues already; nothing was changed."))
            return
        self.stdout.write(ngettext("Made %(count)s queue.", "Made %(count)s queues.", made) % {"count": made})
