"""The change feed: each change for the public, in the order of the commits.

Whoever changes what readers see notes it in the same transaction (`Change.objects.note`). A number that is
given then would be seen in another order than it was given in: one transaction takes 7, the next takes 8 and
commits first, and who has read as far as 8 never sees 7. So positions are given after the commit, to all that
has been committed, by one at a time: by whoever reads the feed next.

What a change of one row changes in the answers for others is added here: a speaker's name stands in claims
and transcripts too. So the feed names everything that a mirror has to fetch anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from heapq import merge
from itertools import islice
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q
from django.urls import reverse

from sources.models import Change, Source, Speaker
from sources.models.change import Kind
from sources.querysets import Family

from . import webhooks
from .models import (
    Appearance,
    Claim,
    Evidence,
    ExternalReview,
    Rating,
    Rebuttal,
    Topic,
    Verdict,
)
from .querysets import public_transcripts

LOCK = 0x636C61696D73  # ours among PostgreSQL's advisory locks
BATCH = 1_000  # rows
SHORT = 200  # milliseconds

Row = tuple[str, str]  # resource and key

SINGULAR = {
    "claims": "claim",
    "ratings": "rating",
    "sources": "source",
    "speakers": "speaker",
    "topics": "topic",
    "transcripts": "transcript",
}


def number_changes(*, wait: bool = True) -> int:
    """Give what has been committed and has no position yet the next ones, together with what it changes
    besides, and return how many were given.

    One at a time: who comes while another numbers waits for it, and numbers the rest; with `wait=False` it
    leaves that to the next one. The first time, the feed begins with everything that is public. Raises
    OperationalError where SQLite's one place to write is taken for too long.
    """
    if not Change.objects.unnumbered().exists() and Change.objects.numbered().exists():
        return 0
    with patience(wait), transaction.atomic():
        if connection.vendor == "postgresql":  # on SQLite nobody else writes during a transaction
            taking = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {taking}(%s)", [LOCK])
                if cursor.fetchone()[0] is False:
                    return 0
        noted = list(Change.objects.unnumbered())
        last = Change.objects.aggregate(last=Max("position"))["last"] or 0
        for start in range(0, len(noted), BATCH):
            done = [change.pk for change in noted[start : start + BATCH]]
            Change.objects.filter(pk__in=done).delete()
        given = 0
        changes = iter(to_tell(noted) if last else everything())
        while batch := list(islice(changes, BATCH)):
            for change in batch:
                given += 1
                change.pk, change.position = None, last + given
            Change.objects.bulk_create(batch)
            webhooks.enqueue(batch)
    return given


@contextmanager
def patience(wait: bool) -> Iterator[None]:
    """Wait no longer for SQLite's one place to write than a reader of the feed would."""
    if wait or connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    seconds = connection.settings_dict["OPTIONS"].get("timeout", 5)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {SHORT}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


# --- What is told ---


def everything() -> Iterator[Change]:
    """All that is public, as if it were told from the beginning: in the order of its times."""

    def published(resource: str, slugs: Any) -> Iterator[Change]:
        for slug in slugs.order_by("pk").values_list("slug", flat=True).iterator():
            yield Change(resource=resource, key=slug, kind=Kind.PUBLISHED)

    yield from published("ratings", Rating.objects.all())
    yield from published("topics", Topic.objects.published())
    yield from published("speakers", Speaker.objects.published())
    yield from published("sources", Source.objects.published())
    yield from published("transcripts", public_transcripts())
    claims = Claim.objects.published().order_by("published_at", "pk")
    versions = Verdict.objects.published().order_by("published_at", "pk")
    ended = Verdict.objects.published().filter(ended_at__isnull=False).order_by("ended_at", "pk")
    yield from merge(
        (
            Change(resource="claims", key=slug, kind=Kind.PUBLISHED, at=at)
            for slug, at in claims.values_list("slug", "published_at").iterator()
        ),
        (
            verdict_change(slug, Kind(ending), version, at)
            for slug, ending, version, at in ended.values_list(
                "claim__slug", "ending", "version", "ended_at"
            ).iterator()
        ),
        (
            verdict_change(slug, Kind.CORRECTED if version > 1 else Kind.PUBLISHED, version, at)
            for slug, version, at in versions.values_list(
                "claim__slug", "version", "published_at"
            ).iterator()
        ),
        key=lambda change: change.at,
    )


