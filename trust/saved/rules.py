from typing import Final

from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.permissions import Permission
from trust.saved.models import SavedView
from trust.saved.places import Place, Reading

MOST_CHARACTERS: Final = 2_000  # of a query: an address that is longer is not passed on by every program


def refusal_to_keep(place: Place | None, by: User) -> str | None:
    if place is None or not by.may(place.permission):
        return _("Views are saved from a list that you may open.")
    return None


def refusal_of_reading(reading: Reading) -> str | None:
    if reading.gone:
        return reading.gone[0]
    if not reading.query:
        return _("Narrow the list first; a view keeps what it is narrowed by.")
    if sum(len(name) + len(value) for name, value in reading.query.items()) > MOST_CHARACTERS:
        return _("This is too long to be saved.")
    return None


def refusal_of_name(name: str) -> str | None:
    return None if name.strip() else _("Give the view a name.")


def refusal_to_open(view: SavedView, by: User) -> str | None:
    if view.owner_id != by.pk and not view.is_shared:
        return _("%(person)s does not share this view any more.") % {"person": view.owner}
    return None


def refusal_to_change(view: SavedView, by: User) -> str | None:
    if view.owner_id != by.pk:
        return _("%(person)s saved this view; only they can change it.") % {"person": view.owner}
    return None


def refusal_to_delete(view: SavedView, by: User) -> str | None:
    """Say why ``by`` may not delete ``view``: leads tidy up what is shared, and nobody what is another's own."""
    if view.owner_id == by.pk or (view.is_shared and by.may(Permission.MANAGE_QUEUES)):
        return None
    return _("%(person)s saved this view; only they or a lead can delete it.") % {"person": view.owner}


def gone() -> str:
    return _("This view was deleted.")


def taken(name: str) -> str:
    return _("You have a view called “%(name)s” already.") % {"name": name}
