from django.urls import path

from trust.notes import views

app_name = "notes"

urlpatterns = [
    path("", views.mentions, name="mentions"),
    path("<int:pk>/take-back/", views.take_back, name="take_back"),
    path("<int:pk>/resolve/", views.resolve, name="resolve"),
    path("<slug:kind>/<int:pk>/", views.about, name="about"),
    path("<slug:kind>/<int:pk>/write/", views.write, name="write"),
    path("<slug:kind>/<int:pk>/here/", views.here, name="here"),
    path("<slug:kind>/<int:pk>/gone/", views.gone, name="gone"),
]