def verdict_change(slug: str, kind: str, version: int, at: Any) -> Change:
    return Change(resource="claims", key=slug, kind=kind, version=version, at=at)


def to_tell(noted: Iterable[Change]) -> list[Change]:
    """What the feed tells of what was `noted`: each change once, and what it changes besides."""
    noted = list(noted)
    told: dict[Any, Change] = {}
    # A claim of which more is told than that it was updated.
    more = {row.key for row in noted if row.resource == "claims" and row.kind != Kind.UPDATED}
    for change in noted:
        if change.resource in ("topics", "transcripts", "ratings"):
            continue  # whether the public sees them depends on others: below
        if change.resource == "claims" and change.kind == Kind.UPDATED and change.key in more:
            continue
        # The last of those that say the same: what a claim has become is told after what it was.
        same = (change.resource, change.key, change.kind, change.version)
        told.pop(same, None)
        told[same] = change

    def keys(resource: str) -> set[str]:
        return {change.key for change in noted if change.resource == resource}

    def update(resource: str, slugs: Iterable[str]) -> None:
        known = {change.key for change in told.values() if change.resource == resource}
        for slug in sorted(set(slugs) - known):
            told[resource, slug] = Change(resource=resource, key=slug, kind=Kind.UPDATED)

    changed = list(Claim.objects.filter(slug__in=keys("claims")).values_list("pk", flat=True))
    grave = list(Claim.objects.filter(slug__in=more).values_list("pk", flat=True))
    speakers, sources = keys("speakers"), related(keys("sources"))
    update(
        "sources", Source.objects.published().filter(pk__in=sources).values_list("slug", flat=True)
    )
    # Whether an edition is public, and so what it has other words for, depends on who quotes it.
    later = Source.objects.filter(
        slug__in=keys("transcripts"), snapshots__relocations__isnull=False
    ).distinct()
    update(
        "claims",
        beside(changed)
        | showing(speakers, sources)
        | showing([], set(later.values_list("pk", flat=True))),
    )
    texts = public_transcripts().filter(
        Q(pk__in=sources) | Q(snapshots__turns__speaker__slug__in=speakers)
    )
    verdicts = Verdict.objects.filter(claim__in=grave, published_at__isnull=False)
    derived = [
        *resolve(
            "transcripts",
            public_transcripts(),
            keys("transcripts") | {*slugs(texts)} | quoted(grave),
        ),
        *resolve("topics", Topic.objects.published(), keys("topics"), borne(changed)),
        *resolve(
            "ratings",
            Rating.objects.all(),
            keys("ratings") | {*verdicts.values_list("rating__slug", flat=True)},
        ),
    ]
    return [*told.values(), *derived]


def slugs(rows: Any) -> Any:
    return rows.values_list("slug", flat=True)


def resolve(
    resource: str, public: Any, touched: Collection[str], maybe: Collection[str] = ()
) -> Iterator[Change]:
    """Of rows that readers see as long as something else is public: those `touched`, and those of `maybe`
    that have come or gone since the feed told of them last."""
    wanted = {*touched, *maybe}
    visible = set(slugs(public.filter(slug__in=wanted)))
    past = Change.objects.numbered().filter(resource=resource, key__in=wanted).order_by()
    newest = past.values("key").annotate(newest=Max("position")).values("newest")
    there = past.filter(position__in=newest).exclude(kind=Kind.REMOVED)
    known = set(there.values_list("key", flat=True))
    for slug in sorted(visible & known & set(touched)):
        yield Change(resource=resource, key=slug, kind=Kind.UPDATED)
    for slug in sorted(visible - known):
        yield Change(resource=resource, key=slug, kind=Kind.PUBLISHED)
    for slug in sorted(known - visible):
        yield Change(resource=resource, key=slug, kind=Kind.REMOVED)


# --- What shows what. The history says what did so before the change. ---


