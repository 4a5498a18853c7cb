from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from incidents.actors.models import Actor
from policies.vocabulary import Standing
from trust.filtering import ListFilter


class ActorFilter(ListFilter):
    """What the list of actors can be narrowed by."""

    external_id = CharFilter(label=_("Id starts with"), lookup_expr="startswith", max_length=200)
    kind = ChoiceFilter(label=_("Kind"), choices=Actor.Kind.choices, empty_label=_("Any"))
    standing = ChoiceFilter(label=_("Standing"), choices=Standing.choices, empty_label=_("Any"))
    tier = CharFilter(label=_("Tier"), max_length=40)


class NamedActorFilter(ListFilter):
    """How a machine asks for an actor: by kind, by the whole id, by tier, or all of them."""

    external_id = CharFilter(max_length=200)
    kind = ChoiceFilter(choices=Actor.Kind.choices)
    tier = CharFilter(max_length=40)
