from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from incidents.search import registry
from trust import preparation, sweeps
from trust.audit import sentences
from trust.notes import registry as notes
from trust.permissions import Permission
from trust.saved import places
from trust.saved.places import Place


class QueuesConfig(AppConfig):
    name = "incidents.queues"
    label = "queues"

    def ready(self) -> None:
        preparation.register("set_up_queues")
        sweeps.register("incidents.queues.tasks.route")
        sweeps.register("incidents.queues.tasks.group")
        registry.register_urgent("incidents.queues.searching.is_urgent")
        registry.register_marks("incidents.queues.searching.marks")
        registry.register_people(
            openness="incidents.queues.searching.openness",
            visible="incidents.queues.searching.visible",
            reach="incidents.queues.searching.reach",
            find_item="incidents.queues.searching.find_item",
        )
        reader = "incidents.queues.listing.reading"
        places.register(Place("items", _("All items"), "queues:every", Permission.REVIEW, reader, "status="))
        notes.register(
            notes.Kind(
                "item",
                "queues.item",
                route="review:item",
                visible="incidents.queues.noting.visible",
                readers="incidents.queues.noting.readers",
                kept_back="incidents.queues.noting.kept_back",
            )
        )
        notes.register(
            notes.Kind(
                "actor",
                "actors.actor",
                route="actors:detail",
                visible="incidents.queues.noting.visible_actors",
                readers="incidents.queues.noting.readers_of_actor",
                kept_back="incidents.queues.noting.kept_back_actors",
            )
        )
        sentences.register_noun("queues.queue", one=_("queue"), many=_("queues"))
        sentences.register_noun("queues.ruleset", one=_("routing rules"), many=_("routing rules"))
        sentences.register_noun("queues.damping", one=_("damping"), many=_("dampings"))
        sentences.register_noun(
            "queues.item", one=_("item"), many=_("items"), route="review:item", permission=Permission.VIEW_CONTENT
        )
        sentences.register(
            {
                "item.held": _("%(by)s put %(item)s on hold"),
                "item.handed_over": _("%(by)s handed %(item)s to %(user)s"),
                "item.declined": _("%(by)s did not take %(item)s"),
                "item.escalated": _("%(by)s gave %(item)s to the leads"),
                "item.moved": _("%(by)s put %(item)s into %(queue)s"),
                "item.taken_from_holder": _("%(by)s took %(item)s from %(user)s"),
                "item.second_opinion_asked": _("%(by)s asked for a second opinion on %(item)s"),
                "item.second_opinion_withdrawn": _("%(by)s took back the wish for a second opinion on %(item)s"),
                "item.opened_again": _("%(by)s had %(item)s judged again under a newer policy"),
                "queues.set_up": _("%(by)s set up %(queue)s"),
                "source.muted": _("%(by)s muted %(source)s for a while"),
                "source.lowered": _("%(by)s lowered the priority of %(source)s for a while"),
                "source.restored": _("%(by)s ended early what damped %(source)s"),
                "detector.muted": _("%(by)s muted %(detectorversion)s for a while"),
                "detector.lowered": _("%(by)s lowered the priority of %(detectorversion)s for a while"),
                "detector.restored": _("%(by)s ended early what damped %(detectorversion)s"),
                "routing.published": _("%(by)s put %(ruleset)s in force"),
                "routing.restored": _("%(by)s went back to earlier rules with %(ruleset)s"),
                "queue.set_up": _("%(by)s changed how %(queue)s works"),
                "queue.notice_set": _("%(by)s said what to expect of %(queue)s"),
                "queue.made": _("%(by)s made %(queue)s"),
            }
        )