def beside(claims: list[int]) -> set[str]:
    """The slugs of public claims that show one of `claims`: its whole, its parts, what it answers and what
    answers it."""
    wholes = Claim.history.filter(id__in=claims).values("part_of")
    made = Rebuttal.history.filter(counterclaim__in=claims).values("claim")
    answers = Rebuttal.history.filter(claim__in=claims).values("counterclaim")
    return set(
        slugs(
            Claim.objects.published().filter(
                Q(part_of__in=claims) | Q(pk__in=wholes) | Q(pk__in=made) | Q(pk__in=answers)
            )
        )
    )


def related(sources: Collection[str]) -> set[int]:
    """The ids of `sources` (slugs) and of all that come from the same origins, which they show."""
    rows = Source.objects.filter(slug__in=sources).values_list("pk", flat=True)
    return {
        pk
        for source in rows
        for pk in Source.objects.filter(pk__in=Family(source)).values_list("pk", flat=True)
    }


def showing(speakers: Collection[str], sources: Collection[int]) -> set[str]:
    """The slugs of public claims that show one of these speakers (slugs) or sources (ids)."""
    if not speakers and not sources:
        return set()
    quoting = Q(passage__snapshot__source__in=sources)
    made = Appearance.objects.published().filter(
        quoting | Q(claimant__slug__in=speakers) | Q(reported_by__slug__in=speakers)
    )
    answers = Rebuttal.objects.published().filter(
        quoting | Q(citations__source__in=sources) | Q(speaker__slug__in=speakers)
    )
    evidence = Evidence.objects.published().filter(quoting | Q(source__in=sources))
    found = ExternalReview.objects.published().filter(claimant__slug__in=speakers)
    return set(
        slugs(
            Claim.objects.published().filter(
                Q(pk__in=made.values("claim"))
                | Q(pk__in=answers.values("claim"))
                | Q(pk__in=answers.values("counterclaim"))
                | Q(pk__in=evidence.values("claim"))
                | Q(pk__in=found.values("claim"))
            )
        )
    )


def quoted(claims: list[int]) -> set[str]:
    """The slugs of the sources whose words are annotated for `claims`."""
    return {
        slug
        for model in (Appearance, Rebuttal, Evidence)
        for slug in model.objects.filter(claim__in=claims, passage__isnull=False).values_list(
            "passage__snapshot__source__slug", flat=True
        )
    }


def borne(claims: list[int]) -> set[str]:
    """The slugs of the topics that one of `claims` bears, or once bore."""
    past = apps.get_model("claims", "HistoricalClaim_topics").objects
    ever = past.filter(history__id__in=claims).values("topic")
    return set(slugs(Topic.objects.filter(Q(pk__in=ever) | Q(claims__in=claims))))


# --- How it is told ---


def event(change: Change) -> dict[str, Any]:
    """`change` as the feed and the webhooks have it. `api_url` is where the row is to be read anew: what is
    retired leads from there to another, and what is removed is not there."""
    row = "verdict" if change.version else SINGULAR[change.resource]
    path = reverse(f"api:{SINGULAR[change.resource]}-detail", args=[change.key])
    return {
        "cursor": cursor(change),
        "type": f"{row}.{change.kind}",
        "at": change.at,
        "resource": change.resource,
        "key": change.key,
        "version": change.version,
        "api_url": f"{settings.SITE_URL}{path}",
    }


def cursor(change: Change) -> str:
    """A place in the feed: the position, and enough of what stands there to tell this feed from another
    that a database made anew would begin."""
    what = repr((change.position, change.resource, change.key, change.kind, change.at.isoformat()))
    return f"{change.position}-{hashlib.sha256(what.encode()).hexdigest()[:12]}"


class AnotherFeed(Exception):
    """The cursor is of a feed that this one does not continue: start anew."""


def since(place: str) -> int:
    """The position of the cursor `place`. Raises ValueError for what is no cursor, and AnotherFeed."""
    number, _, _ = place.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise ValueError("No cursor.")
    there = Change.objects.filter(position=int(number)).first()
    if there is None or cursor(there) != place:
        raise AnotherFeed
    return int(number)
