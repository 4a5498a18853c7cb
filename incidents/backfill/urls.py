from django.urls import path

from incidents.backfill import views

app_name = "backfill"

urlpatterns = [
    path("look-again/", views.backfills, name="list"),
    path("look-again/<int:pk>/", views.detail, name="detail"),
    path("look-again/<int:pk>/progress/", views.progress, name="progress"),
    path("look-again/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<slug:key>/look-again/", views.start, name="start"),
]
