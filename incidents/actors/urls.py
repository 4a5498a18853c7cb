from django.urls import path

from incidents.actors import views

app_name = "actors"

urlpatterns = [
    path("", views.actor_list, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/organisation/", views.organisation, name="organisation"),
]
