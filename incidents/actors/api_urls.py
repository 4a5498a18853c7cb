from django.urls import path

from incidents.actors import api

urlpatterns = [path("actors", api.ActorList.as_view(), name="api-actors")]
