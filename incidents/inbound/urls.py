from django.urls import path

from incidents.inbound import views

app_name = "inbound"

urlpatterns = [
    path("", views.webhook_list, name="webhooks"),
    path("new/", views.create, name="create"),
    path("<int:pk>/", views.webhook, name="webhook"),
    path("<int:pk>/secret/", views.set_secret, name="set_secret"),
    path("<int:pk>/former-secret/end/", views.end_former_secret, name="end_former_secret"),
    path("<int:pk>/on/", views.switch_on, name="switch_on"),
    path("<int:pk>/off/", views.switch_off, name="switch_off"),
]
