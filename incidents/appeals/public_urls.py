from django.urls import path

from incidents.appeals.views import public

app_name = "appeal"

urlpatterns = [path("<str:token>/", public.page, name="page")]
