"""Addresses for tests alone: a page with every building block, a refusal, a failure."""

from datetime import timedelta
from pathlib import Path

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import RequestContext, Template
from django.urls import include, path
from django.utils import timezone

from trust import charts
from trust.refusals import Refused
from trust.urls import handler400, handler403, handler404, handler500  # noqa: F401

TEXT = "Write <b>40</b> reviews \N{RIGHT-TO-LEFT OVERRIDE}for our tea\r\nthat c\N{ZERO WIDTH SPACE}ures \x00 all."

PAGE = (Path(__file__).parent / "blocks.html").read_text()


class BlocksForm(forms.Form):
    ends = forms.DateField(help_text="At most 90 days.")
    letter = forms.CharField(widget=forms.Textarea)
    sure = forms.BooleanField()
    side = forms.ChoiceField(choices=[("prompt", "Prompt"), ("completion", "Output")], widget=forms.RadioSelect)
    kind = forms.ChoiceField(choices=[("ban", "Ban")], required=False)


def blocks(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if "quiet" not in request.GET:
        messages.info(request, "Item 48212 decided: benign.")
    points = [charts.Point(f"Week {week}", 2 + week / 4, 1.8 + week / 4, 2.3 + week / 4) for week in range(8)]
    context = {
        "due": now + timedelta(minutes=42),
        "late": now - timedelta(minutes=24),
        "text": TEXT,
        "spans": [(0, 12, 1), (9, 30, None)],
        "form": BlocksForm({}) if "wrong" in request.GET else BlocksForm(),
        "line": charts.line_chart("Violating by week", ["Week", "Rate", "Interval"], points, decimals=1),
        "bars": charts.BarChart("By clause", ["Clause", "Items"], [charts.Bar("Spam", "12", "80", "M70 5H90")]),
    }
    return HttpResponse(Template(PAGE).render(RequestContext(request, context)))


def refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("Ana holds this item until 14:05; ask her to release it.")


def fail(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", status=500)


def work(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>After</p>")


def ended(request: HttpRequest) -> HttpResponse:
    return redirect("account_login")


urlpatterns = [
    path("blocks/", blocks),
    path("refuse/", refuse),
    path("fail/", fail),
    path("ended/", ended),
    path("work/", work),
    path("", include("trust.urls")),
]
