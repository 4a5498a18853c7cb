from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from incidents.enforcement.models import EnforcementAction
from policies.vocabulary import EnforcementKind
from trust.filtering import ListFilter


class EnforcementFilter(ListFilter):
    status = ChoiceFilter(label=_("Status"), choices=EnforcementAction.Status.choices, empty_label=_("Any"))
    kind = ChoiceFilter(label=_("Kind"), choices=EnforcementKind.choices, empty_label=_("Any"))
