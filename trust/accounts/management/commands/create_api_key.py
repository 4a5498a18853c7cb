"""``manage.py create_api_key NAME --scope SCOPE …``: make a key for a machine; the last line is the key alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from trust.accounts import operations
from trust.accounts.models import User
from trust.permissions import Role, Scope
from trust.refusals import Refused

LIMITS = ("requests_per_minute", "alerts_per_minute")


class Command(BaseCommand):
    help = "Make an API key. Its text stands on the last line of the output and is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        scopes = ", ".join(Scope.values)
        parser.add_argument("name")
        parser.add_argument("--scope", nargs="+", action="extend", required=True, metavar="SCOPE", help=scopes)
        parser.add_argument("--owner", metavar="EMAIL", help="who the key acts as; default: the first admin")
        parser.add_argument("--source", metavar="SLUG", help="where its alerts come from; default: made of the name")
        parser.add_argument("--expires", type=int, metavar="DAYS", dest="expires_days")
        parser.add_argument("--requests-per-minute", type=int, metavar="N", help="0 for no limit")
        parser.add_argument("--alerts-per-minute", type=int, metavar="N", help="0 for no limit")

    def handle(self, *arguments: Any, **options: Any) -> None:
        given = {name: options[name] for name in ("source", "expires_days", *LIMITS) if options[name] is not None}
        try:
            key, text = operations.create_api_key(
                options["name"], scopes=options["scope"], owner=_owner(options["owner"]), by=None, **given
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        about = _("Key “%(name)s” of %(owner)s for %(source)s. Keep it now; it is not shown again:")
        self.stdout.write(about % {"name": key.name, "owner": key.owner.email, "source": key.source})
        self.stdout.write(text)


def _owner(email: str | None) -> User:
    if email is None:
        owner: User | None = User.objects.filter(roles__contains=[Role.ADMIN], is_active=True).order_by("pk").first()
        if owner is None:
            raise CommandError(_("There is no admin yet; make one with create_person, or name an --owner."))
        return owner
    person: User | None = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(_("There is nobody with the e-mail address %(email)s.") % {"email": email})
    return person
