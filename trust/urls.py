"""Every address of Trustdesk. A room's own stand in its ``urls.py`` (pages) and ``api_urls.py``."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from trust import api_docs, health, problems

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = problems.server_error

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("trust.accounts.allauth_urls")),
    path("settings/endpoints/", include("trust.outgoing.urls")),
    path("settings/sources/imports/", include("incidents.imports.urls")),
    path("settings/sources/", include("incidents.intake.urls")),
    path("settings/webhooks/", include("incidents.inbound.urls")),
    path("settings/notices/", include("incidents.notices.urls")),
    path("settings/", include("trust.accounts.urls")),
    path("audit/", include("trust.audit.urls")),
    path("views/", include("trust.saved.urls")),
    path("notes/", include("trust.notes.urls")),
    path("guidelines/", include("policies.public_urls")),
    path("policies/categories/", include("incidents.quality.category_urls")),
    path("policies/gaps/", include("incidents.guidance.urls")),
    path("policies/", include("incidents.impact.urls")),
    path("policies/", include("incidents.backfill.urls")),
    path("policies/", include("incidents.enforcement.policy_urls")),
    path("policies/", include("policies.urls")),
    path("", include("incidents.sharing.urls")),
    path("actors/", include("incidents.linking.urls")),
    path("actors/", include("incidents.dossier.urls")),
    path("actors/", include("incidents.actors.urls")),
    path("search/", include("incidents.search.urls")),
    path("wellbeing/", include("incidents.wellbeing.urls")),
    path("queues/", include("incidents.queues.urls")),
    path("events/", include("incidents.queues.event_urls")),
    path("report/", include("incidents.reports.urls")),
    path("items/", include("incidents.review.urls")),
    path("detectors/", include("incidents.quality.urls")),
    path("use-cases/", include("incidents.use_cases.urls")),
    path("enforcement/", include("incidents.enforcement.urls")),
    path("appeals/", include("incidents.appeals.urls")),
    path("appeal/", include("incidents.appeals.public_urls")),
    path("incidents/", include("incidents.response.urls")),
    path("retrospectives/", include("incidents.retrospectives.urls")),
    path("statistics/", include("incidents.statistics.urls")),
    path("api/docs/", api_docs.api_docs, name="api_docs"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("incidents.actors.api_urls")),
    path("api/v1/", include("incidents.intake.api_urls")),
    path("api/v1/", include("incidents.inbound.api_urls")),
    path("api/v1/", include("incidents.search.api_urls")),
    path("api/v1/", include("incidents.queues.api_urls")),
    path("api/v1/", include("incidents.review.api_urls")),
    path("api/v1/", include("incidents.use_cases.api_urls")),
    path("api/v1/", include("incidents.enforcement.api_urls")),
    path("api/v1/", include("incidents.appeals.api_urls")),
    path("api/v1/", include("incidents.response.api_urls")),
    path("api/v1/", include("incidents.sharing.api_urls")),
    path("api/v1/", include("incidents.statistics.api_urls")),
    path("", include("incidents.desk.urls")),
]
