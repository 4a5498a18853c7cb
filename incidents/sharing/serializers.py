from __future__ import annotations

from rest_framework import serializers

from incidents.actors.models import Actor
from incidents.sharing import rules
from incidents.sharing.operations import Format, Request
from incidents.sharing.wording import TITLE, Tlp
from trust.bodies import Strict

LINKED, ALONE = "linked", "alone"
FORMATS = [(Format.STIX.value, "STIX 2.1"), (Format.MISP.value, "MISP")]


class NamedIn(Strict):
    """An actor by its own id, in the namespace of the key's source."""

    kind = serializers.ChoiceField(choices=Actor.Kind.choices)
    external_id = serializers.CharField(max_length=200, trim_whitespace=False)


class ShareIn(Strict):
    """In which format, for whom, under which title, and whether with outside ids."""

    format = serializers.ChoiceField(
        choices=FORMATS, help_text="`stix`: a bundle of STIX 2.1. `misp`: an event with an object for each actor."
    )
    tlp = serializers.ChoiceField(
        choices=[one.value for one in Tlp],
        default=Tlp.AMBER.value,
        help_text="Who may read it, by the Traffic Light Protocol.",
    )
    title = serializers.CharField(
        max_length=rules.LONGEST_TITLE,
        default=TITLE,
        help_text="Leaves with the file: no ids, addresses or names of colleagues.",
    )
    by_name = serializers.BooleanField(
        default=False,
        help_text="With raw identifiers: the ids that the actors have on your platform, and exact times. "
        "The key needs the scope `actors:share-by-name` as well, and a `reason`.",
    )
    reason = serializers.CharField(
        max_length=300,
        default="",
        allow_blank=True,
        help_text=f"Why they need to know the ids, in {rules.SHORTEST_REASON} characters or more. "
        "Kept in the audit, leaves with nothing.",
    )

    def validate_title(self, title: str) -> str:
        return " ".join(title.split())

    def request_for(self) -> Request:
        """Return what is asked for, of a body that is valid."""
        sent = self.validated_data
        return Request(
            format=Format(sent["format"]),
            tlp=Tlp(sent["tlp"]),
            title=sent["title"],
            is_by_name=sent["by_name"],
            reason=sent["reason"],
        )


class ActorShareIn(ShareIn):
    actor = NamedIn()
    whom = serializers.ChoiceField(
        choices=[LINKED, ALONE],
        default=LINKED,
        help_text="`linked`: with all who are linked to it, as its page of links shows them. `alone`: it alone.",
    )
