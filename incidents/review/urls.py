from django.urls import path

from incidents.review import beside, passing, views
from incidents.review.bulk import views as bulk

app_name = "review"

urlpatterns = [
    path("clause/", views.clause, name="clause"),
    path("bulk/", bulk.bulk_list, name="bulk_list"),
    path("bulk/<int:pk>/", bulk.bulk, name="bulk"),
    path("bulk/<int:pk>/start/", bulk.start, name="bulk_start"),
    path("bulk/<int:pk>/progress/", bulk.progress, name="bulk_progress"),
    path("bulk/<int:pk>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("bulk/<int:pk>/undo/", bulk.undo, name="bulk_undo"),
    path("<int:pk>/", views.item, name="item"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/form/", views.form, name="form"),
    path("<int:pk>/draft/", views.draft, name="draft"),
    path("<int:pk>/ahead/", views.ahead, name="ahead"),
    path("<int:pk>/let-go/", views.let_go, name="let_go"),
    path("<int:pk>/renew/", views.renew, name="renew"),
    path("<int:pk>/take-again/", views.take_again, name="take_again"),
    path("<int:pk>/release/", views.release, name="release"),
    path("<int:pk>/skip/", views.skip, name="skip"),
    path("<int:pk>/leave/", views.leave, name="leave"),
    path("<int:pk>/hold/", passing.hold, name="hold"),
    path("<int:pk>/hand-over/", passing.hand_over, name="hand_over"),
    path("<int:pk>/escalate/", passing.escalate, name="escalate"),
    path("<int:pk>/decline/", passing.decline, name="decline"),
    path("<int:pk>/move/", passing.move, name="move"),
    path("<int:pk>/ask-opinion/", passing.ask_opinion, name="ask_opinion"),
    path("<int:pk>/withdraw-opinion/", passing.withdraw_opinion, name="withdraw_opinion"),
    path("<int:pk>/second-opinion/", passing.second_opinion, name="second_opinion"),
    path("decisions/<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/exposure/", views.note_exposure, name="note_exposure"),
    path("<int:pk>/group/", beside.group, name="group"),
    path("<int:pk>/past/", beside.past, name="past"),
    path("<int:pk>/similar/", beside.similar, name="similar"),
    path("decisions/<int:pk>/group/", views.decide_group, name="decide_group"),
    path("group-decisions/<int:pk>/split/", views.split_group, name="split_group"),
    path("of-actor/<int:pk>/", views.of_actor, name="of_actor"),
]
