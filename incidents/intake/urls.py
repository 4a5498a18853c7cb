from django.urls import path

from incidents.intake import views

app_name = "intake"

urlpatterns = [
    path("", views.source_list, name="sources"),
    path("<int:pk>/", views.source, name="source"),
    path("batches/<int:pk>/", views.batch, name="batch"),
    path("batches/<int:pk>/routed/", views.batch_routed, name="batch_routed"),
    path("batches/<int:pk>/rejected.csv", views.batch_rejected, name="batch_rejected"),
]
