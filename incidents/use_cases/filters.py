from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from incidents.intake.models import Stage
from incidents.use_cases.models import Application, ApplicationQuerySet
from trust import clock
from trust.filtering import ListFilter

State = Application.State


class ApplicationFilter(ListFilter):
    """What a page narrows its tab by. The name is the whole name."""

    name = CharFilter(label=_("Use case"), max_length=200)
    stage = ChoiceFilter(label=_("Stage"), choices=Stage.choices, empty_label=_("Any"))


class StateFilter(ApplicationFilter):
    """The same for machines, which have no tabs."""

    state = ChoiceFilter(label=_("State"), choices=State.choices, method="in_state")

    def in_state(self, rows: ApplicationQuerySet, name: str, value: str) -> ApplicationQuerySet:
        now = clock.now()
        if value == State.IN_FORCE:
            return rows.in_force(now)
        if value == State.EXPIRED:
            return rows.filter(status=Application.Status.APPROVED, expires_at__lte=now)
        return rows.filter(status=value)
