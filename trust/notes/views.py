from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from trust import clock
from trust.access import needs
from trust.accounts.models import User
from trust.htmx import StaffRequest, is_fragment_request, render_page
from trust.integers import BIGGEST_BIGINT, read_id
from trust.notes import operations, queries, registry
from trust.notes.forms import NoteForm
from trust.notes.models import Note
from trust.notes.registry import Kind, Subject
from trust.pagination import keyset_page
from trust.permissions import Permission
from trust.refusals import Refused


@login_required
@require_safe
def about(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """The notes on one object: a fragment of its page, and a page of its own. What mentions the reader is read now."""
    subject = _subject(request, kind, pk)
    amended = _own_note(request, subject, request.GET.get("amend", ""))
    return _show(request, subject, NoteForm(amends=amended))


@require_POST
@needs(Permission.WRITE_NOTES)
def write(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    subject = _subject(request, kind, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show(request, subject, form, status=422)
    fields = form.cleaned_data
    amends = get_object_or_404(Note, pk=fields["amends"]) if fields["amends"] else None
    key = f"page-{fields['form']}"
    try:
        operations.write(subject, text=fields["text"], amends=amends, idempotency_key=key, by=request.user)
    except Refused as refusal:
        form.add_error("text" if "text" in refusal.errors else None, refusal.sentence)
        return _show(request, subject, form, status=422)
    return _changed(request, subject)


@require_POST
@needs(Permission.WRITE_NOTES)
def take_back(request: StaffRequest, pk: int) -> HttpResponse:
    note, subject = _shown(request, Note.objects.all(), pk)
    operations.take_back(note, by=request.user)
    return _changed(request, subject)


@require_POST
@needs(Permission.WRITE_NOTES)
def resolve(request: StaffRequest, pk: int) -> HttpResponse:
    note, subject = _shown(request, Note.objects.select_related("withdrawal", "resolution"), pk)
    operations.resolve(note, by=request.user)
    return _changed(request, subject)


@login_required
@require_POST
def here(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """Say who else has the object open: a sentence as plain text, empty when nobody has."""
    others = operations.be_here(_subject(request, kind, pk), by=request.user)
    return HttpResponse(_looking(others), content_type="text/plain; charset=utf-8")


@login_required
@require_POST
def gone(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """The object's page was left: a beacon, whose answer nobody reads. It says the same to who may not open it."""
    operations.leave(Subject(_kind(kind, pk), pk), by=request.user)
    return HttpResponse(status=204)


@login_required
@require_safe
def mentions(request: StaffRequest) -> HttpResponse:
    """What mentions the reader and was not read, newest first."""
    page = keyset_page(request, queries.unread(request.user), by=["-note_id"])
    context = {
        "told": queries.told(page.rows, request.user, clock.now()),
        "is_first": page.is_first,
        "older_url": f"{reverse('notes:mentions')}?cursor={page.older}" if page.older else None,
    }
    return render_page(request, "notes/mentions.html", context)


# ── Parts ────────────────────────────────────────────────


def _subject(request: StaffRequest, name: str, pk: int) -> Subject:
    """Return the object, which the person may open. 1 query."""
    subject = Subject(_kind(name, pk), pk)
    if not subject.is_visible_to(request.user, clock.now()):
        raise Http404
    return subject


def _shown(request: StaffRequest, notes: QuerySet[Note], pk: int) -> tuple[Note, Subject]:
    """Return a note that the person sees, and what it is about. At most 3 queries."""
    note = get_object_or_404(notes, pk=pk)
    kind = registry.of_model(note.subject_kind)
    subject = _subject(request, kind.name if kind else "", note.subject_id)
    if note.by_id != request.user.pk and subject.is_kept_back_from(request.user, clock.now()):
        raise Http404
    return note, subject


def _kind(name: str, pk: int) -> Kind:
    kind = registry.named(name)
    if kind is None or pk > BIGGEST_BIGINT:
        raise Http404
    return kind


def _own_note(request: StaffRequest, subject: Subject, pk: str) -> Note | None:
    """Return the person's own note that is to be amended, as it stands. At most 1 query."""
    number = read_id(pk)
    if number is None:
        return None
    own = Note.objects.about(subject.kind.model, subject.pk).filter(by=request.user)
    return own.filter(pk=number, withdrawal__isnull=True, amended_by__isnull=True).first()


def _show(
    request: StaffRequest, subject: Subject, form: NoteForm, *, is_saved: bool = False, status: int = 200
) -> HttpResponse:
    person, now = request.user, clock.now()
    is_kept_back = subject.is_kept_back_from(person, now)
    page = keyset_page(request, queries.notes_for(subject, person, is_kept_back=is_kept_back).for_list(), by=["-pk"])
    if not is_kept_back:
        operations.read(subject, by=person)
    may_write = person.may(Permission.WRITE_NOTES)
    address = reverse("notes:about", args=[subject.kind.name, subject.pk])
    context: dict[str, Any] = {
        "subject": subject,
        "notes": page.rows[::-1],
        "is_first": page.is_first,
        "is_kept_back": is_kept_back,
        "earlier_url": f"{address}?cursor={page.older}" if page.older else None,
        "address": address,
        "form": form if may_write else None,
        "offered": queries.offered(subject, person, now) if may_write and not is_kept_back else [],
        "may_take_back": person.may(Permission.TAKE_BACK_NOTES),
        "is_saved": is_saved,
        "now": now,
    }
    return render_page(request, "notes/subject.html", context, fragment="notes/_notes.html", status=status)


def _changed(request: StaffRequest, subject: Subject) -> HttpResponse:
    if is_fragment_request(request):
        return _show(request, subject, NoteForm(), is_saved=True)
    return HttpResponseRedirect(reverse("notes:about", args=[subject.kind.name, subject.pk]))


def _looking(others: list[User]) -> str:
    """Say "Mara Lind and Bo Okafor are looking at this too."; "" of nobody."""
    if not others:
        return ""
    names = [str(one) for one in others]
    listed = ", ".join(names[:-1])
    who = _("%(people)s and %(person)s") % {"people": listed, "person": names[-1]} if listed else names[-1]
    sentence = ngettext("%(who)s is looking at this too.", "%(who)s are looking at this too.", len(others))
    return sentence % {"who": who}
