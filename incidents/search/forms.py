from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from incidents.search.parsing import LONGEST, NotUnderstood, Query, parse
from trust import clock
from trust.saved.places import Reading


class SearchForm(forms.Form):
    """The one field of search. ``query`` is what it was read as, once it is valid."""

    q = forms.CharField(
        label=gettext_lazy("Look for"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Say what to look for.")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    query: Query

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        try:
            self.query = parse(text, clock.now())
        except NotUnderstood as error:
            raise ValidationError(error.sentences) from error
        return text


def empty_form() -> SearchForm:
    """Return the form of who has yet to say what to look for, ready to be typed into."""
    form = SearchForm()
    form.fields["q"].widget.attrs["autofocus"] = True
    return form


def form_of(text: str) -> SearchForm:
    """Return the form with ``text``, read."""
    form = SearchForm({"q": text})
    form.is_valid()
    return form


def reading(query: Mapping[str, str], _person: object) -> Reading:
    """Say what search makes of a query that was kept; what it cannot read any more is told in its own sentences."""
    form = form_of(query.get("q", ""))
    unknown = [_("There is no filter “%(name)s” any more.") % {"name": name} for name in query if name != "q"]
    if not form.is_valid():
        return Reading({}, [], [*map(str, form.errors["q"]), *unknown])
    text: str = form.cleaned_data["q"]
    return Reading({"q": text}, [(str(form["q"].label), text)], unknown)
