"""``manage.py simulate --rate N``: send live synthetic alerts through the real API until it is stopped."""

import json
import time
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incidents.desk.demo import traffic
from trust.accounts import operations as accounts
from trust.accounts.models import User
from trust.outgoing import http
from trust.permissions import Role, Scope

ACCOUNTS = 60
SENDS_PER_SECOND = 4  # alerts travel in small arrays, so that a high rate needs few requests


class Command(BaseCommand):
    help = "Send synthetic alerts through the API: --rate alerts a second, until Ctrl-C or for --seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rate", type=float, required=True, help="alerts a second, 0.1 to 1000")
        parser.add_argument("--seconds", type=float, default=None, help="stop after so long")

    def handle(self, *arguments: Any, **options: Any) -> None:
        rate: float = options["rate"]
        if not 0.1 <= rate <= 1000:
            raise CommandError("--rate must be from 0.1 to 1000 alerts a second")
        owner = User.objects.active().with_role(Role.ADMIN).order_by("pk").first()
        if owner is None:
            raise CommandError("there is no admin yet; make one with create_person")
        key, text = accounts.create_api_key(
            "Simulation", scopes=[Scope.INTAKE], owner=owner, by=None, source="simulation", expires_days=1
        )
        try:
            self._send(text, rate, options["seconds"])
        except KeyboardInterrupt:
            self.stdout.write("")
        finally:
            accounts.revoke_api_key(key, by=None)

    def _send(self, key: str, rate: float, seconds: float | None) -> None:
        """Send at ``rate``; what could not be sent in time is made up for, so the rate holds on average."""
        random = Random()
        actors = traffic.accounts(ACCOUNTS, random)
        start, sent = time.monotonic(), 0
        while seconds is None or time.monotonic() - start < seconds:
            due = int((time.monotonic() - start) * rate) + 1 - sent
            if due > 0:
                records = [self._alert(actors, random) for _due in range(min(due, 1000))]
                self._post(key, records)
                sent += len(records)
                self.stdout.write(f"\rsent {sent}", ending="")
                self.stdout.flush()
            time.sleep(max(1 / SENDS_PER_SECOND, 0 if rate > SENDS_PER_SECOND else 1 / rate))
        self.stdout.write("")

    def _alert(self, actors: list[traffic.Account], random: Random) -> dict[str, Any]:
        account = random.choices(actors, [actor.weight for actor in actors])[0]
        number = random.getrandbits(48)
        record, _theme = traffic.alert(account, number=number, moment=timezone.now(), random=random)
        return record

    def _post(self, key: str, records: list[dict[str, Any]]) -> None:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        url = f"{settings.PUBLIC_URL}/api/v1/alerts"
        answer = http.post(url, body=json.dumps(records).encode(), headers=headers)
        if not answer.is_received:
            raise CommandError(f"{url} did not take the alerts: {answer.status_code or answer.fault}")
