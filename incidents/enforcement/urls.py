from django.urls import path

from incidents.enforcement.views import changes, pages

app_name = "enforcement"

urlpatterns = [
    path("", pages.action_list, {"tab": "open"}, name="list"),
    path("in-force/", pages.action_list, {"tab": "running"}, name="running"),
    path("deliveries/", pages.action_list, {"tab": "failing"}, name="failing"),
    path("deliveries/send-again/", changes.send_all_again, name="send_all_again"),
    path("ended/", pages.action_list, {"tab": "ended"}, name="ended"),
    path("all/", pages.action_list, {"tab": "all"}, name="all"),
    path("new/", changes.propose, name="propose"),
    path("new/parameters/", pages.parameters, name="parameters"),
    path("of-actor/<int:pk>/", pages.of_actor, name="of_actor"),
    path("panel/<int:pk>/", pages.panel, name="panel"),
    path("<int:pk>/", pages.action, name="detail"),
    path("<int:pk>/adopt/", changes.adopt, name="adopt"),
    path("<int:pk>/approve/", changes.approve, name="approve"),
    path("<int:pk>/decline/", changes.decline, name="decline"),
    path("<int:pk>/reverse/", changes.reverse_action, name="reverse"),
    path("<int:pk>/confirm/", changes.confirm, name="confirm"),
    path("<int:pk>/deliveries/<int:delivery_pk>/send-again/", changes.send_again, name="send_again"),
]
