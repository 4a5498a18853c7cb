"""``manage.py create_api_key``: make a key; the last line of standard output is the key alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from trust.accounts import operations
from trust.accounts.models import User
from trust.permissions import Role, Scope
from trust.refusals import Refused


class Command(BaseCommand):
    help = "Make an API key. The last line of standard output is the key; it is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        scopes = ", ".join(Scope.values)
        parser.add_argument("--scope", nargs="+", action="extend", required=True, metavar="SCOPE", help=scopes)
        parser.add_argument("--owner", default="", metavar="EMAIL", help="who it acts as (default: the first admin)")
        parser.add_argument("--source", default="", metavar="SLUG", help="the source of its alerts (default: its name)")
        parser.add_argument("--expires", type=int, metavar="DAYS", help="default: never; content:read at most 90")
        parser.add_argument("--requests-per-minute", type=int, default=600, metavar="N", help="0 means no limit")
        parser.add_argument("--alerts-per-minute", type=int, default=100_000, metavar="N", help="0 means no limit")

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            key, text = operations.create_api_key(
                options["name"],
                scopes=options["scope"],
                owner=_owner(options["owner"]),
                by=None,
                source=options["source"],
                expires_days=options["expires"],
                requests_per_minute=options["requests_per_minute"],
                alerts_per_minute=options["alerts_per_minute"],
            )
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        if key.waits_for_approval():
            self.stderr.write(_("This key answers once an admin has approved it under Settings, API keys."))
        self.stdout.write(text)


def _owner(email: str) -> User:
    people = User.objects.active()
    owner: User | None
    if email:
        owner = people.filter(email__iexact=email).first()
        if owner is None:
            raise CommandError(_("There is no active person with the e-mail address %(email)s.") % {"email": email})
        return owner
    owner = people.with_role(Role.ADMIN).order_by("pk").first()
    if owner is None:
        raise CommandError(_("There is no admin yet. Make one first: manage.py create_person EMAIL --role admin"))
    return owner
