from typing import Any

from rest_framework import serializers

from incidents.inbound.operations import Outcome


class TakenOut(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=[Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.IGNORED])
