from django.urls import path

from incidents.use_cases.views import changes, pages

app_name = "use_cases"

urlpatterns = [
    path("", pages.application_list, {"tab": "waiting"}, name="list"),
    path("in-force/", pages.application_list, {"tab": "in_force"}, name="in_force"),
    path("ended/", pages.application_list, {"tab": "ended"}, name="ended"),
    path("all/", pages.application_list, {"tab": "all"}, name="all"),
    path("new/", changes.apply, name="apply"),
    path("of-actor/<int:pk>/", pages.of_actor, name="of_actor"),
    path("panel/<int:pk>/", pages.panel, name="panel"),
    path("panel/<int:pk>/say/", changes.say, name="say"),
    path("<int:pk>/", pages.application, name="detail"),
    path("<int:pk>/approve/", changes.approve, name="approve"),
    path("<int:pk>/decline/", changes.decline, name="decline"),
    path("<int:pk>/withdraw/", changes.withdraw, name="withdraw"),
]
