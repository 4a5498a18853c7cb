from django.urls import path

from incidents.queues.views import events

app_name = "events"

urlpatterns = [
    path("", events.events, name="events"),
]
