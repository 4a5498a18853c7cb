from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.queues.models import Item, Round
from incidents.review import operations, queries
from incidents.review.serializers import DecisionIn, DecisionOut, ItemOut
from trust import clock, idempotency
from trust.accounts.authentication import KeyRequest
from trust.accounts.models import ApiKey
from trust.notes import operations as notes, queries as note_queries, registry
from trust.notes.models import Note
from trust.notes.serializers import NoteIn, NoteOut, NotePageOut
from trust.pagination import keyset_page
from trust.permissions import Scope


class MayReadItems(BasePermission):
    """Let in a key that may read queues, review, or read content; the answer holds no more than it may see."""

    message = gettext_lazy("This key does not hold the scope for this, or its owner may not do it.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        scopes = (Scope.QUEUES_READ, Scope.REVIEW, Scope.CONTENT_READ)
        return isinstance(key, ApiKey) and any(key.may_use(scope) for scope in scopes)


class MayReadNotes(BasePermission):
    """Let in a key that may read content: of everything, or of what its owner holds or decided."""

    message = MayReadItems.message

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        return isinstance(key, ApiKey) and any(key.may_use(scope) for scope in (Scope.REVIEW, Scope.CONTENT_READ))


class ItemDetail(APIView):
    """One item. ``review`` reads the content of what its owner holds or decided; all else needs ``content:read``."""

    permission_classes = [MayReadItems]

    @extend_schema(operation_id="items_read", responses=ItemOut)
    def get(self, request: KeyRequest, pk: int) -> Response:
        now = clock.now()
        item = get_object_or_404(Item.objects.open_to(request.user, now).for_record(), pk=pk)
        with_content = _may_read_content(request, item)
        record = queries.item_record(item, with_content=with_content)
        if with_content:
            held = record.round_held_by(request.user, now)
            operations.note_view(item, held=held, by=request.user)
            if held:  # who reads by API is not asked to reveal
                operations.note_exposure(item, seconds=0, by=request.user)
        context = {"by": request.user, "with_comments": with_content and not record.is_restricted}
        return Response(
            ItemOut(_output(record, is_kept_back=record.is_judged_alone_by(request.user, now)), context=context).data
        )


def _may_read_content(request: KeyRequest, item: Item) -> bool:
    now, key = clock.now(), request.auth
    if key.may_use(Scope.CONTENT_READ) and Item.objects.visible_to(request.user, now).filter(pk=item.pk).exists():
        return True
    own = Item.objects.held_or_decided_by(request.user, now).filter(pk=item.pk)
    return key.may_use(Scope.REVIEW) and own.exists()


def _output(record: queries.ItemRecord, *, is_kept_back: bool) -> dict[str, Any]:
    fields = ("id", "kind", "status", "verdict", "severity", "created_at", "closed_at")
    return {
        **{name: getattr(record.item, name) for name in fields},
        **({"verdict": "", "severity": None} if is_kept_back else {}),
        "generation": record.generation,
        "actor": record.actor if record.messages is not None else None,
        "messages": None if record.messages is None else [_message(message) for message in record.messages],
        "alerts": record.alerts,
        "rounds": record.rounds,
        "decisions": [] if is_kept_back else record.decisions,
        "is_kept_back": is_kept_back,
    }


def _message(message: queries.Message) -> dict[str, Any]:
    seen = {"sha256": message.sha256} if message.content is None else {"content": message.content}
    attached = {"attachments": [asdict(one) for one in message.attachments]}
    return {"role": message.role, "length": message.length, **seen, **attached}


class ItemDecisions(APIView):
    """Decide a round that the key's owner holds."""

    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="items_decide",
        request=DecisionIn,
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        responses={
            201: DecisionOut,
            200: OpenApiResponse(DecisionOut, description="Sent before under the same Idempotency-Key."),
            409: OpenApiResponse(description="lease-lost or already-decided"),
        },
    )
    def post(self, request: KeyRequest, pk: int) -> Response:
        sent = DecisionIn(data=request.data)
        sent.is_valid(raise_exception=True)
        fields = sent.validated_data
        items = Item.objects.open_to(request.user, clock.now())
        round = get_object_or_404(Round.objects.filter(item__in=items), pk=fields["round"], item=pk)
        decision = operations.decide(
            round,
            fence=fields["fence"],
            verdict=fields["verdict"],
            findings=sent.findings(),
            note=fields["note"],
            wrong=sent.wrong(),
            idempotency_key=idempotency.key_of(request),
            by=request.user,
        )
        answer = status.HTTP_200_OK if decision.is_repeat else status.HTTP_201_CREATED
        return Response(DecisionOut(decision).data, status=answer)


class ItemNotes(APIView):
    """The notes on an item, and one more of them. Whoever may read its content may read them."""

    scopes = {"POST": Scope.REVIEW}

    def get_permissions(self) -> Sequence[Any]:
        return [MayReadNotes()] if self.request.method in ("GET", "HEAD") else super().get_permissions()

    @extend_schema(
        operation_id="items_notes_list",
        description=(
            "The notes on an item, newest first, 50 at a time. While the key's owner holds a round that is judged "
            "without others' opinions, only their own are there, and `is_kept_back` is true."
        ),
        parameters=[OpenApiParameter("cursor", str, description="`next` of the page before")],
        responses=NotePageOut,
    )
    def get(self, request: KeyRequest, pk: int) -> Response:
        item = get_object_or_404(Item.objects.open_to(request.user, clock.now()), pk=pk)
        if not _may_read_content(request, item):
            raise Http404
        subject = _noted(item)
        is_kept_back = subject.is_kept_back_from(request.user, clock.now())
        rows = note_queries.notes_for(subject, request.user, is_kept_back=is_kept_back).for_list()
        page = keyset_page(request._request, rows, by=["-pk"])
        answer = {"results": page.rows, "next": page.older or None, "is_kept_back": is_kept_back}
        return Response(NotePageOut(answer).data)

    @extend_schema(
        operation_id="items_notes_write",
        request=NoteIn,
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        responses={
            201: NoteOut,
            200: OpenApiResponse(NoteOut, description="Sent before under the same Idempotency-Key."),
            422: OpenApiResponse(description="invalid: the text, or whom it mentions"),
        },
    )
    def post(self, request: KeyRequest, pk: int) -> Response:
        item = get_object_or_404(Item.objects.visible_to(request.user, clock.now()), pk=pk)
        sent = NoteIn(data=request.data)
        sent.is_valid(raise_exception=True)
        key = idempotency.key_of(request)
        text = sent.validated_data["text"]
        note, is_new = notes.write(_noted(item), text=text, idempotency_key=key, by=request.user)
        whole = Note.objects.for_list().get(pk=note.pk)
        return Response(NoteOut(whole).data, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


def _noted(item: Item) -> registry.Subject:
    return registry.subject("item", item.pk)
