"""Ways to ask for what is attached to a claim."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import F
from django.db.models.functions import Greatest, Least, Substr

from sources.querysets import Chain, Origin, PublishableQuerySet

from .address import addresses_of
from .later import later_reading

# As it was said: the databases differ over where what has no date comes.
IN_TIME = (F("passage__snapshot__source__date").asc(nulls_last=True), "passage__start", "id")
# As other publishers reviewed it.
AS_REVIEWED = (F("reviewed_on").asc(nulls_last=True), "id")

# How much of the text around a passage readers are shown, in code points on each side: a sentence or two.
AROUND = 160


class AnnotationQuerySet(PublishableQuerySet):
    SOURCE = "passage__snapshot__source"  # of what a row quotes

    def published(self) -> Self:
        """Only what the public may see: the annotation and the claim that it belongs to."""
        return (
            super()
            .published()
            .filter(claim__published_at__isnull=False, claim__duplicate_of__isnull=True)
        )

    def with_record(self) -> Self:
        """With what each row rests on (`rests_on`), in one query for chains of up to three sources;
        without the text that a passage was taken from."""
        rows = self.select_related(*self.model.RECORD)
        if any(path.startswith("passage") for path in self.model.RECORD):
            rows = rows.defer("passage__snapshot__text")
        return rows

    def with_addresses(self, *, drafts: bool = False) -> Self:
        """With `addresses`: what there is to tell of where the source and its origin were published
        (`drafts=True`: as the desk knows the origin)."""
        return self.annotate(addresses=addresses_of(self.SOURCE, drafts=drafts))

    def asserting(self) -> Self:
        """Appearances in which the claimant makes the claim, rather than denies it."""
        return self.exclude(manner="denied")

    def with_passage(self, *, drafts: bool = False) -> Self:
        """With the passage, its turn and its source, and `original_url`: where the source's origin is
        read, and `rendition_chain`: how its text came from that (`drafts=True`: as the desk knows it), and
        `text_before` and `text_after`: the text around it; and `later`: how the words read in a later
        edition, if otherwise. Without the whole text that the passage was taken from."""
        return (
            self.select_related("passage__snapshot__source", "passage__turn__speaker")
            .defer("passage__snapshot__text")
            .annotate(
                original_url=Origin("passage__snapshot__source", field="url", drafts=drafts),
                rendition_chain=Chain("passage__snapshot__source", drafts=drafts),
                later=later_reading(),
                **words_around(),
            )
        )


class EvidenceQuerySet(AnnotationQuerySet):
    SOURCE = "source"

    def with_origin(self, *, drafts: bool = False) -> Self:
        """With the source, the passage if any, and of the origin (`drafts=True`: as the desk knows it)
        `origin_id`, `origin_slug`, `origin_title` and `original_url`, and `rendition_chain`; primary sources
        first, then by date; `text_before` and `text_after` as `with_passage` has them."""
        return (
            self.select_related("source", "passage__snapshot__source", "passage__turn__speaker")
            .defer("passage__snapshot__text")
            .annotate(
                origin_id=Origin("source", drafts=drafts),
                origin_slug=Origin("source", field="slug", drafts=drafts),
                origin_title=Origin("source", field="title", drafts=drafts),
                original_url=Origin("source", field="url", drafts=drafts),
                rendition_chain=Chain("source", drafts=drafts),
                later=later_reading(),
                **words_around(),
            )
            .order_by("source__primacy", F("source__date").asc(nulls_last=True), "id")
        )


def words_around() -> dict[str, Any]:
    """Annotations of rows with a passage: up to `AROUND` code points of the text on each side of it."""
    start = F("passage__start")
    return {
        "text_before": Substr(
            "passage__snapshot__text", Greatest(start - AROUND + 1, 1), Least(start, AROUND)
        ),
        "text_after": Substr("passage__snapshot__text", F("passage__end") + 1, AROUND),
    }
