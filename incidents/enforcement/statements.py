"""How a statement of reasons is made of a template: placeholders of a fixed list, and the templates of our own.

Pure: knows no table. A statement is plain text; whoever shows it escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django.utils import translation
from django.utils.translation import gettext, gettext_lazy as _

LINK: Final = "appeal_url"
REQUIRED: Final = ("kind", LINK)

PLACEHOLDERS: Final = {
    "kind": _("what was done: “Suspension, 30 days”"),
    "since": _("the day from which it holds"),
    "until": _("the day on which it ends, or “further notice”"),
    "rules": _("the public wording of the clauses that it goes by"),
    "findings": _("how many findings it rests on"),
    "severity": _("the severity of the gravest of them"),
    "decided": _("whether people decided it, or a rule by itself"),
    LINK: _("the link by which the actor appeals"),
    "number": _("the number of the action"),
    "organisation": _("the name of your organisation"),
}

DEFAULT: Final = _(
    "We made a decision about your account: {kind}.\n"
    "It holds from {since} until {until}.\n\n"
    "It goes by these rules:\n\n{rules}\n\n"
    "Findings: {findings}. Gravest severity: {severity}. {decided}\n\n"
    "If you think that this is wrong, you can appeal. You need no account: {appeal_url}\n\n"
    "{organisation}, decision {number}"
)

_NAMED: Final = re.compile(r"\{([^{}]*)\}")


def default_in(language: str) -> str:
    """Return the template of our own in ``language``."""
    with translation.override(language):
        return str(DEFAULT)


def refusal_of_template(text: str) -> str | None:
    """Say which placeholders of a template we do not know, or which it lacks. None for a good one or an empty one."""
    names = _NAMED.findall(text)
    if unknown := [name for name in dict.fromkeys(names) if name not in PLACEHOLDERS]:
        shown = ", ".join(f"{{{name[:40]}}}" for name in unknown[:3])
        return gettext("There is no placeholder %(names)s.") % {"names": shown}
    missing = [f"{{{name}}}" for name in REQUIRED if name not in names]
    if text.strip() and missing:
        return gettext("It must say %(names)s.") % {"names": ", ".join(missing)}
    return None


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put ``values`` in the place of their names, once: what they hold is not looked at again. The link stays open."""
    safe = {name: value.replace(f"{{{LINK}}}", LINK) for name, value in values.items()}
    return _NAMED.sub(lambda found: safe.get(found[1], found[0]), template).strip()


def with_link(text: str, address: str) -> str:
    return text.replace(f"{{{LINK}}}", address)
