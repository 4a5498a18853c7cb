from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from incidents.search import registry
from trust import sweeps
from trust.audit import obligations, sentences


class ReviewConfig(AppConfig):
    name = "incidents.review"
    label = "review"

    def ready(self) -> None:
        sweeps.register("incidents.review.tasks.drop_old_drafts")
        registry.register_marks("incidents.review.searching.marks")
        registry.register_notes("incidents.review.searching.notes")
        obligations.register("review.decision", kind="decision.made")
        obligations.register("review.decision", kind="decision.taken_back", retraction__isnull=False)
        obligations.register("review.groupdecision", kind="group.judged")
        sentences.register_noun("review.decision", one=_("decision"), many=_("decisions"))
        sentences.register_noun("review.groupdecision", one=_("group decision"), many=_("group decisions"))
        sentences.register(
            {
                "decision.made": _("%(by)s judged %(item)s"),
                "decision.taken_back": _("%(by)s took back the verdict on %(item)s"),
                "detector.said_wrong": _("%(by)s said that %(detectorversion)s was wrong in %(alert)s"),
                "group.judged": _("%(by)s judged others as %(item)s was judged"),
                "group.split": _("%(by)s took back what was judged as %(item)s was"),
                "content.delivered": _("The content of %(item)s was sent ahead to %(by)s"),
                "content.viewed": _("%(by)s opened the content of %(item)s"),
            }
        )
