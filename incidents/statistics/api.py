from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.statistics import exports, operations, queries
from incidents.statistics.forms import EXACT, PUBLISHED, cut_of, form_of
from incidents.statistics.periods import Period
from incidents.statistics.serializers import StatisticsOut
from incidents.statistics.tables import Across
from policies.vocabulary import Severity, Verdict
from trust import clock
from trust.accounts.authentication import KeyRequest
from trust.accounts.models import ApiKey
from trust.permissions import Scope


class MayReadStatistics(BasePermission):
    """Let in a key that may read statistics, suppressed or exact; the answer is no more than it may see."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        return isinstance(key, ApiKey) and (key.may_use(Scope.STATISTICS_READ) or key.may_use(Scope.STATISTICS_EXACT))


class Statistics(APIView):
    permission_classes = [MayReadStatistics]

    @extend_schema(
        operation_id="statistics_read",
        description=(
            "One table of counts with its totals. A key with `statistics:exact` gets exact counts of any cut, or with "
            "`view=published` what may be published; any other key gets the latter: whole weeks of one quarter, across "
            "policy, severity, verdict or source, never narrowed, counts of few actors hidden."
        ),
        parameters=[
            OpenApiParameter("view", str, enum=[EXACT, PUBLISHED]),
            OpenApiParameter("by", str, enum=Period.values, default=Period.WEEK.value),
            OpenApiParameter("across", str, enum=Across.values, default=Across.POLICY.value),
            OpenApiParameter("from", {"type": "string", "format": "date"}, description="Widened to whole periods"),
            OpenApiParameter("to", {"type": "string", "format": "date"}, description="Widened to whole periods"),
            OpenApiParameter("under", str, description="policy/number: decisions carried over to that version"),
            OpenApiParameter("policy", str, description="Key; exact tables alone, as `under` and all below"),
            OpenApiParameter("clause", str, description="Key"),
            OpenApiParameter("severity", int, enum=Severity.values),
            OpenApiParameter("verdict", str, enum=Verdict.values),
            OpenApiParameter("source", str, description="Slug"),
        ],
        responses=StatisticsOut,
    )
    def get(self, request: KeyRequest) -> Response:
        may_see_exact = request.auth.may_use(Scope.STATISTICS_EXACT)
        view = request.query_params.get("view") or (EXACT if may_see_exact else PUBLISHED)
        if view == EXACT and not may_see_exact:
            raise PermissionDenied(_("Exact counts need the scope statistics:exact."))
        today = clock.now().date()
        cut = cut_of(form_of(request.query_params, is_exact=view == EXACT, today=today))
        table = queries.table(cut, today)
        if view != EXACT:
            return Response(exports.document_of(table.suppressed()))
        operations.note_export(cut, by=request.user)
        return Response(exports.document_of(table))
