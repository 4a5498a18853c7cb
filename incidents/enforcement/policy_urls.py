"""The page of enforcement that stands at the addresses of policies."""

from django.urls import path

from incidents.enforcement.views import statements

app_name = "statements"

urlpatterns = [
    path("<slug:key>/statement/", statements.statement, name="statement"),
]
