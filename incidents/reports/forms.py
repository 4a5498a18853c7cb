"""What a person types who saw something: the report, and the messages that it quotes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from incidents.intake.formats.reading import LONGEST_MESSAGE
from policies.models import ClauseVersion

MOST_MESSAGES: Final = 20
KINDS: Final = [
    ("staff", _("I saw it myself")),
    ("user_report", _("A user told us")),
    ("partner_report", _("A partner told us")),
]
ROLES: Final = [
    ("user", _("User")),
    ("assistant", _("Assistant")),
    ("system", _("System")),
    ("tool", _("Tool")),
]
ACTOR_KINDS: Final = [
    ("account", _("Account")),
    ("user", _("User")),
    ("api_key", _("API key")),
    ("organisation", _("Organisation")),
]
_AREA: Final = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})


class MessageForm(forms.Form):
    role = forms.ChoiceField(label=_("Who said it"), choices=ROLES)
    content = forms.CharField(label=_("What was said"), required=False, strip=False, widget=_AREA)

    def clean_content(self) -> str:
        content: str = self.cleaned_data["content"].replace("\r\n", "\n")
        if len(content.encode("utf-8", "replace")) > LONGEST_MESSAGE:
            raise forms.ValidationError(gettext("Longer than %(limit)s bytes.") % {"limit": LONGEST_MESSAGE})
        return content


class ReportForm(forms.Form):
    form = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("How you know of it"), choices=KINDS, initial="staff", widget=forms.RadioSelect)
    clauses = forms.MultipleChoiceField(
        label=_("What it may be"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One, several, or none if you are not sure."),
    )
    category = forms.CharField(
        label=_("Or in your words"), max_length=120, required=False, help_text=_("As a detector or partner names it.")
    )
    comment = forms.CharField(label=_("Why you report it"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))
    occurred_at = forms.DateTimeField(
        label=_("When it happened"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    model = forms.CharField(label=_("Model"), max_length=200, required=False)
    deployment = forms.CharField(label=_("Deployment"), max_length=200, required=False)
    use_case = forms.CharField(label=_("Declared use"), max_length=200, required=False)
    language = forms.CharField(label=_("Language"), max_length=35, required=False, help_text=_("As “en” or “de-CH”."))
    actor_kind = forms.ChoiceField(label=_("Who did it"), choices=ACTOR_KINDS)
    actor = forms.CharField(label=_("Their id"), max_length=200, required=False)

    def __init__(self, data: QueryDict | None, clauses: list[ClauseVersion]) -> None:
        """``more`` in ``data`` asks for one more message: what was typed comes back, and nothing is judged yet."""
        initial: dict[str, Any] = {"form": uuid.uuid4(), "occurred_at": timezone.now()}
        if data is not None and "more" in data:
            initial, data, sent = {**data.dict(), "clauses": data.getlist("clauses")}, None, data
        else:
            sent = data
        super().__init__(data, initial=initial)
        self.policies = [text.version.title for text in clauses]
        self.fields["clauses"].choices = [(text.clause.key, text.title) for text in clauses]  # type: ignore[attr-defined]
        self.messages = _messages(sent)
        self.messages[0].fields["content"].required = True

    def clauses_by_policy(self) -> list[tuple[str, list[BoundWidget], int]]:
        """Return the choices of clauses under the title of their policy, with how many are chosen there."""
        named = zip(self.policies, self["clauses"], strict=True)
        groups = [(title, [box for _title, box in group]) for title, group in groupby(named, itemgetter(0))]
        return [(title, boxes, sum(bool(box.data["selected"]) for box in boxes)) for title, boxes in groups]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.messages]
        if not (super().is_valid() and all(rows)):
            return False
        if not any(row.cleaned_data["content"].strip() for row in self.messages):
            self.messages[0].add_error("content", gettext("Quote at least one message."))
            return False
        return True

    def alert(self) -> dict[str, Any]:
        """Return a native alert, without its id."""
        said = self.cleaned_data
        generation = {name: said[name] for name in ("model", "deployment", "use_case", "language")}
        messages = [row.cleaned_data for row in self.messages if row.cleaned_data["content"].strip()]
        actor = {"kind": said["actor_kind"], "external_id": said["actor"]} if said["actor"] else None
        return {
            "kind": said["kind"],
            "occurred_at": said["occurred_at"].isoformat(),
            "comment": said["comment"],
            "flagged": [*said["clauses"], *([said["category"]] if said["category"] else [])],
            "generation": generation | {"messages": messages},
            "actor": actor,
        }

    def take(self, errors: Mapping[str, list[str]]) -> None:
        """Put what intake says by path beside its field; beside none, on top."""
        rows = [row for row in self.messages if row.cleaned_data["content"].strip()]
        for path, sentences in errors.items():
            number = re.fullmatch(r"generation\.messages\.(\d+)\.\w+", path)
            if number:
                rows[int(number[1])].add_error("content", sentences)
                continue
            named = {"actor.external_id": "actor", "occurred_at": "occurred_at", "comment": "comment"}
            name = named.get(path) or path.removeprefix("generation.")
            self.add_error(name if name in self.fields else None, sentences)


def _messages(data: QueryDict | None) -> list[MessageForm]:
    """Return as many rows as were sent, one at first, and one more where that was asked for."""
    if data is None:
        return [MessageForm(prefix="message-0")]
    sent = str(data.get("rows", "1"))
    many = min(max(int(sent), 1), MOST_MESSAGES) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 1
    if "more" not in data:
        return [MessageForm(data, prefix=f"message-{number}") for number in range(many)]
    rows = [{name: data.get(f"message-{number}-{name}") for name in ("role", "content")} for number in range(many)]
    if many < MOST_MESSAGES:
        rows.append({"role": "assistant" if many % 2 else "user", "content": ""})
    return [MessageForm(prefix=f"message-{number}", initial=row) for number, row in enumerate(rows)]
