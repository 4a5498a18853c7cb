from django.urls import path

from incidents.wellbeing import views

app_name = "wellbeing"

urlpatterns = [
    path("", views.own, name="own"),
    path("choices/", views.choices, name="choices"),
    path("choices/covering/", views.cover, name="cover"),
    path("choices/opt-outs/", views.opt_out, name="opt_out"),
    path("choices/limits/", views.limit, name="limit"),
    path("team/", views.team, name="team"),
    path("everyone/", views.everyone, name="everyone"),
]
