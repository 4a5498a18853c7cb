from django.urls import path

from trust.saved import views

app_name = "saved"

urlpatterns = [
    path("", views.view_list, name="list"),
    path("save/", views.save, name="save"),
    path("<int:pk>/", views.open_view, name="open"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/start/", views.start_with, name="start_with"),
    path("<int:pk>/start-plain/", views.start_plain, name="start_plain"),
]
