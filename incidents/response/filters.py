from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from incidents.response.models import Incident
from policies.vocabulary import Severity
from trust.filtering import ListFilter


class IncidentFilter(ListFilter):
    status = ChoiceFilter(label=_("Status"), choices=Incident.Status.choices, empty_label=_("Any status"))
    severity = ChoiceFilter(
        label=_("Severity"), choices=[(level.value, level.code) for level in Severity], empty_label=_("Any severity")
    )
