"""Atom feeds. Their addresses start with SITE_URL, never with the host that a request names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from sources.models import Speaker

from ..models import Claim, Topic, Verdict
from .errors import topic_that_was

ENTRIES = 50


class StillAtom(Atom1Feed):
    """Atom in which an empty feed does not say that it changed whenever it is asked."""

    def latest_post_date(self) -> dt.datetime:
        if not self.items:
            return dt.datetime.fromtimestamp(0, dt.UTC)
        return super().latest_post_date()


class VerdictFeed(Feed):
    """Verdicts as they are published, new versions included."""

    feed_type = StillAtom
    name = "verdict_feed"
    page = "claims"

    # Whether the date of the newest entry tells that something changed: not where an older verdict may come
    # or go with the claim that it is on. Then the ETag alone does.
    is_dated = True

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        if not self.is_dated:
            del response["Last-Modified"]
        return response

    def title(self, about: Any) -> str:
        return f"{settings.PUBLISHER_NAME}: verdicts"

    def subtitle(self, about: Any) -> str:
        return "Verdicts as they are published, new versions included."

    def link(self, about: Any) -> str:
        return address(self.page, about)

    def feed_url(self, about: Any) -> str:
        return address(self.name, about)

    def author_name(self) -> str:
        return settings.PUBLISHER_NAME

    def items(self, about: Any) -> Any:
        return newest(Verdict.objects.all())

    def item_title(self, item: Verdict) -> str:
        finding = f"{item.rating}: {item.claim_text}"
        # A reader that shows an entry anew because it ended must not take it for a finding.
        return f"{item.get_ending_display().capitalize()}: {finding}" if item.ended_at else finding

    def item_description(self, item: Verdict) -> str:
        return "\n\n".join(part for part in (item.headline, ended(item)) if part)

    def item_link(self, item: Verdict) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_pubdate(self, item: Verdict) -> dt.datetime | None:
        return item.published_at

    def item_updateddate(self, item: Verdict) -> dt.datetime | None:
        return item.ended_at or item.published_at


class TopicFeed(VerdictFeed):
    """Verdicts on the claims that a topic has."""

    name = "topic_feed"
    page = "topic"
    is_dated = False

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().__call__(request, *args, **kwargs)
        except Http404:
            return topic_that_was(request, kwargs["slug"], self.name)

    def get_object(self, request: HttpRequest, slug: str) -> Topic:
        return get_object_or_404(Topic.objects.published(), slug=slug)

    def title(self, about: Any) -> str:
        return f"{settings.PUBLISHER_NAME}: verdicts on the topic {about.name}"

    def subtitle(self, about: Any) -> str:
        return str(about.description) or f"Verdicts on claims on the topic {about.name}."

    def items(self, about: Any) -> Any:
        return newest(Verdict.objects.filter(claim__topics=about))


class SpeakerFeed(VerdictFeed):
    """Verdicts on what a speaker claimed."""

    name = "speaker_feed"
    page = "speaker"
    is_dated = False

    def get_object(self, request: HttpRequest, slug: str) -> Speaker:
        return get_object_or_404(Speaker.objects.published(), slug=slug)

    def title(self, about: Any) -> str:
        return f"{settings.PUBLISHER_NAME}: verdicts on claims made by {about.name}"

    def subtitle(self, about: Any) -> str:
        return f"Verdicts on what {about.name} claimed, as far as it is recorded here."

    def items(self, about: Any) -> Any:
        return newest(Verdict.objects.filter(claim__in=Claim.objects.claimed_by(about.slug)))


class CorrectionFeed(VerdictFeed):
    """Verdicts that were changed or withdrawn."""

    name = "correction_feed"
    page = "corrections"

    def title(self, about: Any) -> str:
        return f"{settings.PUBLISHER_NAME}: corrections"

    def subtitle(self, about: Any) -> str:
        return "Verdicts that were changed or withdrawn, with the reason."

    def items(self, about: Any) -> Any:
        return (
            Verdict.objects.corrections().newest_first().select_related("claim", "rating")[:ENTRIES]
        )

    def item_description(self, item: Verdict) -> str:
        changed = f"{item.get_reason_display()}: {item.note}" if item.is_correction else ""
        return "\n\n".join(part for part in (item.headline, changed, ended(item)) if part)


def address(name: str, about: Any) -> str:
    """The address of the page or feed `name`, of one thing if it is `about` one."""
    return settings.SITE_URL + reverse(name, args=[about.slug] if about else [])


def newest(verdicts: Any) -> Any:
    """The entries of a feed: of `verdicts`, those that the public sees."""
    rows = verdicts.published().order_by("-published_at", "-id")
    return rows.select_related("claim", "rating")[:ENTRIES]


def ended(verdict: Verdict) -> str:
    """How the version ended, and why; nothing for the one in force."""
    if verdict.ended_at is None:
        return ""
    return f"{verdict.get_ending_display().capitalize()}: {verdict.ending_reason}".rstrip(": ")
