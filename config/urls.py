"""Every address of the site: operations, the desk, the API, the readers' pages."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from config import health
from config.api import nothing_here

urlpatterns: list[URLPattern | URLResolver] = [
    # Operations: for load balancers and monitors, not for readers.
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # The desk: researchers and editors.
    path("admin/", admin.site.urls),
    # The API, version 1.
    path("api/v1/", include("config.api")),
    re_path(r"^api/(?:[\s\S]*/)?\Z", nothing_here),  # nor is there any other version
    # The interface of Google's Fact Check Tools API, for clients that were written for it.
    path("", include("claims.google.urls")),
    # For programs, in one language: feeds, sitemap, images, citations.
    path("", include("claims.urls.machines")),
    # The readers' pages: last, because their addresses are the least specific. English has the addresses of
    # the public contract, each other language the same ones behind its code.
    *i18n_patterns(path("", include("claims.urls.pages")), prefix_default_language=False),
]

handler400 = "claims.views.errors.bad_request"
handler403 = "claims.views.errors.permission_denied"
handler404 = "claims.views.errors.not_found"
