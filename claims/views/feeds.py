"""Atom feeds. Their addresses start with SITE_URL, never with the host that a request names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from ..models import Verdict

ENTRIES = 50


class VerdictFeed(Feed):
    """Verdicts as they are published, new versions included."""

    feed_type = Atom1Feed
    name = "verdict_feed"
    page = "claims"

    def title(self) -> str:
        return f"{settings.PUBLISHER_NAME}: verdicts"

    def subtitle(self) -> str:
        return "Verdicts as they are published, new versions included."

    def link(self) -> str:
        return settings.SITE_URL + reverse(self.page)

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse(self.name)

    def author_name(self) -> str:
        return settings.PUBLISHER_NAME

    def items(self) -> QuerySet[Verdict]:
        verdicts = Verdict.objects.published().order_by("-published_at", "-id")
        return verdicts.select_related("claim", "rating")[:ENTRIES]

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


class CorrectionFeed(VerdictFeed):
    """Verdicts that were changed or withdrawn."""

    name = "correction_feed"
    page = "corrections"

    def title(self) -> str:
        return f"{settings.PUBLISHER_NAME}: corrections"

    def subtitle(self) -> str:
        return "Verdicts that were changed or withdrawn, with the reason."

    def items(self) -> Any:
        return (
            Verdict.objects.corrections().newest_first().select_related("claim", "rating")[:ENTRIES]
        )

    def item_description(self, item: Verdict) -> str:
        changed = f"{item.get_reason_display()}: {item.note}" if item.is_correction else ""
        return "\n\n".join(part for part in (item.headline, changed, ended(item)) if part)


def ended(verdict: Verdict) -> str:
    """How the version ended, and why; nothing for the one in force."""
    if verdict.ended_at is None:
        return ""
    return f"{verdict.get_ending_display().capitalize()}: {verdict.ending_reason}".rstrip(": ")
