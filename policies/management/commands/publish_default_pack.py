from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _, ngettext

from policies import operations, pack
from policies.models import Policy


class Command(BaseCommand):
    help = "Publish version 1 of the default policy pack. Does nothing where there are policies already."

    def handle(self, *args: Any, **options: Any) -> None:
        if Policy.objects.exists():
            self.stdout.write(_("There are policies already; nothing was changed."))
            return
        versions = operations.install_pack(pack.load())
        sentence = ngettext(
            "Published version 1 of %(count)s policy.", "Published version 1 of %(count)s policies.", len(versions)
        )
        self.stdout.write(sentence % {"count": len(versions)})
