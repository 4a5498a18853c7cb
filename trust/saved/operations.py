"""Every write of saved views. What people open their lists with is their own affair and leaves no event."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused
from trust.saved import places, rules
from trust.saved.models import SavedView, StartView
from trust.saved.places import Query


@transaction.atomic
def save_view(name: str, *, place: str, query: Query, is_shared: bool, by: User) -> SavedView:
    """Keep ``query`` of a list under ``name``; what ``by`` kept there under that name is replaced. Raises Refused."""
    found = places.named(place)
    if sentence := rules.refusal_to_keep(found, by):
        raise Refused(sentence, status=403)
    assert found is not None  # the rule has asked
    reading = found.read(query, by)
    if sentence := rules.refusal_of_name(name):
        raise _wrong("name", sentence)
    if sentence := rules.refusal_of_reading(reading):
        raise _wrong("query", sentence)
    values = {"query": reading.query, "is_shared": is_shared, "created_at": clock.now()}
    view, _is_new = SavedView.objects.update_or_create(owner=by, place=place, name=name.strip(), defaults=values)
    record("view.saved", on=[view], by=by, data={"list": place, "shared": is_shared})
    return view


@transaction.atomic
def change_view(view: SavedView, *, name: str, is_shared: bool, by: User) -> SavedView:
    """Rename a view of one's own, share it or stop sharing it. Raises Refused."""
    view = _locked(view)
    if sentence := rules.refusal_to_change(view, by):
        raise Refused(sentence)
    if sentence := rules.refusal_of_name(name):
        raise _wrong("name", sentence)
    view.name, view.is_shared = name.strip(), is_shared
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "is_shared"])
    except IntegrityError as error:  # the constraint asks, so that two at once are told alike
        raise _wrong("name", rules.taken(view.name)) from error
    record("view.changed", on=[view], by=by, data={"list": view.place, "shared": is_shared})
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Delete a view of one's own, or as a lead a shared one; lists that opened with it open plain. Raises Refused."""
    view = _locked(view)
    if sentence := rules.refusal_to_delete(view, by):
        raise Refused(sentence)
    record("view.deleted", on=[view], by=by, data={"list": view.place, "shared": view.is_shared})
    view.delete()


@transaction.atomic
def start_with(view: SavedView, *, by: User) -> None:
    """Let the list of ``view`` open with it for ``by``. Raises Refused."""
    view = _locked(view)
    if sentence := rules.refusal_to_open(view, by):
        raise Refused(sentence)
    StartView.objects.update_or_create(person=by, place=view.place, defaults={"view": view})


@transaction.atomic
def start_plain(view: SavedView, *, by: User) -> None:
    """Let the list of ``view`` open with everything again, if it opens with that view."""
    StartView.objects.filter(person=by, place=view.place, view=view).delete()


def _locked(view: SavedView) -> SavedView:
    found = SavedView.objects.select_related("owner").select_for_update(of=("self",)).filter(pk=view.pk).first()
    if found is None:
        raise Refused(rules.gone())
    return found


def _wrong(field: str, sentence: str) -> Refused:
    return Refused(sentence, code="invalid", status=422, errors={field: [sentence]})
