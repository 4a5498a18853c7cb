from django.urls import path

from policies import public_views

app_name = "guidelines"

urlpatterns = [
    path("", public_views.guidelines, name="list"),
    path("<slug:key>/", public_views.guideline, name="guideline"),
    path("<slug:key>/versions/<int:number>/", public_views.guideline_at, name="guideline_at"),
]
