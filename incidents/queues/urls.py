from django.urls import path

from incidents.queues.views import board, queues, rules

app_name = "queues"

urlpatterns = [
    path("", queues.queue_list, name="list"),
    path("all/", queues.every, name="every"),
    path("board/", board.board, name="board"),
    path("board/rounds/<int:pk>/release/", board.release, name="release"),
    path("break/", queues.take_break, name="take_break"),
    path("rules/", rules.rules_in_force, name="rules"),
    path("rules/draft/", rules.draft, name="rule_draft"),
    path("rules/draft/add/", rules.add_rule, name="add_rule"),
    path("rules/draft/try/", rules.trial, name="try_rules"),
    path("rules/draft/publish/", rules.publish, name="publish_rules"),
    path("rules/draft/discard/", rules.discard_draft, name="discard_rules"),
    path("rules/draft/rules/<slug:key>/", rules.edit_rule, name="edit_rule"),
    path("rules/draft/rules/<slug:key>/move/", rules.move_rule, name="move_rule"),
    path("rules/draft/rules/<slug:key>/delete/", rules.delete_rule, name="delete_rule"),
    path("rules/versions/", rules.version_list, name="rule_versions"),
    path("rules/versions/<int:number>/", rules.version, name="rule_version"),
    path("rules/versions/<int:number>/restore/", rules.restore, name="restore_rules"),
    path("<slug:slug>/", queues.queue, name="queue"),
    path("<slug:slug>/set-up/", board.set_up, name="set_up"),
    path("<slug:slug>/claim/", queues.claim, name="claim"),
    path("<slug:slug>/join/", queues.join, name="join"),
    path("<slug:slug>/notice/", queues.set_notice, name="set_notice"),
]
