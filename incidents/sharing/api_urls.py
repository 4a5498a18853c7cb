from django.urls import path

from incidents.sharing import api

urlpatterns = [
    path("actors/share", api.ActorShare.as_view(), name="api-share-actor"),
    path("incidents/<int:pk>/share", api.IncidentShare.as_view(), name="api-share-incident"),
]
