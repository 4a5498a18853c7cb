"""``manage.py create_person``: make a member of staff, who sets their own password by the printed link."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from trust.accounts import links, operations
from trust.permissions import Role
from trust.refusals import Refused


class Command(BaseCommand):
    help = "Make a member of staff and print a link, good for 72 hours, by which they set their password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        roles = ", ".join(Role.values)
        parser.add_argument("--role", nargs="+", action="extend", required=True, metavar="ROLE", help=roles)
        parser.add_argument("--name", default="", help="default: what stands before the @")

    def handle(self, *arguments: Any, **options: Any) -> None:
        email = options["email"]
        name = options["name"] or email.partition("@")[0]
        try:
            person = operations.create_person(email, name=name, roles=options["role"], by=None)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        self.stderr.write(_("%(person)s sets a password here, once, within 72 hours:") % {"person": person.email})
        self.stdout.write(links.one_time_link(person))
