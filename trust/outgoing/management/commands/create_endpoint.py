"""``manage.py create_endpoint``: name a system to be told of decisions; the last line printed is its secret."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trust.outgoing import operations
from trust.refusals import Refused


class Command(BaseCommand):
    help = "Make a webhook endpoint. The last line of standard output is its signing secret; it is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("url")
        parser.add_argument(
            "--only-receipt", action="store_true", help="a 2xx answer means that it arrived, not that it is in force"
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            _endpoint, secret = operations.create_endpoint(
                options["name"], url=options["url"], trusts_receipt=not options["only_receipt"], by=None
            )
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(secret)
