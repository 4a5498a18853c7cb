from collections.abc import Callable

from django.utils.translation import gettext as _

from trust import languages
from trust.accounts.models import User
from trust.outgoing import guard
from trust.outgoing.models import Message
from trust.permissions import Permission

LONGEST_NAME = 100

TextRule = Callable[[str], str | None]


def refusal_to_manage(by: User | None) -> str | None:
    """``by`` None is the operator at the command line."""
    if by is not None and not by.may(Permission.MANAGE_ENDPOINTS):
        return _("Only an admin may change endpoints.")
    return None


def refusal_of_name(name: str) -> str | None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        return _("The name of an endpoint must have 1 to %(most)s printable characters.") % {"most": LONGEST_NAME}
    return None


def refusal_of_url(url: str) -> str | None:
    """Say why nothing could ever be sent to ``url``. Looks its host up; a name that is not found yet is let pass."""
    try:
        guard.check(url)
    except guard.AddressRefused:
        return _(
            "Messages do not go to this address. It must be https on a public address, port 80, 443 or from 1024 on, "
            "without a user name or fragment; private networks are opened by WEBHOOK_ALLOWED_NETWORKS."
        )
    except guard.NameNotFound:
        return None
    return None


def refusal_to_send_again(message: Message) -> str | None:
    if message.status == Message.Status.DEAD:
        return None
    return _("Only what was given up can be sent again; this is %(status)s.") % {
        "status": languages.within(message.get_status_display())
    }
