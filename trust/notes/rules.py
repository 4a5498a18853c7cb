from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from trust.accounts.models import User
from trust.notes.mentions import Named
from trust.notes.models import LONGEST_TEXT, Note
from trust.permissions import Permission

MOST_MENTIONS: Final = 10


def refusal_to_write(by: User, *, is_visible: bool) -> str | None:
    """``is_visible`` says whether ``by`` may open what the note is about."""
    if not by.may(Permission.WRITE_NOTES):
        return _("Your role does not write notes.")
    if not is_visible:
        return _("You may write only about what you may open.")
    return None


def refusal_of_text(text: str) -> str | None:
    if not text.strip():
        return _("Write something.")
    if len(text) > LONGEST_TEXT or "\0" in text:
        return _("A note has at most %(most)s characters.") % {"most": LONGEST_TEXT}
    return None


def refusal_of_mentions(words: Sequence[str], *, is_kept_back: bool) -> str | None:
    """``words`` follow the signs. While ``by`` judges on their own, an answer would tell who had this before."""
    if words and is_kept_back:
        return _("Nobody can be mentioned until you have judged this on your own. Leave a space after the @.")
    if len(words) > MOST_MENTIONS:
        return _("Mention at most %(most)s people.") % {"most": MOST_MENTIONS}
    return None


def refusal_of_names(named: Named) -> str | None:
    if named.unknown:
        return _("Nobody here is called “@%(word)s”. Write the name in full, or a space after the @.") % {
            "word": named.unknown[0]
        }
    if named.several:
        return _("Several people are called “@%(word)s”. Write the name in full, or the e-mail address.") % {
            "word": named.several[0]
        }
    return None


def refusal_to_mention(blind: Sequence[User]) -> str | None:
    """``blind`` are those named who may not open what the note is about."""
    if not blind:
        return None
    names = {"people": ", ".join(map(str, blind))}
    return _("Not everyone may open this: %(people)s. Leave them out, or a space after the @.") % names


def refusal_to_amend(note: Note, by: User, *, is_withdrawn: bool, is_amended: bool) -> str | None:
    if note.by_id != by.pk:
        return _("You can amend only your own notes.")
    if is_withdrawn:
        return _("This note was taken back.")
    if is_amended:
        return _("This note was amended already; amend the newer one.")
    return None


def refusal_to_resolve(note: Note, by: User, *, is_visible: bool, is_resolvable: bool) -> str | None:
    if reason := refusal_to_write(by, is_visible=is_visible):
        return reason
    if not is_resolvable:
        return _("Notes on this are not settled; they stay.")
    if hasattr(note, "withdrawal"):
        return _("This note was taken back.")
    if hasattr(note, "resolution"):
        return _("This is settled already.")
    return None


def refusal_to_take_back(note: Note, by: User, *, is_visible: bool, is_withdrawn: bool) -> str | None:
    if reason := refusal_to_write(by, is_visible=is_visible):
        return reason
    if note.by_id != by.pk and not by.may(Permission.TAKE_BACK_NOTES):
        return _("You can take back only your own notes.")
    if is_withdrawn:
        return _("This note was taken back already.")
    return None
