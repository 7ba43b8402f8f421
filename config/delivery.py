"""How answers travel: what caches may do with them, what is compressed, and that the address alone says in
which language they are."""

from __future__ import annotations

from collections.abc import Callable

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import (
    add_never_cache_headers,
    has_vary_header,
    patch_cache_control,
    patch_vary_headers,
)
from django.utils.translation import get_language

DESK = "/admin/"


class AddressLocaleMiddleware(LocaleMiddleware):
    """As Django's, of which the readers' addresses leave little to do: nobody is led to another language, and
    no cache need ask what language a browser prefers."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Content-Language", get_language())
        return response


class PublicGZipMiddleware(GZipMiddleware):
    """Compresses what everybody may read. Not the desk's pages: what they hold of secrets (a form's token)
    could be guessed from how well they compress (BREACH). Nor pictures, which are compressed; nor files that
    are sent as they lie, with their length and in parts."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if (
            request.path.startswith(DESK)
            or isinstance(response, FileResponse)
            or response.get("Content-Type", "").startswith("image/")
        ):
            return response
        if response.status_code == 304:
            # It stands for the page, and says of it what the page itself says (RFC 9110, section 15.4.5).
            patch_vary_headers(response, ("Accept-Encoding",))
        return super().process_response(request, response)


def caching(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A public answer may be kept by anybody who asks each time whether it still stands (by its ETag, 304):
    so a correction is seen at once. What the desk answers, or what depends on who asks, is kept by nobody.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(DESK) or has_vary_header(response, "Cookie"):
            add_never_cache_headers(response)
        elif not response.has_header("Cache-Control"):
            patch_cache_control(response, public=True, no_cache=True)
        return response

    return middleware
