"""What an audit event says to a person: "Ana Ruiz approved enforcement action 912".

A room registers the sentences of its kinds and the nouns of its models in ``apps.py``::

    def ready(self) -> None:
        sentences.register_noun("response.incident", one=_("incident"), many=_("incidents"), route="response:detail")
        sentences.register({"incident.contained": _("%(by)s contained %(incident)s")})

Placeholders are ``by`` and the events' subjects, by model name ("item", "enforcementaction"). Sentences say who did
what to which object and nothing of the payload, so everyone who may see the event may read them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from trust.permissions import Permission

SPELT_OUT = 3  # ids in a sentence; more are counted

Words = Any  # a str or its lazy translation


@dataclass(frozen=True)
class Noun:
    """What a kind of subject is called, where its page is, and who may open that."""

    one: Words
    many: Words
    route: str = ""
    permission: Permission | None = None


_sentences: dict[str, Words] = {}
_nouns: dict[str, Noun] = {}


def register(sentences: Mapping[str, Words]) -> None:
    _sentences.update(sentences)


def register_noun(
    subject_kind: str, *, one: Words, many: Words, route: str = "", permission: Permission | None = None
) -> None:
    _nouns[subject_kind] = Noun(one, many, route, permission)


def kinds() -> list[str]:
    """Return every kind that has a sentence, sorted."""
    return sorted(_sentences)


def noun(subject_kind: str) -> Noun:
    name = subject_kind.rpartition(".")[2]
    return _nouns.get(subject_kind) or Noun(name, name)


def kinds_named(name: str) -> list[str]:
    """Return the kinds of subjects that are called ``name``: "item", or the model's own name."""
    return sorted(kind for kind, noun in _nouns.items() if name in {str(noun.one).lower(), kind.rpartition(".")[2]})


def sentence(kind: str, *, by: str, subjects: Iterable[tuple[str, int]], names: Mapping[int, str]) -> str:
    """Return the sentence of one event. ``subjects`` are (kind, id); ``names`` those of people by their id."""
    ids: dict[str, list[int]] = defaultdict(list)
    for subject_kind, subject_id in subjects:
        ids[subject_kind].append(subject_id)
    phrases = {name.rpartition(".")[2]: _phrase(name, numbers, names) for name, numbers in ids.items()}
    if kind in _sentences:
        said = str(_sentences[kind]) % defaultdict(lambda: "…", phrases, by=by)
        return said[:1].upper() + said[1:]
    return _("%(by)s: %(what)s (%(subjects)s)") % {
        "by": by,
        "what": kind.replace(".", " ").replace("_", " "),
        "subjects": ", ".join(phrases.values()) or _("nothing in particular"),
    }


def url(subject_kind: str, subject_id: int, reader: Any) -> str:
    """Return the address of a subject's page, or "" where it has none or ``reader`` may not open it."""
    about = noun(subject_kind)
    if not about.route or (about.permission and not reader.may(about.permission)):
        return ""
    try:
        return reverse(about.route, args=[subject_id])
    except NoReverseMatch:
        return ""


def _phrase(subject_kind: str, ids: list[int], names: Mapping[int, str]) -> str:
    if subject_kind == "accounts.user":
        return ", ".join(names.get(number, "…") for number in ids)
    about = noun(subject_kind)
    if len(ids) > SPELT_OUT:
        return f"{len(ids)} {about.many}"
    return f"{about.one if len(ids) == 1 else about.many} {', '.join(map(str, sorted(ids)))}"
