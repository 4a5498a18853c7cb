from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import obligations, sentences
from trust.permissions import Permission


class EnforcementConfig(AppConfig):
    name = "incidents.enforcement"
    label = "enforcement"

    def ready(self) -> None:
        sweeps.register("incidents.enforcement.tasks.give_strikes")
        sweeps.register("incidents.enforcement.tasks.follow_deliveries")
        sweeps.register("incidents.enforcement.tasks.begin_due")
        sweeps.register("incidents.enforcement.tasks.end_due")
        sweeps.register("incidents.enforcement.tasks.tell_in_force")
        sweeps.register("incidents.enforcement.tasks.send_missing")
        obligations.register("enforcement.strike", kind="strike.given")
        obligations.register("enforcement.enforcementaction", kind="enforcement.proposed", proposed_at__isnull=False)
        obligations.register("enforcement.enforcementaction", kind="enforcement.approved", approved_at__isnull=False)
        obligations.register("enforcement.enforcementaction", kind="enforcement.reversed", reversed_at__isnull=False)
        obligations.register("enforcement.enforcementaction", kind="enforcement.glass_broken", broke_glass=True)
        obligations.register(
            "enforcement.enforcementaction", kind="enforcement.glass_reviewed", reviewed_at__isnull=False
        )
        obligations.register("enforcement.extension", kind="enforcement.extension_lapsed", status="lapsed")
        obligations.register("enforcement.actingrule", kind="acting_rule.written")
        obligations.register("enforcement.actingrule", kind="acting_rule.armed", armed_at__isnull=False)
        sentences.register_noun(
            "enforcement.enforcementaction",
            one=_("enforcement action"),
            many=_("enforcement actions"),
            route="enforcement:detail",
            permission=Permission.READ_ENFORCEMENT,
        )
        sentences.register_noun(
            "enforcement.actingrule",
            one=_("rule that acts"),
            many=_("rules that act"),
            route="enforcement:rule",
            permission=Permission.READ_ACTING_RULES,
        )
        sentences.register_noun("enforcement.strike", one=_("strike"), many=_("strikes"))
        sentences.register(
            {
                "enforcement.recommended": _("%(by)s recommended %(enforcementaction)s on %(actor)s"),
                "enforcement.proposed": _("%(by)s proposed %(enforcementaction)s on %(actor)s"),
                "enforcement.approved": _("%(by)s approved %(enforcementaction)s on %(actor)s"),
                "enforcement.glass_broken": _("%(by)s carried out %(enforcementaction)s on %(actor)s alone"),
                "enforcement.glass_reviewed": _(
                    "%(by)s reviewed %(enforcementaction)s, which one lead carried out alone"
                ),
                "enforcement.declined": _("%(by)s declined %(enforcementaction)s on %(actor)s"),
                "enforcement.begun": _("%(enforcementaction)s on %(actor)s began at its time"),
                "enforcement.withdrawn": _("%(by)s withdrew %(enforcementaction)s on %(actor)s before it began"),
                "enforcement.extension_proposed": _("%(by)s proposed to extend %(enforcementaction)s on %(actor)s"),
                "enforcement.extension_declined": _("%(by)s declined to extend %(enforcementaction)s on %(actor)s"),
                "enforcement.extension_lapsed": _("%(enforcementaction)s on %(actor)s ended before it was extended"),
                "enforcement.extended": _("%(by)s extended %(enforcementaction)s on %(actor)s"),
                "enforcement.delivered": _("The endpoints received %(enforcementaction)s"),
                "enforcement.in_force": _("%(by)s put %(enforcementaction)s on %(actor)s in force"),
                "enforcement.reversed": _("%(by)s reversed %(enforcementaction)s on %(actor)s"),
                "enforcement.expired": _("%(enforcementaction)s on %(actor)s ended by itself"),
                "enforcement.checked": _("%(by)s checked %(enforcementaction)s, which %(actingrule)s carried out"),
                "acting_rule.written": _("%(by)s wrote %(actingrule)s for %(clause)s"),
                "acting_rule.armed": _("%(by)s armed %(actingrule)s for %(clause)s"),
                "acting_rule.disarmed": _("%(by)s switched off %(actingrule)s for %(clause)s"),
                "acting_rule.stopped": _("%(actingrule)s reached its cap of the day and left the rest to people"),
                "enforcement.in_force_told": _("%(endpoint)s is told what is in force for it"),
                "enforcement.missing": _("%(endpoint)s has none of %(enforcementaction)s on %(actor)s: sent again"),
                "statement.template_written": _("%(by)s said how actors are told of actions under %(policy)s"),
                "strike.given": _("%(by)s gave %(actor)s %(strike)s for %(item)s"),
                "strike.restored": _("%(strike)s of %(actor)s counts again for %(item)s"),
                "strike.voided": _("%(by)s voided %(strike)s of %(actor)s"),
            }
        )
