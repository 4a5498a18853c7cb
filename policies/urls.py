from django.urls import path, register_converter

from policies import editing_views, gap_views, import_views, reader_views, retiring_views, views


class ClauseKey:
    """A clause's key in an address: "spam.medical_products"."""

    regex = r"[a-z0-9][a-z0-9_.-]{0,79}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ClauseKey, "clause")

app_name = "policies"

urlpatterns = [
    path("", views.policy_list, name="list"),
    path("export.zip", views.export_all, name="export_all"),
    path("import/", import_views.bring_in, name="import"),
    path("gaps/", gap_views.gaps, name="gaps"),
    path("gaps/<int:pk>/", gap_views.gap, name="gap"),
    path("gaps/<int:pk>/owner/", gap_views.own_gap, name="own_gap"),
    path("gaps/<int:pk>/close/", gap_views.close_gap, name="close_gap"),
    path("gaps/<int:pk>/reopen/", gap_views.reopen_gap, name="reopen_gap"),
    path("texts/<int:pk>/", views.text, name="text"),
    path("clauses/<clause:key>/", views.clause, name="clause"),
    path("clauses/<clause:key>/versions/<int:number>/", views.clause_at, name="clause_at"),
    path("clauses/<clause:key>/draft/", editing_views.draft, name="draft"),
    path("clauses/<clause:key>/draft/keep/", editing_views.keep, name="keep"),
    path("clauses/<clause:key>/draft/drop/", editing_views.drop, name="drop"),
    path("clauses/<clause:key>/draft/preview/", editing_views.preview, name="preview"),
    path("clauses/<clause:key>/draft/move/", editing_views.move, name="move"),
    path("clauses/<clause:key>/draft/remove/", editing_views.remove, name="remove"),
    path("<slug:key>/", views.policy, name="policy"),
    path("<slug:key>/draft/", editing_views.outline, name="outline"),
    path("<slug:key>/draft/about/", editing_views.about, name="about"),
    path("<slug:key>/draft/about/keep/", editing_views.keep_about, name="keep_about"),
    path("<slug:key>/draft/clauses/", editing_views.add, name="add"),
    path("<slug:key>/draft/clauses/keep/", editing_views.keep_new, name="keep_new"),
    path("<slug:key>/draft/drop/", editing_views.drop_outline, name="drop_outline"),
    path("<slug:key>/versions/", views.history, name="history"),
    path("<slug:key>/versions/<int:number>/", views.policy_at, name="policy_at"),
    path("<slug:key>/versions/<int:old>/to/<int:new>/", views.compare, name="compare"),
    path("<slug:key>/compare/", views.choose, name="choose"),
    path("<slug:key>/versions/<int:number>/export.zip", views.export, name="export"),
    path("<slug:key>/versions/<int:number>/acknowledge/", reader_views.acknowledge, name="acknowledge"),
    path("<slug:key>/readers/", reader_views.readers_page, name="readers"),
    path("<slug:key>/retirement/", retiring_views.retirement, name="retirement"),
    path("<slug:key>/retirement/propose/", retiring_views.propose, name="propose_retirement"),
    path("<slug:key>/retirement/<int:pk>/approve/", retiring_views.approve, name="approve_retirement"),
    path("<slug:key>/retirement/<int:pk>/decline/", retiring_views.decline, name="decline_retirement"),
    path("<slug:key>/versions/<int:number>/review/", views.review, name="review"),
    path("<slug:key>/versions/<int:number>/submit/", views.submit, name="submit"),
    path("<slug:key>/versions/<int:number>/publish/", views.publish, name="publish"),
    path("<slug:key>/versions/<int:number>/publish-at/", views.publish_at, name="publish_at"),
    path("<slug:key>/versions/<int:number>/cancel/", views.cancel_publication, name="cancel_publication"),
    path("<slug:key>/versions/<int:number>/send-back/", views.send_back, name="send_back"),
    path("<slug:key>/versions/<int:number>/discard/", views.discard, name="discard"),
]
