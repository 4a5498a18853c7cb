from django.urls import path

from incidents.quality import views

app_name = "quality"

urlpatterns = [
    path("", views.detector_list, name="detectors"),
    path("<int:pk>/", views.detector, name="detector"),
    path("<int:pk>/damp/", views.damp_detector, name="damp_detector"),
    path("of-source/<int:pk>/", views.source, name="source"),
    path("of-source/<int:pk>/damp/", views.damp_source, name="damp_source"),
    path("damping/<int:pk>/lift/", views.lift, name="lift"),
]
