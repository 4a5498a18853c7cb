from django.urls import path

from incidents.appeals.views import pages

app_name = "appeals"

urlpatterns = [
    path("", pages.appeal_list, {"tab": "open"}, name="list"),
    path("judged/", pages.appeal_list, {"tab": "judged"}, name="judged"),
    path("account/", pages.account, name="account"),
    path("<int:pk>/", pages.appeal, name="detail"),
    path("<int:pk>/judge/", pages.judge, name="judge"),
]
