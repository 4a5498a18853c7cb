from __future__ import annotations

from smtplib import SMTPException

import structlog
from celery import shared_task
from django.conf import settings

from incidents.notices import operations, queries

log = structlog.get_logger()


@shared_task
def tell() -> None:
    """Write mails to leads of what waits for them, and send what is due. Two workers may run this at once."""
    if not settings.IS_EMAIL_ON:
        return
    for person in queries.leads():
        operations.note(person)
        operations.gather(person)
    while mail := operations.claim_due():
        if not operations.is_wanted(mail):
            operations.drop(mail)
            log.warning("mail dropped", mail=mail.pk, attempts=mail.attempts)
            continue
        try:
            operations.send(mail)
        except SMTPException as error:
            log.warning("mail not sent", mail=mail.pk, attempts=mail.attempts, error=type(error).__name__)
            continue
        except OSError as error:  # nobody answers: the others wait for the next time
            log.warning("no mail server", mail=mail.pk, attempts=mail.attempts, error=type(error).__name__)
            return
        operations.finish(mail)
