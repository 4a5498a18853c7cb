from django.urls import path

from incidents.guidance import views

app_name = "guidance"

urlpatterns = [
    path("", views.suggestions, name="suggestions"),
    path("search/", views.search, name="search"),
    path("<int:pk>/take/", views.take, name="take"),
    path("<int:pk>/dismiss/", views.dismiss, name="dismiss"),
]
