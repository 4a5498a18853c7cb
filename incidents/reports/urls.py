from django.urls import path

from incidents.reports import views

app_name = "reports"

urlpatterns = [
    path("", views.report, name="report"),
    path("<uuid:form>/", views.sent, name="sent"),
]
