from django.urls import path

from incidents.quality import views

app_name = "categories"

urlpatterns = [path("", views.categories, name="list")]
