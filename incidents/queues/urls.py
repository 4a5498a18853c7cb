from django.urls import path

from incidents.queues import views

app_name = "queues"

urlpatterns = [
    path("", views.queue_list, name="list"),
    path("<slug:slug>/", views.queue, name="queue"),
    path("<slug:slug>/claim/", views.claim, name="claim"),
]
