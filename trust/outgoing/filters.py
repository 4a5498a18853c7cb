import django_filters
from django.utils.translation import gettext_lazy as _

from trust.filtering import ListFilter
from trust.outgoing.models import Message


class MessageFilter(ListFilter):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Message.Status.choices, empty_label=_("All"))

    class Meta:
        model = Message
        fields: list[str] = []
