from django.urls import path

from incidents.linking import acting, views

app_name = "linking"

urlpatterns = [
    path("<int:pk>/links/", views.links, name="links"),
    path("<int:pk>/links/panel/", views.of_actor, name="of_actor"),
    path("<int:pk>/links/act/", acting.act, name="act"),
    path("<int:pk>/links/say/", views.say, name="say"),
]
