from django.utils.translation import gettext as _

from incidents.search.models import SavedView
from trust.accounts.models import User
from trust.permissions import Permission


def refusal_to_save_view(name: str, by: User) -> str | None:
    if not by.may(Permission.VIEW_CONTENT):
        return _("Only people who may read content search it.")
    if not name.strip():
        return _("Give the view a name.")
    return None


def refusal_to_delete_view(view: SavedView, by: User) -> str | None:
    if view.owner_id != by.pk:
        return _("%(person)s saved this view; only they can delete it.") % {"person": view.owner}
    return None
