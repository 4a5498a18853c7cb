from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from incidents.search import registry
from trust import sweeps
from trust.audit import obligations, sentences
from trust.permissions import Permission


class ReviewConfig(AppConfig):
    name = "incidents.review"
    label = "review"

    def ready(self) -> None:
        for task in ("drop_old_drafts", "do_in_bulk", "undo_in_bulk"):
            sweeps.register(f"incidents.review.tasks.{task}")
        registry.register_marks("incidents.review.searching.marks")
        registry.register_notes("incidents.review.searching.notes")
        obligations.register("review.decision", kind="decision.made")
        obligations.register_trigger("review_violation", "cite_in_force")
        obligations.register("review.decision", kind="decision.taken_back", retraction__isnull=False)
        obligations.register("review.groupdecision", kind="group.judged")
        obligations.register("review.bulk", kind="bulk.selected")
        obligations.register("review.bulk", kind="bulk.started", job__isnull=False)
        sentences.register_noun("review.decision", one=_("decision"), many=_("decisions"))
        sentences.register_noun("review.groupdecision", one=_("group decision"), many=_("group decisions"))
        sentences.register_noun(
            "review.bulk",
            one=_("selection"),
            many=_("selections"),
            route="review:bulk",
            permission=Permission.MANAGE_QUEUES,
        )
        sentences.register(
            {
                "decision.made": _("%(by)s judged %(item)s"),
                "decision.taken_back": _("%(by)s took back the verdict on %(item)s"),
                "detector.said_wrong": _("%(by)s said that %(detectorversion)s was wrong in %(alert)s"),
                "group.judged": _("%(by)s judged others as %(item)s was judged"),
                "group.split": _("%(by)s took back what was judged as %(item)s was"),
                "bulk.selected": _("%(by)s stored %(bulk)s"),
                "bulk.started": _("%(by)s started work on all of %(bulk)s"),
                "bulk.cancelled": _("%(by)s cancelled the work on %(bulk)s"),
                "bulk.undo_started": _("%(by)s started taking back the work on %(bulk)s"),
                "content.delivered": _("The content of %(item)s was sent ahead to %(by)s"),
                "content.viewed": _("%(by)s opened the content of %(item)s"),
            }
        )
