from django.urls import path

from trust.outgoing import views

app_name = "outgoing"

urlpatterns = [
    path("", views.endpoint_list, name="endpoints"),
    path("new/", views.create, name="create"),
    path("<int:pk>/", views.endpoint, name="endpoint"),
    path("<int:pk>/secret/", views.change_secret, name="change_secret"),
    path("<int:pk>/on/", views.switch_on, name="switch_on"),
    path("<int:pk>/off/", views.switch_off, name="switch_off"),
]
