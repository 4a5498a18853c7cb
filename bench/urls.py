from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from incidents.intake.models import Generation
from trust.urls import handler400, handler403, handler404, handler500, urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing")


@login_required
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """Look one row up by its primary key."""
    return HttpResponse(get_object_or_404(Generation, pk=pk).external_id or "")


urlpatterns = [path("bench/empty/", empty), path("bench/row/<int:pk>/", row), *product]
