from django.urls import path

from incidents.dossier import views

app_name = "dossier"

urlpatterns = [
    path("<int:pk>/timeline/", views.timeline, name="timeline"),
    path("<int:pk>/traffic/", views.of_traffic, name="traffic"),
]
