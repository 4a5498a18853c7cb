from django.urls import path

from incidents.impact import views

app_name = "impact"

urlpatterns = [
    path("<slug:key>/versions/<int:number>/impact/", views.impact, name="impact"),
    path("<slug:key>/versions/<int:number>/impact/mark/<str:clause>/", views.mark, name="mark"),
    path("<slug:key>/versions/<int:number>/impact/sample/", views.take_sample, name="take_sample"),
    path("impact/samples/<int:pk>/", views.judge, name="judge"),
    path("impact/samples/<int:pk>/decisions/<int:one>/reveal/", views.reveal, name="reveal"),
    path("impact/samples/<int:pk>/decisions/<int:one>/", views.answer, name="answer"),
]
