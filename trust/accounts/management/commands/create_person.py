"""``manage.py create_person EMAIL --role ROLE``: make a member of staff; they set a password by a one-time link."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _

from trust.accounts import operations
from trust.accounts.models import User
from trust.permissions import Role
from trust.refusals import Refused


class Command(BaseCommand):
    help = "Make a person and print a link by which they set their password. The link works once."

    def add_arguments(self, parser: CommandParser) -> None:
        roles = ", ".join(Role.values)
        parser.add_argument("email")
        parser.add_argument("--role", nargs="+", action="extend", required=True, metavar="ROLE", help=roles)
        parser.add_argument("--name", help="default: the part of the address before the @")

    def handle(self, *arguments: Any, **options: Any) -> None:
        email = options["email"]
        try:
            validate_email(email)
            name = options["name"] or email.partition("@")[0]
            person = operations.create_person(email, name=name, roles=options["role"], by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        sentence = _("%(email)s sets a password here, once:")
        self.stdout.write(sentence % {"email": person.email})
        self.stdout.write(_link(person))


def _link(person: User) -> str:
    """Return the address of allauth's own reset page, with a token that the first use spends."""
    key = default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
    return f"{settings.PUBLIC_URL}{path}"
