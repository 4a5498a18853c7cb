from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.permissions import Permission


def refusal_to_import(by: User) -> str | None:
    if not by.may(Permission.IMPORT_ALERTS):
        return _("Only leads import alerts and keep mappings.")
    return None
