"""For search engines: which pages there are, when each last changed, and what not to fetch."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from ..public_pages import public_pages
from .paging import whole_number

# Entries of one file. The protocol (https://www.sitemaps.org/protocol.html) takes up to 50,000 and 50 MB:
# with the languages of each, so many are some 8 MB.
FILE = 10_000


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All public pages; if they are more than one file takes, the list of the files, `?p=1` and so on."""
    entries = list(public_pages())
    files = [entries[at : at + FILE] for at in range(0, len(entries), FILE)]
    number = whole_number(request, "p", default=0 if len(files) > 1 else 1)
    if number == 0:
        newest = [max(entry.changed_iso for entry in file) for file in files]
        return _xml(request, "claims/sitemap_index.xml", {"files": newest})
    if number > len(files):
        raise Http404("The sitemap has no such file.")
    prefixes = [(code, f"/{code}") for code, _ in settings.LANGUAGES[1:]]
    languages = [(settings.LANGUAGE_CODE, ""), *prefixes]
    return _xml(
        request, "claims/sitemap.xml", {"entries": files[number - 1], "languages": languages}
    )


def _xml(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, content_type="application/xml; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The desk is nobody else's; answers to what somebody asks are no pages, and the probes tell nothing."""
    answers = []
    for code, _ in settings.LANGUAGES:
        with override(code):
            answers += [f"{reverse(name)}?" for name in ("search", "match")]
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/admin/", *answers, "/healthz", "/readyz")),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
