from django.urls import path

from incidents.response.views import changes, pages

app_name = "response"

urlpatterns = [
    path("", pages.incident_list, name="list"),
    path("new/", changes.create, name="create"),
    path("of-actor/<int:pk>/", pages.of_actor, name="of_actor"),
    path("<int:pk>/", pages.incident, name="detail"),
    path("<int:pk>/timeline/", pages.timeline, name="timeline"),
    path("<int:pk>/items/", pages.items, name="items"),
    path("<int:pk>/items/add/", changes.add_items, name="add_items"),
    path("<int:pk>/items/<int:item_pk>/remove/", changes.remove_item, name="remove_item"),
    path("<int:pk>/actors/", pages.actors, name="actors"),
    path("<int:pk>/actors/add/", changes.add_actors, name="add_actors"),
    path("<int:pk>/actors/<int:actor_pk>/remove/", changes.remove_actor, name="remove_actor"),
    path("<int:pk>/actions/", pages.actions, name="actions"),
    path("<int:pk>/actions/add/", changes.add_actions, name="add_actions"),
    path("<int:pk>/actions/<int:action_pk>/remove/", changes.remove_action, name="remove_action"),
    path("<int:pk>/edit/", changes.edit, name="edit"),
    path("<int:pk>/contain/", changes.contain, name="contain"),
    path("<int:pk>/resolve/", changes.resolve, name="resolve"),
    path("<int:pk>/reopen/", changes.reopen, name="reopen"),
    path("<int:pk>/owner/", changes.reassign, name="reassign"),
]
