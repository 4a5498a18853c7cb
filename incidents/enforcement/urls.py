from django.urls import path

from incidents.enforcement.views import acting, afterwards, changes, pages, strikes, together

app_name = "enforcement"

urlpatterns = [
    path("", pages.action_list, {"tab": "open"}, name="list"),
    path("in-force/", pages.action_list, {"tab": "running"}, name="running"),
    path("scheduled/", pages.action_list, {"tab": "scheduled"}, name="scheduled"),
    path("deliveries/", pages.action_list, {"tab": "failing"}, name="failing"),
    path("deliveries/send-again/", changes.send_all_again, name="send_all_again"),
    path("reviews/", pages.action_list, {"tab": "reviews"}, name="reviews"),
    path("checks/", pages.action_list, {"tab": "checks"}, name="checks"),
    path("together/", together.together, name="together"),
    path("rules/", acting.rule_list, name="rules"),
    path("rules/new/", acting.new_rule, name="new_rule"),
    path("rules/new/parameters/", acting.rule_parameters, name="rule_parameters"),
    path("rules/<int:pk>/", acting.rule, name="rule"),
    path("rules/<int:pk>/dry-run/", acting.dry_run, name="dry_run"),
    path("rules/<int:pk>/arm/", acting.arm, name="arm"),
    path("rules/<int:pk>/disarm/", acting.disarm, name="disarm"),
    path("ended/", pages.action_list, {"tab": "ended"}, name="ended"),
    path("all/", pages.action_list, {"tab": "all"}, name="all"),
    path("strikes/", strikes.strikes, name="strikes"),
    path("new/", changes.propose, name="propose"),
    path("new/parameters/", pages.parameters, name="parameters"),
    path("of-actor/<int:pk>/", pages.of_actor, name="of_actor"),
    path("panel/<int:pk>/", pages.panel, name="panel"),
    path("<int:pk>/", pages.action, name="detail"),
    path("<int:pk>/adopt/", changes.adopt, name="adopt"),
    path("<int:pk>/approve/", changes.approve, name="approve"),
    path("<int:pk>/decline/", changes.decline, name="decline"),
    path("<int:pk>/reverse/", changes.reverse_action, name="reverse"),
    path("<int:pk>/break-glass/", afterwards.break_glass, name="break_glass"),
    path("<int:pk>/review/", afterwards.review, name="review"),
    path("<int:pk>/check/", afterwards.check, name="check"),
    path("<int:pk>/extend/", afterwards.extend, name="extend"),
    path("<int:pk>/withdraw/", afterwards.withdraw, name="withdraw"),
    path("<int:pk>/confirm/", changes.confirm, name="confirm"),
    path("<int:pk>/deliveries/<int:delivery_pk>/send-again/", changes.send_again, name="send_again"),
]
