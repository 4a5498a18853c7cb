from django.urls import path

from incidents.sharing import views

app_name = "sharing"

urlpatterns = [
    path("actors/<int:pk>/share/", views.actor, name="actor"),
    path("incidents/<int:pk>/share/", views.incident, name="incident"),
]
