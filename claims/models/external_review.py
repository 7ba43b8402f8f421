from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from sources.fields import LineField, ProseField
from sources.models import Speaker
from sources.models.source import LANGUAGE_TAG

from .annotation import Annotation

_QUOTES = re.compile(r"[\"'“”„‟‘’‚‛«»‹›「」『』`´]")


def plain(text: str) -> str:
    """Return `text` as two prints of one sentence agree in it: without difference of case, compatibility
    forms, white space, quotation marks, and the full stop at its end."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_QUOTES.sub(" ", text).split()).rstrip(". ")


def plain_address(url: str) -> str:
    """Return `url` as two prints of one address agree in it: without scheme, `www.`, fragment and the
    slash at its end."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # what is no address at all equals only itself
        return url.strip()
    query = f"?{parts.query}" if parts.query else ""
    return parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/") + query


class ExternalReview(Annotation):
    """What another publisher found of a Claim: shown as theirs, and never a Verdict of the desk."""

    claim = models.ForeignKey(
        "claims.Claim", on_delete=models.PROTECT, related_name="external_reviews"
    )
    publisher_name = LineField(max_length=300, help_text="Who reviewed it: AFP Factual.")
    publisher_site = LineField(
        "publisher's site", max_length=253, help_text="Its host name: factual.afp.com."
    )
    url = models.URLField(
        "address",
        max_length=2000,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where the review can be read. One page may review several claims.",
    )
    title = LineField(max_length=500, blank=True, help_text="The headline of the review.")
    claim_reviewed = ProseField(
        help_text="The claim in the publisher's words, which the desk's may differ from."
    )
    rating_text = LineField(
        "rating",
        max_length=300,
        blank=True,
        help_text="As printed: Mostly false. Never translated.",
    )
    # Printed values are kept as text: what 3 of 5 means is for their publisher to say.
    rating_value = LineField(max_length=50, blank=True, help_text="As printed, never interpreted.")
    rating_best = LineField("best value", max_length=50, blank=True)
    rating_worst = LineField("worst value", max_length=50, blank=True)
    reviewed_on = models.DateField(null=True, blank=True, help_text="When the review appeared.")
    language = models.CharField(
        max_length=35,
        blank=True,
        validators=[RegexValidator(LANGUAGE_TAG, "Give a BCP 47 language tag: en, ru, pt-BR.")],
        help_text="BCP 47 tag of the review; empty where it is not known.",
    )
    claimant_name = LineField(
        max_length=300, blank=True, help_text="Who made the claim, as the publisher prints it."
    )
    # A name may be that of somebody else, so publishing the review does not publish the speaker.
    claimant = models.ForeignKey(
        Speaker,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The speaker of that name, if the desk knows one. Shown once the speaker is public.",
    )
    claimed_on = models.DateField(
        null=True, blank=True, help_text="When the claim was made, as the publisher says."
    )
    appearance_urls = models.JSONField(
        "where the claim was made",
        default=list,
        blank=True,
        help_text="Addresses as the publisher gives them, as a list. Not shown to readers.",
    )
    # An index holds no text of any length, and a unique constraint is one.
    key = models.CharField(max_length=64, editable=False, db_index=True)

    history = HistoricalRecords()

    class Meta(Annotation.Meta):
        ordering = ["claim", "id"]
        verbose_name = "external review"
        constraints = [
            *Annotation.Meta.constraints,
            models.CheckConstraint(
                name="claims_externalreview_whole",
                condition=~Q(publisher_name="") & ~Q(publisher_site="") & ~Q(claim_reviewed=""),
            ),
            models.CheckConstraint(
                name="claims_externalreview_web_address",
                condition=Q(url__regex=r"^https?://"),
                violation_error_message="A review is read on the web: its address begins with https://.",
            ),
            models.CheckConstraint(
                name="claims_externalreview_language_tag",
                condition=Q(language="") | Q(language__regex=LANGUAGE_TAG),
            ),
            models.UniqueConstraint(
                name="claims_externalreview_once",
                fields=["claim", "key"],
                violation_error_message="This claim has that review already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publisher_name}: {self.rating}" if self.rating else self.publisher_name

    @property
    def rating(self) -> str:
        """The rating as printed: in words, or else the bare value."""
        return self.rating_text or self.rating_value

    @property
    def public_claimant(self) -> Speaker | None:
        """The speaker whom the claimant's name leads to, unless it is a draft."""
        return self.claimant if self.claimant and self.claimant.is_published else None

    @staticmethod
    def key_of(url: str, claim_reviewed: str, claimant_name: str) -> str:
        """Return what tells one review from another, as 64 hexadecimal digits: where it is read, which
        claim it reviews, and who is said to have made it. One page may review several claims, and the
        same words of several people; white space, case and quotation marks make no other review."""
        said = "\n".join((plain_address(url), plain(claim_reviewed), plain(claimant_name)))
        return hashlib.sha256(said.encode()).hexdigest()

    def clean(self) -> None:
        super().clean()
        if self.url.partition("://")[2].partition("/")[0].count("@"):
            raise ValidationError(
                {
                    "url": "A user name or password would be published: leave out what is before the @."
                }
            )
        self.key = self.key_of(self.url, self.claim_reviewed, self.claimant_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key_of(self.url, self.claim_reviewed, self.claimant_name)
        super().save(*args, **kwargs)
