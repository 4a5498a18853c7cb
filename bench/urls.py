from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from trust.urls import handler400, handler403, handler404, handler500, urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing")


urlpatterns = [path("bench/empty/", empty), *product]
