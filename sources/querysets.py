"""Ways to ask for the record. Every public reader starts at `.published()`."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from simple_history.utils import bulk_create_with_history

from jobs.models import Job

from . import anchoring, reanchoring, store

if TYPE_CHECKING:
    from .models import Capture, Passage, Snapshot, Source


# What is told of a Passage in a later edition without anybody's decision.
CERTAIN = ("found", "moved")


class PublishableQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Only what the public may see."""
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        """Only what the desk alone may see."""
        return self.filter(published_at__isnull=True)


class SpeakerNameQuerySet(models.QuerySet[Any]):
    def resolve(self, labels: set[str]) -> dict[str, int]:
        """Map each printed label that exactly one Speaker bears to that Speaker's id.

        A label borne by nobody, or by several ("THE PRESIDENT"), is left out: who spoke is then for
        a person to say.
        """
        bearers: dict[str, set[int]] = {}
        for name, speaker_id in self.filter(name__in=labels).values_list("name", "speaker_id"):
            bearers.setdefault(name, set()).add(speaker_id)
        return {name: ids.pop() for name, ids in bearers.items() if len(ids) == 1}


class SnapshotQuerySet(models.QuerySet[Any]):
    def light(self) -> Self:
        """Without the text, which only an import and a transcript page read."""
        return self.defer("text")

    def keep(self, source: Source, data: bytes, *, text: str, **fields: Any) -> Snapshot:
        """Return the next edition of `source`, created: `data` in the archive, and the `text` taken from
        them; `fields` are media_type and retrieved_at.

        Locks the source, which makes editions count up one by one. Raises IntegrityError where the source
        has these bytes already.
        """
        rows = type(source)._default_manager.select_for_update()
        rows.get(pk=source.pk)
        latest = self.filter(source=source).aggregate(latest=Max("edition"))["latest"] or 0
        snapshot: Snapshot = self.create(
            source=source, edition=latest + 1, sha256=store.keep(data), text=text, **fields
        )
        return snapshot


