from typing import Any

from rest_framework import serializers

from incidents.review.findings import Finding, Span, Wrong
from incidents.review.models import DetectorWrong
from policies.vocabulary import Side, Verdict
from trust.bodies import Strict
from trust.integers import BIGGEST_BIGINT, BIGGEST_INTEGER

MOST_VIOLATIONS = 50
LONGEST_NOTE = 10_000


class SpanIn(Strict):
    """A part of one message in code points, ``end`` excluded; messages count from 0."""

    message = serializers.IntegerField(min_value=0, max_value=BIGGEST_INTEGER)
    start = serializers.IntegerField(min_value=0, max_value=BIGGEST_INTEGER)
    end = serializers.IntegerField(min_value=0, max_value=BIGGEST_INTEGER)


class ViolationIn(Strict):
    clause = serializers.CharField(max_length=80)
    version = serializers.IntegerField(min_value=1, max_value=BIGGEST_INTEGER, required=False, allow_null=True)
    severity = serializers.IntegerField(min_value=0, max_value=4)
    side = serializers.ChoiceField(choices=Side.choices)
    complied = serializers.BooleanField(required=False, allow_null=True, default=None)
    span = SpanIn(required=False, allow_null=True, default=None)


class WrongIn(Strict):
    """Which alert of the item a detector was wrong in, and how."""

    alert = serializers.IntegerField(min_value=1, max_value=BIGGEST_BIGINT)
    kind = serializers.ChoiceField(choices=DetectorWrong.Kind.choices)


class DecisionIn(Strict):
    round = serializers.IntegerField(min_value=1, max_value=BIGGEST_BIGINT)
    fence = serializers.IntegerField(min_value=0, max_value=BIGGEST_INTEGER)
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    violations = serializers.ListField(child=ViolationIn(), required=False, max_length=MOST_VIOLATIONS)
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE, default="")
    detector_wrong = WrongIn(required=False, allow_null=True, default=None)

    def wrong(self) -> Wrong | None:
        said = self.validated_data["detector_wrong"]
        return Wrong(**said) if said else None

    def findings(self) -> list[Finding]:
        """Return the violations as the operation takes them."""
        return [
            Finding(
                clause=violation["clause"],
                version=violation.get("version"),
                severity=violation["severity"],
                side=violation["side"],
                complied=violation["complied"],
                span=Span(**violation["span"]) if violation["span"] else None,
            )
            for violation in self.validated_data.get("violations", [])
        ]


class SpanOut(serializers.Serializer[Any]):
    message = serializers.IntegerField(source="span_message")
    start = serializers.IntegerField(source="span_start")
    end = serializers.IntegerField(source="span_end")


class ViolationOut(serializers.Serializer[Any]):
    clause = serializers.CharField(source="clause.clause.key")
    version = serializers.IntegerField(source="clause.version.number")
    severity = serializers.IntegerField()
    side = serializers.CharField()
    complied = serializers.BooleanField(allow_null=True)
    span = serializers.SerializerMethodField()

    def get_span(self, violation: Any) -> dict[str, int] | None:
        return None if violation.span_message is None else dict(SpanOut(violation).data)


class DecisionOut(serializers.Serializer[Any]):
    """A decision; ``by`` is the stable pseudonym of who decided."""

    id = serializers.IntegerField()
    item = serializers.IntegerField(source="item_id")
    round = serializers.IntegerField(source="round_id")
    by = serializers.CharField(source="by.pseudonym")
    verdict = serializers.CharField()
    decided_at = serializers.DateTimeField()
    violations = serializers.SerializerMethodField()

    def get_violations(self, decision: Any) -> list[dict[str, Any]]:
        return list(ViolationOut(decision.violations.all(), many=True).data)


class LeaseOut(serializers.Serializer[Any]):
    fence = serializers.IntegerField()
    until = serializers.DateTimeField(source="lease_until")


class RoundOut(serializers.Serializer[Any]):
    """A round; its lease is told to its holder alone."""

    id = serializers.IntegerField()
    queue = serializers.CharField(source="queue.slug")
    purpose = serializers.CharField()
    status = serializers.CharField()
    priority = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    lease = serializers.SerializerMethodField()

    def get_lease(self, round: Any) -> dict[str, Any] | None:
        return dict(LeaseOut(round).data) if round.lease_by_id == self.context["by"].pk else None


class AlertOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]
    detector = serializers.SerializerMethodField()
    taxonomy = serializers.CharField()
    flagged = serializers.ListField(child=serializers.CharField())
    scores = serializers.DictField(child=serializers.FloatField())
    thresholds = serializers.DictField(child=serializers.FloatField())
    occurred_at = serializers.DateTimeField()
    comment = serializers.SerializerMethodField()

    def get_detector(self, alert: Any) -> str | None:
        return str(alert.detector_version) if alert.detector_version else None

    def get_comment(self, alert: Any) -> str | None:
        return alert.comment if self.context["with_comments"] else None


class AttachmentOut(serializers.Serializer[Any]):
    """A reference, never the thing itself; "" and null are what was not told. Restricted: no name and no address."""

    kind = serializers.ChoiceField(choices=["image", "audio", "video", "file"])
    media_type = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    address = serializers.CharField()


class MessageOut(serializers.Serializer[Any]):
    """One message; of restricted content only role, length in code points and SHA-256 of the text."""

    role = serializers.CharField()
    content = serializers.CharField(required=False)
    length = serializers.IntegerField()
    sha256 = serializers.CharField(required=False)
    attachments = AttachmentOut(many=True)


class GenerationOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    model = serializers.CharField()
    deployment = serializers.CharField()
    stage = serializers.CharField()
    use_case = serializers.CharField()
    language = serializers.CharField()
    occurred_at = serializers.DateTimeField()


class ItemActorOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    external_id = serializers.CharField()
    standing = serializers.CharField()


class ItemOut(serializers.Serializer[Any]):
    """An item. ``messages`` and ``actor`` are null for a key that may not read the content.

    ``is_kept_back`` while the key's owner holds it in a round that is to be judged without others' opinions: then
    ``verdict``, ``severity`` and ``decisions`` are empty.
    """

    id = serializers.IntegerField()
    kind = serializers.CharField()
    status = serializers.CharField()
    verdict = serializers.CharField()
    severity = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    generation = GenerationOut(allow_null=True)
    actor = ItemActorOut(allow_null=True)
    messages = MessageOut(many=True, allow_null=True)
    alerts = AlertOut(many=True)
    rounds = RoundOut(many=True)
    decisions = DecisionOut(many=True)
    is_kept_back = serializers.BooleanField()
