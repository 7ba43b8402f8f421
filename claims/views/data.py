"""The bulk data: the page that tells of them, and the files of the last export as they are."""

from __future__ import annotations

import io
import re
from typing import Any, BinaryIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..bulk.current import BYTES, File, current
from ..bulk.package import DESCRIPTOR, SUMS, TRIPLES
from ..bulk.tables import TABLES

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    export = current(settings.DATA_ROOT)
    shown: dict[str, Any] = {}
    if export is not None:
        rows = {one["name"]: one.get("rows") for one in export.package["resources"]}
        shown = {
            "changed": export.changed,
            "tables": [
                {
                    "name": table.name,
                    "about": table.about,
                    "rows": rows[table.name],
                    "files": [
                        (form, export.files[f"{table.name}.{form.lower()}"])
                        for form in ("CSV", "NDJSON")
                    ],
                }
                for table in TABLES
                if table.name in rows
            ],
            "described": export.files[DESCRIPTOR],
            "sums": export.files[SUMS],
            "triples": export.files[TRIPLES],
            "listed": sorted(export.files.values(), key=lambda file: file.name),
        }
    return render(
        request,
        "claims/data.html",
        {
            "title": _("Data to download"),
            "description": _(
                "Everything that this site has published, as files for programs, with checksums."
            ),
            "licence": settings.DATA_LICENCE,
            **shown,
        },
    )


@require_safe
def data_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of the export, whole or (RFC 9110, section 14) one range of its bytes. 404 for all else."""
    export = current(settings.DATA_ROOT)
    file = export.file(path) if export else None
    if export is None or file is None:
        raise Http404("The export has no such file.")
    etag = quote_etag(file.sha256)
    changed = int(export.changed.timestamp())
    response: HttpResponseBase | None = get_conditional_response(
        request, etag=etag, last_modified=changed
    )
    if response is None:
        response = _answer(request, file, etag)
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed)
    response["Accept-Ranges"] = "bytes"
    return response


def _answer(request: HttpRequest, file: File, etag: str) -> HttpResponseBase:
    # Of a range of other bytes than the reader has already, the whole is sent (If-Range).
    wanted = RANGE.fullmatch(request.headers.get("Range", ""))
    unchanged = request.headers.get("If-Range", etag) == etag
    part = _part(wanted[1], wanted[2], file.size) if wanted and unchanged else None
    if part is not None and part[0] >= part[1]:
        refusal = HttpResponse(status=416)
        refusal["Content-Range"] = f"bytes */{file.size}"
        return refusal
    start, end = part or (0, file.size)
    try:
        opened = file.path.open("rb")
    except FileNotFoundError as error:
        raise Http404("An export has just taken its place: ask again.") from error
    opened.seek(start)
    # Never compressed on its way (config/delivery.py leaves a FileResponse as it is): a range is one of the
    # file's own bytes, and browsers that keep a compressed whole cannot cut it out of that.
    response = FileResponse(
        Part(opened, end - start),
        as_attachment=file.media_type == BYTES,
        filename=file.name,
        content_type=file.media_type,
    )
    response["Content-Length"] = end - start
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return response


def _part(first: str, last: str, size: int) -> tuple[int, int] | None:
    """The first byte of a range and the one after its last; None for what is no range."""
    if first:
        if last and int(last) < int(first):
            return None
        return int(first), min(int(last) + 1, size) if last else size
    return (max(size - int(last), 0), size) if last else None


class Part(io.RawIOBase):
    """The next `size` bytes of an open file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()
