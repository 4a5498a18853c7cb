from django.urls import path

from incidents.guidance import views

app_name = "guidance"

urlpatterns = [
    path("suggested/", views.suggestions, name="suggestions"),
    path("suggested/search/", views.search, name="search"),
    path("suggested/<int:pk>/take/", views.take, name="take"),
    path("suggested/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("<int:pk>/examples/", views.examples, name="examples"),
]
