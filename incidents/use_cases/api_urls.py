from django.urls import path

from incidents.use_cases import api

urlpatterns = [
    path("use-cases", api.ApplicationListView.as_view(), name="api-use-cases"),
    path("use-cases/<int:pk>", api.ApplicationView.as_view(), name="api-use-case"),
]
