from django.urls import path

from incidents.search import views

app_name = "search"

urlpatterns = [
    path("", views.search, name="search"),
    path("counts/", views.counts, name="counts"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
]
