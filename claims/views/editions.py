"""Editions as they were kept: what is known of each, the bytes, the WARC file, and whether it is still so.

What is in the bytes is somebody else's, and may be hostile: it is sent as a download, which no browser
opens here, or as words alone (`claims.archived_page`) in a sandbox.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache as kept_answers
from django.core.files.base import ContentFile
from django.db.models import Q
from django.db.models.functions import Length, Substr
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sources import store
from sources.archiving import warc
from sources.extraction.charsets import decode_fetched
from sources.models import Capture, Passage, Snapshot, Source
from sources.parsing import TranscriptError
from sources.querysets import Chain, Origin
from sources.verifying import Budget, Check, check

from ..archived_page import harmless
from ..models import Appearance, Claim, Evidence, Rebuttal
from ..one_file import one_file
from ..querysets import addresses_of, public_copies, public_passages

log = logging.getLogger(__name__)

TEXT_SHOWN = 20_000  # code points; more is in the download
PASSAGES = 100  # that a page lists
VIEWED = 3 * 1024 * 1024  # bytes of a page that is shown; a longer one is a download only
CHECKED = 20  # editions that a page checks, the newest
CHECKED_BYTES = 32 * 1024 * 1024  # and what it reads for it; the command checks all
CHECKED_FOR = 60  # seconds that what was found is shown again

PAGES = {"text/html", "application/xhtml+xml"}
# Nothing is loaded, sent, framed, run or led to; nor is the answer taken for another type than it says.
SANDBOX = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# What a download is called, so that whoever has it opens it: never by what would run in it.
ENDINGS = {
    "text/plain": "txt",
    "text/markdown": "md",
    "application/pdf": "pdf",
    "text/vtt": "vtt",
    "application/x-subrip": "srt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
PROGRAM = Path(settings.BASE_DIR) / "docs" / "verify"


@require_safe
def edition(request: HttpRequest, slug: str, edition: int) -> HttpResponse:
    rows = (
        public_copies()
        .select_related("source")
        .annotate(
            shown=Substr("text", 1, TEXT_SHOWN),
            length=Length("text"),
            original_url=Origin("source", field="url"),
            rendition_chain=Chain("source"),
            addresses=addresses_of("source"),
        )
    )
    snapshot = get_object_or_404(rows, source__slug=slug, edition=edition)
    source = snapshot.source
    numbers = public_copies().filter(source=source).order_by("edition")
    editions = list(numbers.values_list("edition", flat=True))
    place = editions.index(edition)
    passages = public_passages().filter(snapshot=snapshot).order_by("start", "end")
    capture = capture_of(snapshot)
    title = _("%(source)s: edition %(number)s") % {"source": source.title, "number": edition}
    return render(
        request,
        "claims/edition_detail.html",
        {
            "title": title,
            "description": _(
                "What was archived of “%(source)s”, when, from where, and its digests."
            )
            % {"source": source.title},
            "source": source,
            "snapshot": snapshot,
            "capture": capture,
            "size": capture.size if capture else size_of(snapshot),
            "before": editions[place - 1] if place else None,
            "after": editions[place + 1] if place + 1 < len(editions) else None,
            "passages": list(passages[: PASSAGES + 1]),
            "most": PASSAGES,
            "is_page": snapshot.media_type in PAGES,
        },
    )


def capture_of(snapshot: Snapshot) -> Capture | None:
    """The visit that found the very bytes of an edition, the first if there are several; None of a file that
    was handed in."""
    found: Capture | None = Capture.objects.of_its_bytes().filter(snapshot=snapshot).first()
    return found


def size_of(snapshot: Snapshot) -> int | None:
    """The number of bytes; None where the archive has lost them, which the page of checks tells."""
    try:
        return store.size(store.path(snapshot.sha256))
    except store.Missing:
        return None


# --- What was kept ---


@require_safe
def edition_bytes(request: HttpRequest, slug: str, edition: int) -> HttpResponseBase:
    """The bytes as they were retrieved, as a download."""
    snapshot = _copy(slug, edition)
    return _download(
        request,
        snapshot.sha256,
        lambda: store.open_file(store.path(snapshot.sha256), snapshot.sha256),
        name=f"{slug}-edition-{edition}.{ENDINGS.get(snapshot.media_type, 'bin')}",
    )


@require_safe
def edition_text(request: HttpRequest, slug: str, edition: int) -> HttpResponseBase:
    """The text taken from the bytes, of which all offsets are, as a download."""
    snapshot = _copy(slug, edition)
    return _download(
        request,
        snapshot.text_sha256,
        lambda: ContentFile(snapshot.text.encode()),  # the text is read here, not for a 304
        name=f"{slug}-edition-{edition}-text.txt",
        media_type="text/plain; charset=utf-8",
    )


@require_safe
def edition_warc(request: HttpRequest, slug: str, edition: int) -> HttpResponseBase:
    """The edition as a WARC file: of the visit that made it, or composed of the file that was handed in."""
    snapshot = _copy(slug, edition)
    capture = capture_of(snapshot)
    if capture is not None:
        sha256 = capture.warc_sha256
        name = capture.warc_path
        opened: Callable[[], Any] = lambda: store.open_file(name, sha256)  # noqa: E731
    else:
        sha256 = f"{snapshot.sha256}-{snapshot.text_sha256}"  # of what it is composed of
        opened = lambda: ContentFile(warc.compose(snapshot))  # noqa: E731
    return _download(
        request,
        sha256,
        opened,
        name=f"{slug}-edition-{edition}.warc.gz",
        media_type="application/warc",
    )


@require_safe
def edition_view(request: HttpRequest, slug: str, edition: int) -> HttpResponseBase:
    """The words of an archived page, between the tags that show how it was built, and nothing else of it."""
    snapshot = _copy(slug, edition)
    if snapshot.media_type not in PAGES:
        raise Http404("This edition is no page of the web.")
    etag = quote_etag(f"{snapshot.sha256}-{snapshot.source.rendition}-{get_language()}")
    response: Any = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            if store.size(store.path(snapshot.sha256)) > VIEWED:
                raise Http404("This page is too long to be shown: download it.")
            words = harmless(decode_fetched(snapshot.content, charset="")[0])
        except TranscriptError as error:
            raise Http404("What this page is written in is not known: download it.") from error
        except (store.Missing, store.Damaged) as error:
            return _lost(error)
        response = render(
            request, "claims/edition_view.html", {"snapshot": snapshot, "words": words}
        )
    response["ETag"] = etag
    return _sealed(response)


def _copy(slug: str, edition: int) -> Any:
    rows = public_copies().select_related("source")
    return get_object_or_404(rows, source__slug=slug, edition=edition)


def _download(
    request: HttpRequest,
    sha256: str,
    opened: Callable[[], Any],
    *,
    name: str,
    media_type: str = "application/octet-stream",
) -> HttpResponseBase:
    """A file that browsers keep and do not open. `opened` gives it, or raises store.Missing or store.Damaged;
    it is asked for only if whoever asks does not have it already."""
    etag = quote_etag(sha256)
    response: Any = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            file = opened()
        except (store.Missing, store.Damaged) as error:
            return _lost(error)
        response = FileResponse(file, as_attachment=True, filename=name, content_type=media_type)
        response["Content-Length"] = file.size
    response["ETag"] = etag
    return _sealed(response)


def _sealed(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response


def _lost(error: Exception) -> HttpResponse:
    log.error("%s", error)
    words = "The archive cannot give this at present: what it has is missing, or damaged.\n"
    response = HttpResponse(words, status=503, content_type="text/plain; charset=utf-8")
    _sealed(response)
    return response


# --- Whether it is still so ---


@require_safe
def source_verify(request: HttpRequest, slug: str) -> HttpResponse:
    """Each edition computed anew, and how to do the same without this site."""
    source = get_object_or_404(Source.objects.published(), slug=slug)
    copies = list(public_copies().filter(source=source).order_by("-edition"))
    quoting = Q()
    for model in (Appearance, Rebuttal, Evidence):
        rows = model.objects.published().filter(passage__snapshot__source=source)
        quoting |= Q(pk__in=rows.order_by().values("claim"))
    return render(
        request,
        "claims/source_verify.html",
        {
            "title": _("Is it still so? %(source)s") % {"source": source.title},
            "description": _("The digests and quotations of “%(source)s”, computed anew.")
            % {"source": source.title},
            "source": source,
            "checks": checks_of(source, copies[:CHECKED]),
            "n_editions": len(copies),
            "claim": Claim.objects.published().filter(quoting).order_by("slug").first(),
            "script_sha256": script()[1],
        },
    )


def checks_of(source: Source, copies: list[Any]) -> list[Check]:
    """Check the editions `copies` of `source`, with what the public may see of them. What was found is kept
    for a minute: so however many ask, the archive is read once."""
    passages: dict[int, list[Passage]] = {}
    for row in public_passages().filter(snapshot__in=copies).order_by("start", "end"):
        passages.setdefault(row.snapshot_id, []).append(row)
    captures: dict[int | None, Capture] = {}
    for visit in Capture.objects.of_its_bytes().filter(snapshot__in=copies):
        captures.setdefault(visit.snapshot_id, visit)
    told = [(row.pk, row.retrieved_at, row.sha256, row.text_sha256) for row in copies]
    spans = [(row.pk, row.exact) for rows in passages.values() for row in rows]
    files = [row.warc_sha256 for row in captures.values()]
    name = hashlib.sha256(repr((told, spans, files)).encode()).hexdigest()
    found: list[Check] | None = kept_answers.get(f"verify-{name}")
    if found is None:
        budget = Budget(CHECKED_BYTES)
        texts = Snapshot.objects.filter(pk__in=[row.pk for row in copies]).order_by("-edition")
        found = [
            check(
                snapshot,
                passages=passages.get(snapshot.pk, []),
                capture=captures.get(snapshot.pk),
                budget=budget,
            )
            for snapshot in texts.iterator(chunk_size=1)  # one text at a time
        ]
        kept_answers.set(f"verify-{name}", found, CHECKED_FOR)
    return found


@cache
def script() -> tuple[bytes, str]:
    """The program that checks without this site, and its SHA-256."""
    data = one_file(PROGRAM).encode()
    return data, hashlib.sha256(data).hexdigest()


@require_safe
def verify_script(request: HttpRequest) -> HttpResponseBase:
    data, sha256 = script()
    return _download(
        request,
        sha256,
        lambda: ContentFile(data),
        name="verify.py",
        media_type="text/x-python; charset=utf-8",
    )
