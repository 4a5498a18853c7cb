from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import preparation, sweeps
from trust.audit import obligations, sentences
from trust.notes import registry as notes


class PoliciesConfig(AppConfig):
    name = "policies"
    label = "policies"

    def ready(self) -> None:
        notes.register(
            notes.Kind(
                "clause",
                "policies.clauseversion",
                route="policies:text",
                visible="policies.noting.visible",
                readers="policies.noting.readers",
                is_resolvable=True,
            )
        )
        sweeps.register("policies.tasks.publish_due")
        preparation.register("publish_default_pack")
        obligations.register(
            "policies.policyversion",
            kind="policy.published",
            status__in=["published", "retired"],
            created_by__isnull=False,
        )
        obligations.register("policies.retirement", kind="policy.retirement_proposed")
        obligations.register("policies.retirement", kind="policy.retired", status="approved")
        obligations.register("policies.acknowledgement", kind="policy.acknowledged")
        for table in ("policies_policyversion", "policies_clauseversion"):
            obligations.register_trigger(table, "freeze_published")
        obligations.register_trigger("policies_policyversion", "refuse_writer")
        obligations.register_trigger("policies_retirement", "keep_retirement")
        obligations.register_trigger("policies_acknowledgement", "refuse_unpublished")
        obligations.register_trigger("policies_contribution", "freeze_contribution")
        for table in ("policies_clauserevision", "policies_versionrevision"):
            obligations.register_trigger(table, "freeze_revision")
        for table in ("policies_policy", "policies_clause"):
            obligations.register_trigger(table, "freeze_name")
            obligations.register_trigger(table, "freeze_name_delete")
        sentences.register_noun("policies.policy", one=_("policy"), many=_("policies"))
        sentences.register_noun("policies.policyversion", one=_("policy version"), many=_("policy versions"))
        sentences.register_noun("policies.clauseversion", one=_("clause text"), many=_("clause texts"))
        sentences.register_noun("policies.clause", one=_("clause"), many=_("clauses"))
        sentences.register_noun("policies.acknowledgement", one=_("acknowledgement"), many=_("acknowledgements"))
        sentences.register_noun("policies.retirement", one=_("retirement"), many=_("retirements"))
        sentences.register_noun("policies.policygap", one=_("policy gap"), many=_("policy gaps"))
        sentences.register(
            {
                "policy.pack_installed": _("%(by)s published the default pack: %(policy)s"),
                "policy.drafted": _("%(by)s drafted a change of %(clause)s in %(policyversion)s"),
                "policy.about_drafted": _("%(by)s changed what %(policyversion)s says about %(policy)s as a whole"),
                "policy.imported": _("%(by)s brought the draft %(policyversion)s of %(policy)s in from files"),
                "policy.draft_opened": _("%(by)s opened the draft %(policyversion)s"),
                "policy.clause_added": _("%(by)s added %(clause)s to %(policyversion)s"),
                "policy.clause_moved": _("%(by)s moved %(clause)s in %(policyversion)s"),
                "policy.clause_removed": _("%(by)s took %(clause)s out of %(policyversion)s"),
                "policy.approved": _("%(by)s approved %(policyversion)s of %(policy)s for a later date"),
                "policy.cancelled": _("%(by)s cancelled the publication of %(policyversion)s"),
                "policy.submitted": _("%(by)s asked for a review of %(policyversion)s"),
                "policy.published": _("%(by)s published %(policyversion)s of %(policy)s"),
                "policy.sent_back": _("%(by)s asked for changes in %(policyversion)s"),
                "policy.discarded": _("%(by)s discarded the draft %(policyversion)s"),
                "policy.acknowledged": _("%(by)s read and understood %(policyversion)s of %(policy)s"),
                "policy.retirement_proposed": _("%(by)s proposed to retire %(policyversion)s of %(policy)s"),
                "policy.retired": _("%(by)s retired %(policyversion)s of %(policy)s"),
                "policy.retirement_declined": _("%(by)s declined to retire %(policyversion)s of %(policy)s"),
                "policy.mapped": _("%(by)s let an outside category stand for %(clause)s"),
                "policy.unmapped": _("%(by)s let an outside category stand for %(clause)s no more"),
                "policy_gap.opened": _("%(by)s opened %(policygap)s"),
                "policy_gap.joined": _("%(by)s found %(policygap)s again"),
                "policy_gap.left": _("%(by)s took a find out of %(policygap)s"),
                "policy_gap.owned": _("%(by)s said who answers %(policygap)s"),
                "policy_gap.reopened": _("%(by)s opened %(policygap)s again"),
                "policy_gap.uncovered": _("%(policygap)s is open again, since %(policyversion)s is retired"),
                "policy_gap.closed": _("%(by)s closed %(policygap)s"),
                "policy_gap.enforced": _("%(clause)s was first enforced for %(policygap)s"),
            }
        )
