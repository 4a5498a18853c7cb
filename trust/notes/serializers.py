from typing import Any

from rest_framework import serializers

from trust.bodies import Strict
from trust.notes.models import LONGEST_TEXT, Note


class NoteIn(Strict):
    text = serializers.CharField(max_length=LONGEST_TEXT)


class NoteOut(serializers.Serializer[Note]):
    """One note as a machine reads it. People stand under their pseudonyms; of what was taken back there is no text."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.pseudonym")
    text = serializers.SerializerMethodField()
    mentions = serializers.SerializerMethodField()
    amends = serializers.IntegerField(source="amends_id", allow_null=True)
    taken_back_at = serializers.SerializerMethodField()

    def get_text(self, note: Note) -> str | None:
        return None if hasattr(note, "withdrawal") else note.text

    def get_mentions(self, note: Note) -> list[str]:
        return [] if hasattr(note, "withdrawal") else [mention.person.pseudonym for mention in note.mentions.all()]

    def get_taken_back_at(self, note: Note) -> str | None:
        if not hasattr(note, "withdrawal"):
            return None
        return serializers.DateTimeField().to_representation(note.withdrawal.at)


class NotePageOut(serializers.Serializer[Any]):
    """``next`` is the cursor of the next page, null on the last one."""

    results = NoteOut(many=True)
    next = serializers.CharField(allow_null=True)
    is_kept_back = serializers.BooleanField()
