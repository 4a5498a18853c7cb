from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation

from incidents.notices import queries, wording
from incidents.notices.models import Mail, Notice, OptOut
from trust import clock
from trust.accounts.models import User

# After so many failures, so long until the next attempt; the last holds from then on.
BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
# What no server took for so long is old news: the pages still say what waits.
TRIED_FOR: Final = timedelta(days=3)


@transaction.atomic
def note(person: User) -> int:
    """Write down what ``person`` is to be told of, each once. Returns how many there were. 6 queries."""
    now = clock.now()
    news = queries.news_for(person, now)
    rows = [Notice(person=person, kind=kind, subject=number, at=now) for kind, number in news]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def gather(person: User) -> Mail | None:
    """Put what waits to be told into one mail, unless this hour of the clock has one for ``person``."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    waiting = Notice.objects.filter(person=person, mail__isnull=True)
    if Mail.objects.filter(person=person, hour=hour).exists() or not waiting.exists():
        return None
    mail = Mail.objects.create(person=person, hour=hour, next_at=now)
    waiting.update(mail=mail)
    return mail


@transaction.atomic
def claim_due() -> Mail | None:
    """Take a mail that is due, and put its next attempt off, so that nobody else takes it. None when there is none."""
    now = clock.now()
    due = Mail.objects.filter(sent_at__isnull=True, dropped_at__isnull=True, next_at__lte=now).order_by("next_at", "pk")
    mail = due.select_for_update(skip_locked=True).first()
    if mail is None:
        return None
    mail.next_at = now + BACKOFF[min(mail.attempts, len(BACKOFF) - 1)]
    mail.attempts += 1
    mail.save(update_fields=["attempts", "next_at"])
    return mail


def send(mail: Mail) -> None:
    """Hand ``mail`` to the server. Raises OSError or SMTPException. Its id is the same at every attempt."""
    person = User.objects.get(pk=mail.person_id)
    counts = Counter(mail.notices.values_list("kind", flat=True))
    with translation.override(person.language or settings.LANGUAGE_CODE):
        message = EmailMessage(
            subject=wording.subject(counts),
            body=wording.body(counts),
            to=[person.email],
            headers={"Message-ID": f"<notice-{mail.pk}@trustdesk>", "Auto-Submitted": "auto-generated"},
        )
    message.send()


def is_wanted(mail: Mail) -> bool:
    """Say whether its person is still told by mail, and it is not too old. 1 query."""
    return mail.hour > clock.now() - TRIED_FOR and queries.leads().filter(pk=mail.person_id).exists()


@transaction.atomic
def finish(mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk, sent_at__isnull=True, dropped_at__isnull=True).update(sent_at=clock.now())


@transaction.atomic
def drop(mail: Mail) -> None:
    """Send ``mail`` never. It stays on record."""
    Mail.objects.filter(pk=mail.pk, sent_at__isnull=True, dropped_at__isnull=True).update(dropped_at=clock.now())


@transaction.atomic
def opt_out(person: User, *, at: datetime | None = None) -> None:
    """Send ``person`` no more mail; what waited to be told is not told by mail."""
    OptOut.objects.get_or_create(person=person, defaults={"at": at or clock.now()})


@transaction.atomic
def opt_in(person: User) -> None:
    OptOut.objects.filter(person=person).delete()
