"""``manage.py verify_audit``: exit 0 when the audit is complete and guarded, 1 with a line per fault."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from trust.audit import verification
from trust.audit.models import AuditEvent


class Command(BaseCommand):
    help = "Check that each act has its audit event, and that the audit's triggers and rights stand."

    def handle(self, *arguments: Any, **options: Any) -> None:
        faults = list(verification.faults())
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            sys.exit(1)
        sentence = _("The audit is complete: %(events)s events, append-only.")
        self.stdout.write(sentence % {"events": AuditEvent.objects.count()})
