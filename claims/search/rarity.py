"""How much a word tells: the fewer claims have it, the more.

Told from the claims themselves: from all where there are few, else from a sample. It is kept in the process,
and counted anew when a claim has changed; among many claims not more often than every `KEPT` seconds, since
one more hardly moves it.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from claims.models import Claim, Verdict
from claims.querysets.vector import Among
from claims.words import WORD, bare

from .full_text.asking import idf
from .stems import stem

# Above how many claims a sample tells, from about how many of them, and from how many keys at most.
SAMPLE, DRAWN, MOST_DRAWN = 4_000, 6_000, 60_000
# A word is not usual because one of three claims has it: as many claims without it are taken to be there.
YOUNG = 1_000
KEPT = 600.0  # seconds


class _Told(NamedTuple):
    newest: Any  # what changed last when it was counted
    at: float  # when that was (time.monotonic)
    total: int
    rarity: Callable[[str], float]


_kept: dict[tuple[str, bool], _Told] = {}


def rarity(*, drafts: bool = False) -> Callable[[str], float]:
    """Return what says how much a stem (`analysis.Word.stem`) tells: log((N - n + ½) / (n + ½) + 1), where n
    of N claims, and of `YOUNG` that are made up, have it in their text or in the headline of their verdict in
    force (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", with the 1 that keeps it
    above 0).

    Counts public claims, or with `drafts` also those that only the desk sees; never a sign of what a reader
    may not see. One query, and three more where it must be counted.
    """
    claims = Claim.objects.at_work() if drafts else Claim.objects.published()
    # Of all claims, for one that was withdrawn is no longer among those that count.
    newest = Claim.objects.order_by("-updated_at", "-pk").values_list("pk", "updated_at").first()
    name = (str(connection.settings_dict["NAME"]), drafts)
    known = _kept.get(name)
    if known is not None and (
        known.newest == newest or (known.total > SAMPLE and time.monotonic() < known.at + KEPT)
    ):
        return known.rarity
    total, counted = _count(claims)
    _kept[name] = _Told(newest, time.monotonic(), total, counted)
    return counted


def headline() -> Any:
    """SQL expression of a query for claims: the headline of the verdict in force, or nothing."""
    in_force = Verdict.objects.in_force().filter(claim=OuterRef("pk")).order_by()
    return Coalesce(Subquery(in_force.values("headline")[:1]), Value(""))


def _count(claims: Any) -> tuple[int, Callable[[str], float]]:
    reach = claims.order_by().aggregate(n=Count("pk"), first=Min("pk"), last=Max("pk"))
    total = reach["n"]
    if total > SAMPLE:
        keys = range(reach["first"], reach["last"] + 1)
        number = min(len(keys), DRAWN * len(keys) // total, MOST_DRAWN)
        drawn = random.Random(0).sample(keys, number)  # noqa: S311
        claims = claims.filter(pk__in=Among(drawn))
    rows = claims.order_by().values_list("text", "language", headline())
    counts: Counter[str] = Counter()
    read = 0
    for text, language, title in rows:
        read += 1
        counts.update({stem(bare(m[0]), language) for m in WORD.finditer(f"{text} {title}")})
    scale = total / read if read else 1.0
    # A word that a sample lacks may still be had by a claim or two.
    unseen = 0.0 if read == total else scale / 2
    most = {word: idf(total + YOUNG, n * scale) for word, n in counts.items()}
    rarest = idf(total + YOUNG, unseen)
    return total, lambda word: most.get(word, rarest)
