"""The form of a zip with policies: what is wrong in it is told by file and line, all at once."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from policies.files import archives, checks
from policies.files.documents import PolicyDocument
from policies.files.faults import Faulty
from policies.texts import LONGEST

MOST_TOLD: Final = 100


class ArchiveForm(forms.Form):
    """A zip, chosen as a file or sent again in ``archive`` by the page that showed what it would change.

    The file stands last: one that is too large takes what comes behind it along.
    """

    archive = forms.CharField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Why it changes"),
        required=False,
        max_length=LONGEST["change_note"],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In place of the change_note in the files."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=255,
        help_text=_("A zip as an export gives it: at most 1 MB, 16 MB unpacked, 200 policies."),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )

    documents: list[PolicyDocument]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.documents = []
        if self.errors:
            return cleaned
        data = self._data(cleaned)
        try:
            documents = [_with_note(one, cleaned["note"]) for one in archives.load(data)]
            faults = [fault for document in documents for fault in checks.faults_in(document)]
        except Faulty as faulty:
            documents, faults = [], faulty.faults
        told = [str(fault) for fault in faults[:MOST_TOLD]]
        if len(faults) > MOST_TOLD:
            told.append(gettext("And %(more)s more.") % {"more": len(faults) - MOST_TOLD})
        if told:
            self.add_error("file", told)
            return cleaned
        self.documents = documents
        return {**cleaned, "archive": base64.b64encode(data).decode()}

    def _data(self, cleaned: dict[str, Any]) -> bytes:
        file = cleaned.get("file")
        if file is not None:
            if file.size > archives.MOST_BYTES:
                told = gettext("This file is larger than %(most)s bytes.")
                raise ValidationError({"file": told % {"most": f"{archives.MOST_BYTES:,}"}})
            return bytes(file.read())
        try:
            data = base64.b64decode(cleaned["archive"], validate=True)
        except (ValueError, binascii.Error):
            data = b""
        if not data or len(data) > archives.MOST_BYTES:
            raise ValidationError({"file": gettext("Choose a file.")})
        return data


def _with_note(document: PolicyDocument, note: str) -> PolicyDocument:
    return replace(document, change_note=note) if note else document
