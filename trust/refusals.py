"""A refusal is a sentence that says why something may not be done now, and its answer: a 409 page or problem+json."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trust.htmx import is_fragment_request
from trust.untaken import page_before, typed_in


class Refused(Exception):  # noqa: N818  a refusal is an answer, not an error
    """Raised by operations. ``sentence`` is shown as it is; ``code`` names the problem type in the API.

    ``errors`` are sentences by the path of the field they are about, for input that only an operation can judge.
    """

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "refused",
        status: int = 409,
        errors: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = str(sentence)
        self.code = code
        self.status = status
        self.errors = dict(errors or {})


class RefusalMiddleware:
    """Answer ``Refused`` from a page's view; the API has its own translation in ``trust.problems``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        template = "components/_refused.html" if is_fragment_request(request) else "refused.html"
        context = {"refusal": exception, "back_to": page_before(request), "typed": typed_in(request)}
        response = render(request, template, context, status=exception.status)
        response["Vary"] = "HX-Request, Cookie"
        return response
