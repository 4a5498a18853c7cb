"""What a person types into the field of search, read into a query; what cannot be read is said in a sentence each.

words  "an exact phrase"  begin*  -without  actor:acct_9  queue:spam  -verdict:benign  since:7d
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _, gettext_lazy as _lazy

from incidents.search.models import Kind
from incidents.search.vectors import any_of, end_of, lexeme, start_of, value_of, words_of
from policies.vocabulary import Verdict
from trust.integers import read_id

LONGEST: Final = 500
MOST_TERMS: Final = 30
SHORTEST_PREFIX: Final = 3

# What a search is narrowed by: the name to type, and what it means. The first ones are marks of documents.
MARKS: Final = {
    "actor": _lazy("id of the actor"),
    "queue": _lazy("short name of the queue"),
    "clause": _lazy("key of a clause that was found violated"),
    "verdict": _lazy("violating, benign, no_policy_fits or cannot_judge"),
    "language": _lazy("as the sender told it"),
    "model": _lazy("name of the model"),
    "detector": _lazy("name of the detector"),
    "source": _lazy("short name of the source"),
    "kind": _lazy("generation or note"),
}
TIMES: Final = {
    "since": _lazy("a day such as 2026-11-01, or 48h, 7d"),
    "until": _lazy("a day, or how long ago"),
}
LIKE: Final = {"like": _lazy("number of an item: others that share its rarest words")}
FILTERS: Final = {**MARKS, **TIMES, **LIKE}
_VALUES: Final = {"verdict": Verdict.values, "kind": Kind.values}

_TERM: Final = re.compile(
    r"""(?P<minus>-?)(?:(?P<name>[^\W\d]\w*):)?(?:"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<open>")|(?P<word>[^\s"]+)|(?<=:)(?=\s|$))"""
)
_AGO: Final = re.compile(r"(\d{1,5})([hd])", re.IGNORECASE)
_QUOTES: Final = str.maketrans("“”„«»", '"""""')


class NotUnderstood(ValueError):  # noqa: N818  said to a person
    """``sentences`` say what cannot be read, one each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Term:
    """Words that stand one after the other. ``is_prefix`` lets the last one go on."""

    words: tuple[str, ...]
    is_prefix: bool = False
    is_excluded: bool = False

    def lexemes(self) -> str:
        last = len(self.words) - 1
        words = [f"{word}{':*' if self.is_prefix and at == last else ''}" for at, word in enumerate(self.words)]
        return _signed(f"({' <-> '.join(words)})", self.is_excluded)


@dataclass(frozen=True)
class Filter:
    name: str
    value: str
    is_prefix: bool = False
    is_excluded: bool = False

    def lexemes(self) -> str:
        return _signed(lexeme(self.name, self.value) + (":*" if self.is_prefix else ""), self.is_excluded)


@dataclass
class Query:
    """What is looked for. ``like`` is the number of an item."""

    terms: list[Term] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    like: int | None = None

    def lexemes(self) -> str:
        """Return the ``tsquery`` of words and filters; "" when only a time or an item narrows it."""
        return " & ".join(part.lexemes() for part in self.parts())

    def parts(self) -> list[Term | Filter]:
        return [*self.terms, *self.filters]

    def wanted(self) -> list[Term]:
        """Return what should be seen in what was found."""
        return [term for term in self.terms if not term.is_excluded]


def parse(text: str, now: datetime) -> Query:
    """Read what was typed. Raises NotUnderstood."""
    query, wrong = Query(), []
    for match in list(_TERM.finditer(text.translate(_QUOTES)))[: MOST_TERMS + 1]:
        try:
            _add(query, match, now)
        except _WrongTerm as error:
            wrong.append(str(error))
    wrong += _wrong_as_a_whole(query, text) if not wrong else []
    if wrong:
        raise NotUnderstood(list(dict.fromkeys(wrong)))
    return query


class _WrongTerm(ValueError):  # noqa: N818  a sentence
    pass


def _add(query: Query, match: re.Match[str], now: datetime) -> None:
    name, is_excluded = (match["name"] or "").lower(), bool(match["minus"])
    if match["open"]:
        raise _WrongTerm(_('A quotation mark is missing: put a phrase between two of them, "like this".'))
    text = match["phrase"] or match["word"] or ""
    is_prefix = bool(match["star"]) or (match["word"] or "").endswith("*")
    if not name:
        _add_words(query, text, is_prefix=is_prefix, is_excluded=is_excluded)
    elif name not in FILTERS:
        raise _WrongTerm(
            _('There is no filter "%(name)s:". Put it between quotation marks to look for the text itself.')
            % {"name": name}
        )
    elif not text.strip("* "):
        raise _WrongTerm(_("Say what %(name)s: should be, without a space: %(name)s:…") % {"name": name})
    elif name in MARKS:
        query.filters.append(_filter(name, text, is_prefix=is_prefix, is_excluded=is_excluded))
    elif is_excluded:
        raise _WrongTerm(_("%(name)s: cannot be left out with a minus.") % {"name": name})
    elif name == "like":
        query.like = _number(text)
    elif name == "since":
        query.since = _moment(name, text, now)
    else:
        query.until = _moment(name, text, now)


def _add_words(query: Query, text: str, *, is_prefix: bool, is_excluded: bool) -> None:
    words = tuple(words_of(text))
    if is_prefix and words:
        _check_prefix(words[-1])
    if words:
        query.terms.append(Term(words, is_prefix=is_prefix, is_excluded=is_excluded))


def _filter(name: str, text: str, *, is_prefix: bool, is_excluded: bool) -> Filter:
    value = value_of(text.rstrip("*") if is_prefix else text)
    if name in _VALUES and (is_prefix or value not in _VALUES[name]):
        raise _WrongTerm(
            _("%(name)s: is one of %(values)s.") % {"name": name, "values": ", ".join(_VALUES[name])},
        )
    if is_prefix:
        _check_prefix(value)
    return Filter(name, value, is_prefix=is_prefix, is_excluded=is_excluded)


def _check_prefix(beginning: str) -> None:
    if len(beginning) < SHORTEST_PREFIX:
        raise _WrongTerm(
            _("“%(beginning)s*” begins too many words: give at least %(least)s letters before the star.")
            % {"beginning": beginning, "least": SHORTEST_PREFIX}
        )


def _number(text: str) -> int:
    number = read_id(text)
    if number is None:
        raise _WrongTerm(_("like: takes the number of an item, such as like:48213."))
    return number


def _moment(name: str, text: str, now: datetime) -> datetime:
    """Read a day of UTC, its start or its end, or how long before ``now``."""
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * timedelta(hours=1 if ago[2] in "hH" else 24)
    try:
        day = date.fromisoformat(text).toordinal()
        return start_of(day) if name == "since" else end_of(day)
    except (ValueError, OverflowError):
        raise _WrongTerm(
            _("%(name)s: takes a day such as 2026-11-01, or how long ago, such as 48h or 7d.") % {"name": name}
        ) from None


def _wrong_as_a_whole(query: Query, text: str) -> list[str]:
    if len(query.parts()) > MOST_TERMS:
        return [_("That is too much at once: at most %(most)s words and filters.") % {"most": MOST_TERMS}]
    if query.since and query.until and query.since > query.until:
        return [_("since: lies after until:, so nothing can be found.")]
    parts = query.parts()
    if any(not part.is_excluded for part in parts) or query.since or query.until or query.like:
        return []
    if parts:
        return [_("Say what to look for as well: a search cannot only leave out.")]
    return [_("There is no letter or digit to look for in “%(text)s”.") % {"text": text.strip()[:40]}]


def _signed(lexemes: str, is_excluded: bool) -> str:
    return f"!{lexemes}" if is_excluded else lexemes


def alike_by(words: list[str]) -> str:
    """Return the ``tsquery`` of documents with one of the first two of ``words`` and another, or with the only one."""
    pairs = [f"({one} & {other})" for at, one in enumerate(words[:2]) for other in words[at + 1 :]]
    return any_of(pairs or words)
