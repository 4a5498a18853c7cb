from django.urls import path

from trust.accounts.views import keys, people, you

app_name = "accounts"

urlpatterns = [
    path("", you.settings, name="settings"),
    path("language/", you.language, name="language"),
    path("keyboard/", you.keyboard, name="keyboard"),
    path("people/", people.people, name="people"),
    path("people/new/", people.create, name="create_person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/", people.change_roles, name="change_roles"),
    path("people/<int:pk>/end/", people.end_account, name="end_account"),
    path("people/<int:pk>/reopen/", people.reopen_account, name="reopen_account"),
    path("people/<int:pk>/link/", people.make_link, name="make_link"),
    path("people/<int:pk>/clearances/grant/", people.grant_clearance, name="grant_clearance"),
    path("people/<int:pk>/clearances/<int:clearance_pk>/approve/", people.approve_clearance, name="approve_clearance"),
    path("people/<int:pk>/clearances/<int:clearance_pk>/revoke/", people.revoke_clearance, name="revoke_clearance"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.create, name="create_key"),
    path("keys/<int:pk>/approve/", keys.approve, name="approve_key"),
    path("keys/<int:pk>/revoke/", keys.revoke, name="revoke_key"),
]
