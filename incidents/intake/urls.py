from django.urls import path

from incidents.intake import views

app_name = "intake"

urlpatterns = [
    path("", views.source_list, name="sources"),
    path("<int:pk>/", views.source, name="source"),
]
