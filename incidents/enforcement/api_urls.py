from django.urls import path

from incidents.enforcement import api

urlpatterns = [
    path("enforcement-actions", api.EnforcementListView.as_view(), name="api-enforcement"),
    path("enforcement-actions/<int:pk>", api.EnforcementView.as_view(), name="api-enforcement-action"),
]
