from django.urls import path

from incidents.retrospectives import views

app_name = "retrospectives"

urlpatterns = [
    path("", views.retrospective_list, name="list"),
    path("of/<int:incident_pk>/", views.of_incident, name="of_incident"),
    path("of/<int:incident_pk>/start/", views.start, name="start"),
    path("<int:pk>/", views.retrospective, name="detail"),
    path("<int:pk>/facts/<slug:key>/", views.fact, name="fact"),
    path("<int:pk>/sections/<slug:key>/", views.section, name="section"),
    path("<int:pk>/action-items/add/", views.add_action_item, name="add_action_item"),
    path("<int:pk>/action-items/<int:item_pk>/remove/", views.remove_action_item, name="remove_action_item"),
    path("<int:pk>/action-items/<int:item_pk>/done/", views.finish_action_item, name="finish_action_item"),
    path("<int:pk>/sign/", views.sign, name="sign"),
    path("<int:pk>/export.md", views.export_markdown, name="export_markdown"),
    path("<int:pk>/export.json", views.export_json, name="export_json"),
]
