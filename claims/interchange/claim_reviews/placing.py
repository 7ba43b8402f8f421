"""Which claim a review from elsewhere belongs to: the one that says the same, word for word, or none.

What is only near is suggested. Nearness decides nothing: a denial is as near as what it denies.
"""

from __future__ import annotations

import hashlib
import sqlite3
from array import array
from collections.abc import Iterable
from heapq import nlargest
from typing import Any

from django.db.models import F, Q

from ...models import Appearance, Claim, Evidence, ExternalReview
from ...models.external_review import plain
from ...search.full_text.asking import idf
from ...search.matching import Asked, compare
from ...words import COMMON, WORD, bare, stem_of
from .reading import Incoming

# How many claims are compared with a review, of those that share the weightiest words; how many are named,
# and from which probability on.
COMPARED, NAMED, PROBABLE = 10, 3, 0.5


def digest_of(text: str) -> bytes:
    """Return what tells one text of a claim from another, as `plain` compares them."""
    return hashlib.sha256(plain(text).encode()).digest()[:16]


class Places:
    """Every text under which a claim is known, its own words and those of its external reviews; and which
    reviews the file has had. On disk, in a file that nobody else sees: it grows with the data."""

    def __init__(self) -> None:
        self._scratch = sqlite3.connect("", isolation_level=None)
        self._scratch.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA cache_size = -8000; BEGIN;"
            "CREATE TABLE claim (digest BLOB PRIMARY KEY, pk INTEGER) WITHOUT ROWID;"
            "CREATE TABLE had (key BLOB PRIMARY KEY, place TEXT) WITHOUT ROWID;"
        )
        # Where several claims say the same, the public one, and then the first, is meant.
        claims = Claim.objects.order_by(F("published_at").asc(nulls_last=True), "pk")
        self._add_all(claims.values_list("pk", "text", "duplicate_of"))
        reviews = ExternalReview.objects.order_by("pk")
        self._add_all(reviews.values_list("claim", "claim_reviewed", "claim__duplicate_of"))

    def close(self) -> None:
        self._scratch.close()

    def _add_all(self, rows: Any) -> None:
        for pk, text, leads_to in rows.iterator(chunk_size=2000):
            self.add(digest_of(text), leads_to or pk)

    def add(self, digest: bytes, pk: int) -> None:
        self._scratch.execute("INSERT OR IGNORE INTO claim VALUES (?, ?)", (digest, pk))

    def claim_of(self, digest: bytes) -> int | None:
        """The key of the claim that is known under a text."""
        found = self._scratch.execute("SELECT pk FROM claim WHERE digest = ?", (digest,)).fetchone()
        return found and found[0]  # type: ignore[no-any-return]

    def first_had(self, key: str, place: str) -> str:
        """Where the file had the review `key` first, which stands at `place`; empty if this is the first."""
        made = self._scratch.execute(
            "INSERT OR IGNORE INTO had VALUES (?, ?)", (bytes.fromhex(key), place)
        )
        if made.rowcount:
            return ""
        (found,) = self._scratch.execute(
            "SELECT place FROM had WHERE key = ?", (bytes.fromhex(key),)
        ).fetchone()
        return str(found)


class _Words:
    """Which claims have which words. In memory, at some 400 bytes a claim: the index of full text has all
    that was imported, too, and takes several times as long for each of many thousands of reviews."""

    def __init__(self, claims: Iterable[tuple[int, str]]) -> None:
        self._n = 0
        self._places: dict[str, array[int]] = {}
        for pk, text in claims:
            self._n += 1
            for stem in _stems(text):
                self._places.setdefault(stem, array("q")).append(pk)

    def sharing(self, text: str) -> list[int]:
        """Return the keys of the `COMPARED` claims that share the words of `text` that tell most."""
        shared: dict[int, float] = {}
        for stem in _stems(text):
            places = self._places.get(stem, ())
            # A word that so many claims have finds none of them by itself.
            if len(places) <= max(200, self._n // 50):
                tells = idf(self._n, len(places))
                for pk in places:
                    shared[pk] = shared.get(pk, 0.0) + tells
        return nlargest(COMPARED, shared, key=lambda pk: (shared[pk], -pk))


def _stems(text: str) -> set[str]:
    return {stem_of(word) for m in WORD.finditer(text) if (word := bare(m[0])) not in COMMON}


class Suggestions:
    """What the desk had before, and may be the same: near in words, or in the same place on the web. What
    they mean is not asked: to encode a review takes longer than all else that an import does with it."""

    def __init__(self) -> None:
        """Look at the claims that the desk works on: not at drafts that are nothing but imported."""
        claims = Claim.objects.filter(duplicate_of=None).filter(
            Q(published_at__isnull=False) | Q(external_reviews=None)
        )
        self._words = _Words(claims.values_list("pk", "text").order_by().iterator())
        last = ExternalReview.objects.order_by("-pk").values_list("pk", flat=True).first()
        self._reviews = ExternalReview.objects.filter(pk__lte=last or 0)

    def for_all(self, reviews: Iterable[Incoming]) -> dict[str, dict[int, str]]:
        """Return for each of `reviews`, by its key, the claims that may be the same, by theirs, with the
        reason. Four queries for all of them, and those of `rarity`."""
        reviews = list(reviews)
        asked = [
            Asked(each.claim_reviewed, keys=self._words.sharing(each.claim_reviewed))
            for each in reviews
        ]
        offers, _ = compare(asked, drafts=True)
        found: dict[str, dict[int, str]] = {
            each.key: {
                offer.key: str(offer.reasons)
                for offer in some[:NAMED]
                if offer.probability >= PROBABLE
            }
            for each, some in zip(reviews, offers, strict=True)
        }
        pages: dict[str, list[str]] = {}
        for each in reviews:
            pages.setdefault(each.url, []).append(each.key)
        posts: dict[str, list[str]] = {}
        for each in reviews:
            for url in each.appearance_urls:
                posts.setdefault(url, []).append(each.key)
        for rows, by, why in (
            (
                self._reviews.filter(url__in=pages).values_list("url", "claim"),
                pages,
                "another review on the same page",
            ),
            (
                Evidence.objects.filter(source__url__in=pages).values_list("source__url", "claim"),
                pages,
                "the review is among its evidence",
            ),
            (
                Appearance.objects.filter(passage__snapshot__source__url__in=posts).values_list(
                    "passage__snapshot__source__url", "claim"
                ),
                posts,
                "made in the same text",
            ),
        ):
            for url, claim in rows if by else ():
                for key in by[url]:
                    found[key].setdefault(claim, why)
        return {key: dict(list(claims.items())[:5]) for key, claims in found.items()}
