"""Every address that the URL resolver knows, so that a table of them can be held against it."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver, resolve


def routes(*, api: bool) -> set[str]:
    """Return the routes of the API, or all others, as ``resolve(…).route`` spells them."""
    return {route for route in _walk(get_resolver(), "") if is_api(route) == api}


def is_api(route: str) -> bool:
    """The API answers keys. Its documentation is a page for people."""
    return route.startswith("api/") and route != "api/docs/"


def route_of(address: str) -> str:
    return resolve(address.partition("?")[0]).route


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _walk(pattern, route)
