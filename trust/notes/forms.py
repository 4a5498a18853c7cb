"""The shape of a note as it is typed."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trust.integers import BIGGEST_BIGINT
from trust.notes.models import LONGEST_TEXT, Note


class NoteText(forms.CharField):
    """Line ends count as one character, as the browser counts them."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class NoteForm(forms.Form):
    """``form`` names one sending: sent twice, it is one note. ``amends`` is the note that this one corrects."""

    text = NoteText(
        label=_("Note to colleagues"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("For staff only; @ and a name mentions somebody")}),
        error_messages={"required": _("Write something.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)
    amends = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=BIGGEST_BIGINT)

    def __init__(self, data: Any = None, *, amends: Note | None = None) -> None:
        initial: dict[str, Any] = {"form": uuid.uuid4()}
        if amends:
            initial |= {"amends": amends.pk, "text": amends.text}
        super().__init__(data, initial=initial, auto_id="notes_%s", label_suffix="")