class CaptureQuerySet(models.QuerySet[Any]):
    def kept(self) -> Self:
        """Those whose bytes are in the archive."""
        return self.exclude(sha256="")

    def of_its_bytes(self) -> Self:
        """Those that found the very bytes of their edition, the first of them first: its WARC file is that
        edition's, while others of the same text are copies of other bytes."""
        return self.filter(sha256=F("snapshot__sha256")).order_by("ended_at", "pk")

    def waiting(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def want(
        self, sources: models.QuerySet[Any], *, since: dt.datetime, tried: dt.datetime | None = None
    ) -> models.QuerySet[Any]:
        """Those of `sources` that have an address of which nothing was kept since then, and nothing waits;
        with `tried`, but for those that it was tried with since that time."""
        ours = self.filter(source=OuterRef("pk"))
        lately = Q(ended_at__gte=since) & ~Q(sha256="") | Q(ended_at__isnull=True)
        if tried is not None:
            lately |= Q(ended_at__gte=tried)
        return sources.exclude(url="").exclude(Exists(ours.filter(lately))).order_by("pk")

    @transaction.atomic
    def ask(self, source: Source, *, occasion: str, by: Any = None, url: str = "") -> Capture:
        """Have the address of `source` (or another, `url`) archived: return the Capture that waits for it,
        which is the one that waits already if there is one.

        `by` needs sources.archive_source for what somebody asks for at the desk (PermissionDenied). Raises
        ValidationError for a source without an address.
        """
        from .tasks import archive  # which imports the models

        if occasion == "desk" and not by.has_perm("sources.archive_source"):
            raise PermissionDenied("You may not have sources archived.")
        if not (url or source.url):
            raise ValidationError("It has no address that it could be fetched from.")
        self.filter(source=source).end_lost()
        capture: Capture
        capture, is_new = self.get_or_create(
            source=source,
            outcome="waiting",
            defaults={"url": url or source.url, "occasion": occasion, "asked_by": by},
        )
        if is_new:
            archive.enqueue(capture.pk)
        return capture

    def end_lost(self) -> int:
        """End those whose job has failed without ending them, as when it was the end of each worker that
        took it up. Returns how many."""
        from .tasks import archive

        at_work = Job.objects.unfinished(archive)
        lost = [row for row in self.waiting() if not at_work.filter(args_kwargs__args=[row.pk])]
        return sum(row.give_up("The work on it was broken off each time.") for row in lost)


class LinkQuerySet(models.QuerySet[Any]):
    def due(self, at: dt.datetime) -> Self:
        """Those to look at by the time `at`, the longest overdue first."""
        return self.filter(next_at__lte=at).order_by("next_at", "pk")

    def failing(self) -> Self:
        """Those that failed when last looked at, which may pass."""
        return self.filter(failures__gt=0).exclude(state="gone")

    @transaction.atomic
    def follow(self, sources: models.QuerySet[Any]) -> int:
        """Bring the rows of `sources` in line with the addresses that these have now: of each address a row,
        begun anew where the address is another. Returns how many have begun."""
        ours = self.filter(source__in=sources.order_by().values("pk"))
        ours.filter(source__url="").delete()
        others = ours.exclude(url=F("source__url")).select_related("source").select_for_update()
        for row in others:
            # The row stays that somebody may be looking at.
            self.model(pk=row.pk, source=row.source, url=row.source.url).save(force_update=True)
        new = sources.exclude(url="").filter(link__isnull=True).order_by("pk")
        rows = [self.model(source_id=pk, url=url) for pk, url in new.values_list("pk", "url")]
        # Somebody else may begin the same in this moment.
        return len(others) + len(self.bulk_create(rows, batch_size=500, ignore_conflicts=True))

    def ask(self) -> int:
        """Have each of these looked at by a job of its own, unless one waits to do that. Returns how many."""
        from .tasks import check_link  # which imports the models

        waiting = set(
            map(
                tuple,
                Job.objects.unfinished(check_link).values_list("args_kwargs__args", flat=True),
            )
        )
        jobs = [(row.pk, row.next_at.isoformat()) for row in self]
        return Job.objects.enqueue_many(check_link, [job for job in jobs if job not in waiting])


class RelocationQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Those of which somebody has to say what they are."""
        return self.filter(decided_at__isnull=True).exclude(finding__in=CERTAIN)

    def newest(self) -> Self:
        """Of each passage, that in the newest edition in which it was looked for."""
        later = self.model.objects.filter(
            passage=OuterRef("passage"), snapshot__edition__gt=OuterRef("snapshot__edition")
        )
        return self.exclude(Exists(later))

    @transaction.atomic
    def look_for(self, snapshot: Snapshot) -> int:
        """Look in this edition for each Passage of the earlier ones of its source, from the newest place on
        that it is known to have, and note what came of it. Returns how many are new: each is looked for
        once."""
        rows = type(snapshot.source)._default_manager.select_for_update()
        rows.get(pk=snapshot.source_id)
        passages = (
            apps.get_model("sources", "Passage")
            .objects.filter(
                snapshot__source=snapshot.source_id, snapshot__edition__lt=snapshot.edition
            )
            .exclude(pk__in=self.filter(snapshot=snapshot).values("passage"))
            .order_by("pk")
        )
        known = self._newest_places(snapshot)
        editions = type(snapshot)._default_manager.filter(
            source=snapshot.source_id, edition__lt=snapshot.edition
        )
        compared: dict[int, reanchoring.Reanchoring] = {}

        def place_of(edition: int, start: int, end: int) -> reanchoring.Place:
            if edition not in compared:
                compared[edition] = reanchoring.Reanchoring(
                    editions.get(pk=edition).text, snapshot.text
                )
            return compared[edition].find(start, end)

        found = []
        for passage in passages:
            here = (passage.snapshot_id, passage.start, passage.end)
            newest = known.get(passage.pk, here)
            place = place_of(*newest)
            if newest != here:
                place = reanchoring.as_cited(place, passage.exact, snapshot.text)
                if place.finding not in CERTAIN:
                    # It may read again as it once did.
                    before = place_of(*here)
                    place = before if before.finding in CERTAIN else place
            found.append(
                self.model(
                    passage=passage,
                    snapshot=snapshot,
                    finding=place.finding.value,
                    start=place.start,
                    end=place.end,
                    similarity=place.similarity,
                    places=len(place.places),
                )
            )
        bulk_create_with_history(
            found, self.model, batch_size=500, default_change_reason="Looked for"
        )
        return len(found)

    def _newest_places(self, snapshot: Snapshot) -> dict[int, tuple[int, int, int]]:
        """By the id of a Passage: the id of the newest edition before `snapshot` in which its place is
        certain or decided, with that place."""
        sure = Q(decided_at__isnull=True, finding__in=CERTAIN) | Q(counterpart__isnull=False)
        rows = (
            self.filter(
                sure, snapshot__source=snapshot.source_id, snapshot__edition__lt=snapshot.edition
            )
            .order_by("snapshot__edition")
            .values_list(
                "passage", "snapshot", "start", "end", "counterpart__start", "counterpart__end"
            )
        )
        return {
            passage: (edition, start, end) if first is None else (edition, first, last)
            for passage, edition, start, end, first, last in rows
        }


class PassageQuerySet(models.QuerySet[Any]):
    def mark(self, snapshot: Snapshot, *, start: int, end: int) -> Passage:
        """Return the Passage of `snapshot.text[start:end]` (code points), created if it is new.

        Raises `anchoring.AnchoringError` where the span is empty or outside the text.
        """
        quotation = anchoring.select(snapshot.text, start, end)
        turn = snapshot.turns.filter(start__lte=start, end__gte=end).first()
        passage, _ = self.get_or_create(
            snapshot=snapshot,
            start=start,
            end=end,
            defaults={
                "turn": turn,
                "exact": quotation.exact,
                "prefix": quotation.prefix,
                "suffix": quotation.suffix,
            },
        )
        return passage

    def mark_all(self, snapshot: Snapshot, spans: Iterable[tuple[int, int]]) -> dict[Any, Passage]:
        """Return the Passage of each (start, end) of `spans`, created where it is new, as by `mark`: but
        in a handful of queries, however many they are."""
        wanted = set(spans)
        marked = self.filter(snapshot=snapshot)
        turns = list(snapshot.turns.order_by("position"))
        new = []
        for start, end in sorted(wanted - set(marked.values_list("start", "end"))):
            quotation = anchoring.select(snapshot.text, start, end)
            turn = next((turn for turn in turns if turn.start <= start and end <= turn.end), None)
            new.append(
                self.model(
                    snapshot=snapshot,
                    turn=turn,
                    start=start,
                    end=end,
                    exact=quotation.exact,
                    prefix=quotation.prefix,
                    suffix=quotation.suffix,
                )
            )
        # Somebody else may mark the same in this moment, which makes no difference.
        self.bulk_create(new, batch_size=500, ignore_conflicts=True)
        found = {(row.start, row.end): row for row in marked.all()}
        return {span: found[span] for span in wanted}

    def quote(
        self, snapshot: Snapshot, exact: str, *, prefix: str = "", suffix: str = ""
    ) -> Passage:
        """Return the Passage of the one place in `snapshot` that reads `exact`.

        `prefix` and `suffix` (the text just before and after) tell apart places that read alike.
        Raises `anchoring.AnchoringError` where there is no such place, or more than one.
        """
        start, end = anchoring.locate(snapshot.text, exact, prefix=prefix, suffix=suffix)
        return self.mark(snapshot, start=start, end=end)


class ChangeQuerySet(models.QuerySet[Any]):
    def note(
        self,
        resource: str,
        keys: Iterable[str],
        kind: str,
        *,
        version: int | None = None,
        at: dt.datetime | None = None,
    ) -> None:
        """Write down that the rows `keys` (slugs) of `resource` have changed for the public, at the time
        `at` (UTC; now), in the transaction in which they do."""
        when = {"at": at} if at else {}
        self.bulk_create(
            self.model(resource=resource, key=key, kind=kind, version=version, **when)
            for key in keys
        )

    def unnumbered(self) -> Self:
        """Those without a place in the feed yet, in the order in which they were written."""
        return self.filter(position__isnull=True).order_by("pk")

    def numbered(self) -> Self:
        """The feed."""
        return self.filter(position__isnull=False).order_by("position")


class Origin(models.Func):
    """SQL expression: the id of the Source at the end of the `derived_from` chain of a Source, as far
    as the public can follow it: a chain ends before a draft.

    `Origin("source")` on Evidence gives the origin of its Source; two rows of one origin are two
    copies of one record. `Origin("source", field="url")` gives that Source's column instead, and with
    `drafts=True` the chain goes on through drafts, as the desk follows it.
    A chain that bites its own tail (`Source.clean` refuses it) gives NULL.
    """

    template = (
        "(WITH RECURSIVE chain(id, parent) AS ("
        "SELECT s.id, s.derived_from_id FROM sources_source s WHERE s.id = %(expressions)s "
        "UNION SELECT s.id, s.derived_from_id FROM sources_source s JOIN chain ON s.id = chain.parent "
        "%(followed)s"
        ") SELECT o.%(column)s FROM chain JOIN sources_source o ON o.id = chain.id "
        "WHERE NOT EXISTS (SELECT 1 FROM chain next WHERE next.id = chain.parent))"
    )
    arity = 1
    columns: ClassVar[dict[str, models.Field[Any, Any]]] = {
        "id": models.BigIntegerField(),
        "slug": models.TextField(),
        "title": models.TextField(),
        "url": models.TextField(),
    }

    def __init__(self, source: str | models.F, *, field: str = "id", drafts: bool = False) -> None:
        followed = "" if drafts else "WHERE s.published_at IS NOT NULL"
        super().__init__(source, output_field=self.columns[field], column=field, followed=followed)


class RenditionChainField(models.JSONField):
    """Reads what `Chain` selects, as a `renditions.RenditionChain`."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        from .renditions import RenditionChain  # which imports the models

        return RenditionChain.read(json.loads(value) if isinstance(value, str) else value)


class Chain(models.Func):
    """SQL expression: the `renditions.RenditionChain` of a Source: what each text of its `derived_from` chain
    is, from its own to the origin, as far as the public can follow, and its glossary notes.

    `Chain("source")` on Evidence gives that of its Source; with `drafts=True` it goes on through drafts, as
    the desk follows it. It ends with the `MOST`th text.
    """

    MOST = 100  # no chain is so long; one that bit its own tail would be
    COLUMNS: ClassVar[dict[str, str]] = {
        "kind": "rendition",
        "step": "step",
        **{
            name: name
            for name in ("language", "title", "slug", "url", "translated_by", "derivation")
        },
    }

    template = (
        "(WITH RECURSIVE chain(id, parent, step) AS ("
        "SELECT s.id, s.derived_from_id, 1 FROM sources_source s WHERE s.id = %(expressions)s "
        "UNION ALL SELECT s.id, s.derived_from_id, chain.step + 1 FROM sources_source s "
        "JOIN chain ON s.id = chain.parent WHERE chain.step < %(most)s %(followed)s"
        ") SELECT %(object)s('steps', (SELECT %(array)s(%(object)s(%(columns)s)) FROM ("
        "SELECT o.*, chain.step FROM chain JOIN sources_source o ON o.id = chain.id "
        "ORDER BY chain.step) AS texts), "
        "'glossary', (SELECT %(array)s(%(object)s('printed', g.printed, 'meant', g.meant, 'note', g.note)) "
        "FROM chain JOIN sources_glossarynote g ON g.source_id = chain.id WHERE chain.step = 1)))"
    )
    arity = 1

    def __init__(self, source: Any, *, drafts: bool = False) -> None:
        super().__init__(
            source,
            output_field=RenditionChainField(),
            most=self.MOST,
            followed="" if drafts else "AND s.published_at IS NOT NULL",
            columns=", ".join(f"'{key}', texts.{name}" for key, name in self.COLUMNS.items()),
            object="json_object",
            array="json_group_array",
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, object="jsonb_build_object", array="jsonb_agg", **context
        )


class Family(models.Func):
    """SQL expression for `pk__in`: the ids of the Source with the id given and of all that come from the same
    origin, as far as the public can follow: a draft joins nothing. With `drafts=True` it does, as the desk
    follows it.
    """

    template = (
        "(WITH RECURSIVE family(id, parent) AS ("
        "SELECT s.id, s.derived_from_id FROM sources_source s WHERE s.id = %(expressions)s "
        "UNION SELECT s.id, s.derived_from_id FROM sources_source s "
        "JOIN family ON s.id = family.parent OR s.derived_from_id = family.id "
        "%(followed)s) SELECT id FROM family)"
    )
    arity = 1
    output_field = models.BigIntegerField()

    def __init__(self, source: Any, *, drafts: bool = False) -> None:
        super().__init__(source, followed="" if drafts else "WHERE s.published_at IS NOT NULL")


def count_of(rows: models.QuerySet[Any], *, by: str, what: str = "pk") -> Coalesce:
    """SQL expression: how many of `rows`, or different `what` among them, belong to the row at hand,
    to which their field `by` points.

    A sub-query: several counts joined in one query would multiply each other, and a search of the same
    rows would change their number.
    """
    counted = (
        rows.filter(**{by: OuterRef("pk")})
        .order_by()
        .values(by)
        .annotate(n=Count(what, distinct=True))
        .values("n")
    )
    return Coalesce(Subquery(counted), 0)


def within(text_field: str, words: str) -> Q:
    """Each word of `words` occurs somewhere in `text_field`, whatever its case."""
    condition = Q()
    for word in words.split():
        # Not icontains: SQLite's LIKE tells capitals from small letters outside ASCII.
        condition &= Q(**{f"{text_field}__iregex": re.escape(word)})
    return condition
