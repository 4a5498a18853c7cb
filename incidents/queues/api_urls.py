from django.urls import path

from incidents.queues import api

urlpatterns = [
    path("queues", api.QueueList.as_view(), name="api-queues"),
    path("queues/<slug:slug>/claim", api.QueueClaim.as_view(), name="api-queue-claim"),
]
