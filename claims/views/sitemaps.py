"""For search engines: which pages there are, and when each last changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from sources.models import Source, Speaker

from ..models import Claim, Topic
from ..querysets import public_transcripts

PLAIN_PAGES = "home claims speakers sources topics corrections methodology about limits".split()


@dataclass(frozen=True)
class Entry:
    location: str
    changed: dt.datetime | None = None


class PublicPages(Sitemap):
    """Every public page, under SITE_URL whatever host the request names."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def items(self) -> list[Entry]:
        entries = [Entry(reverse(name)) for name in PLAIN_PAGES]
        for claim in Claim.objects.published().only("slug", "updated_at"):
            entries.append(Entry(claim.get_absolute_url(), claim.updated_at))
        for speaker in Speaker.objects.published().only("slug", "published_at"):
            entries.append(Entry(speaker.get_absolute_url(), speaker.published_at))
        sources = Source.objects.published().annotate(
            has_text=Q(pk__in=public_transcripts().values("pk"))
        )
        for source in sources.only("slug", "updated_at").order_by("id"):
            entries.append(Entry(source.get_absolute_url(), source.updated_at))
            if source.has_text:
                entries.append(Entry(source.get_transcript_url(), source.updated_at))
        entries += [Entry(topic.get_absolute_url()) for topic in Topic.objects.published()]
        return entries

    def location(self, item: Entry) -> str:
        return item.location

    def lastmod(self, item: Entry) -> dt.datetime | None:
        return item.changed


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
