from django.urls import path

from incidents.search import views

app_name = "search"

urlpatterns = [
    path("", views.search, name="search"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("views/", views.save_view, name="save_view"),
    path("views/<int:pk>/delete/", views.delete_view, name="delete_view"),
]
