from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.search import finding, operations
from incidents.search.forms import form_of
from incidents.search.serializers import FoundOut
from trust import clock, pagination
from trust.accounts.authentication import KeyRequest
from trust.permissions import Scope


class Search(APIView):
    """What the key's owner may see, newest first, 25 at a time; the first page says how many there are."""

    scopes = {"GET": Scope.CONTENT_READ}

    @extend_schema(
        operation_id="search",
        parameters=[
            OpenApiParameter("q", str, required=True, description='words, "a phrase", begin*, -without, actor:acct_9'),
            OpenApiParameter("cursor", str, description="`next` of the page before"),
        ],
        responses={
            200: FoundOut,
            422: OpenApiResponse(description="invalid: `q` cannot be read"),
            429: OpenApiResponse(description="more than 60 searches in a minute"),
            503: OpenApiResponse(description="too-slow"),
        },
    )
    def get(self, request: KeyRequest) -> Response:
        if unknown := sorted(set(request.query_params) - {"q", "cursor"}):
            raise BadRequest(_("%(name)s: there is no such filter.") % {"name": ascii(unknown[0])})
        form = form_of(request.query_params.get("q", ""))
        if not form.is_valid():
            raise ValidationError({"q": [str(error) for error in form.errors["q"]]})
        before = pagination.place_in_time(request.query_params.get("cursor", ""))
        if wait := operations.count_search(request.user):
            raise Throttled(wait)
        now = clock.now()
        found = finding.search(form.query, by=request.user, now=now, before=before)
        counts = found.counts if found.counts or before else finding.count(form.query, by=request.user, now=now)
        rows = [{**hit._asdict(), "item": item.pk} for hit, item in found.hits]
        older = pagination.encode(found.older) if found.older else None
        return Response(FoundOut({"counts": counts, "results": rows, "next": older}).data)
