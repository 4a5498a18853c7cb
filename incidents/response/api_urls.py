from django.urls import path

from incidents.response import api

urlpatterns = [
    path("incidents", api.IncidentListView.as_view(), name="api-incidents"),
    path("incidents/<int:pk>", api.IncidentView.as_view(), name="api-incident"),
]
