from django.urls import path

from incidents.desk import views

app_name = "desk"

urlpatterns = [
    path("", views.my_work, name="my_work"),
]
