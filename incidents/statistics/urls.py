from django.urls import path

from incidents.statistics import views

app_name = "statistics"

urlpatterns = [
    path("", views.explorer, name="explorer"),
    path("export.csv", views.export_csv, name="export_csv"),
    path("export.json", views.export_json, name="export_json"),
]
