from django.urls import path

from incidents.review import api

urlpatterns = [
    path("items/<int:pk>", api.ItemDetail.as_view(), name="api-item"),
    path("items/<int:pk>/decisions", api.ItemDecisions.as_view(), name="api-item-decisions"),
    path("items/<int:pk>/notes", api.ItemNotes.as_view(), name="api-item-notes"),
]
