from django.urls import path

from incidents.statistics import gap_views, views

app_name = "statistics"

urlpatterns = [
    path("", views.explorer, name="explorer"),
    path("export.csv", views.export_csv, name="export_csv"),
    path("gaps/", gap_views.gap_times, name="gap_times"),
    path("gaps/export.csv", gap_views.gap_times_csv, name="gap_times_csv"),
    path("export.json", views.export_json, name="export_json"),
]
