from django.urls import path

from incidents.appeals import api

urlpatterns = [path("appeals", api.AppealListView.as_view(), name="api-appeals")]
