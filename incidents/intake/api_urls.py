from django.urls import path

from incidents.intake import api

urlpatterns = [
    path("alerts", api.AlertsView.as_view(), name="api-alerts"),
    path("batches/<int:pk>", api.BatchView.as_view(), name="api-batch"),
    path("traffic", api.TrafficView.as_view(), name="api-traffic"),
]
