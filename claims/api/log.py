"""`/api/v1/log/`: the log of editorial events, for whoever holds the site to its word (docs/log.md).

The checkpoint, the tiles and the entries in bundles are files as C2SP's “tlog-tiles” has them, and documents
what entries say by their digests; the rest are answers in JSON, computed from them.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..filters import NoFilter
from ..log import merkle, tiles
from ..log.notes import VerifierKey
from ..log.writing import hashes
from ..models import LogCheckpoint, LogDocument, LogEntry, LogKey, LogNode
from .problems import problem
from .schema import WRONG_PARAMETER
from .strictness import METHODS

FOR_GOOD = 365 * 24 * 60 * 60  # seconds: what never changes
WRONG_NUMBER = "Give a whole number from 0 on."


# --- Files ---


def checkpoint(request: HttpRequest) -> HttpResponseBase:
    """The newest checkpoint (C2SP tlog-checkpoint)."""
    note = LogCheckpoint.objects.values_list("note", flat=True).first()
    if note is None:
        return problem(404, "Nothing has been signed yet.")
    return HttpResponse(note, content_type="text/plain; charset=utf-8")


def tile(request: HttpRequest, path: str) -> HttpResponseBase:
    """A tile of hashes or a bundle of entries, by its path (C2SP tlog-tiles)."""
    try:
        found = tiles.parse(f"tile/{path}")
    except tiles.TileError as error:
        return problem(404, str(error))
    if isinstance(found, tiles.Bundle):
        numbers = found.entries
        rows = LogEntry.objects.filter(number__gte=numbers.start, number__lt=numbers.stop)
        entries = [body.encode() for body in rows.order_by("number").values_list("body", flat=True)]
        if len(entries) < found.width:
            return problem(404, "The log has no such entries yet.")
        return _file(tiles.bundled(entries))
    level, first = found.places[0]
    if level > 63:
        return problem(404, "The log has no such tile yet.")
    nodes = LogNode.objects.filter(level=level, index__gte=first, index__lt=first + found.width)
    row = [bytes(each) for each in nodes.order_by("index").values_list("hash", flat=True)]
    if len(row) < found.width:
        return problem(404, "The log has no such tile yet.")
    return _file(b"".join(row))


def document(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The document with this digest, in the very bytes that it is of."""
    body = None
    if re.fullmatch("[0-9a-f]{64}", sha256):
        body = LogDocument.objects.filter(pk=sha256).values_list("body", flat=True).first()
    if body is None:
        return problem(404, "No entry of the log names a document with this digest.")
    return _file(body.encode(), "application/json")


def _file(data: bytes, media_type: str = "application/octet-stream") -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    patch_cache_control(response, public=True, max_age=FOR_GOOD, immutable=True)
    return response


# --- Answers ---


class LogKeySerializer(serializers.ModelSerializer[LogKey]):
    """A key that the log is or was signed with."""

    checkpoint = serializers.CharField(
        allow_null=True,
        help_text="The first that it signed, with the signature of the key before it, if any.",
    )

    class Meta:
        model = LogKey
        fields = read_only_fields = ["verifier", "since", "checkpoint"]


class LogSerializer(serializers.Serializer[Any]):
    """What the log is, and where its files are."""

    name = serializers.CharField(
        allow_null=True, help_text="The first line of its checkpoints; null before the first."
    )
    size = serializers.IntegerField(help_text="The number of entries under the newest checkpoint.")
    keys = LogKeySerializer(many=True)
    checkpoint = serializers.URLField(help_text="The newest checkpoint: C2SP tlog-checkpoint.")
    tiles = serializers.URLField(help_text="What their paths (C2SP tlog-tiles) are added to.")
    entries = serializers.URLField(help_text="What the number of an entry is added to.")
    documents = serializers.URLField(help_text="What the SHA-256 of a document is added to.")
    program = serializers.URLField(help_text="A program that verifies all of it, to be read first.")


class InclusionSerializer(serializers.Serializer[Any]):
    """That an entry is in the tree of a checkpoint (RFC 9162, section 2.1.3)."""

    size = serializers.IntegerField(help_text="Of the tree: the number of its entries.")
    root = serializers.CharField(  # type: ignore[assignment]  # of the field, not of the class
        help_text="Its hash, in Base 64."
    )
    hashes = serializers.ListField(
        child=serializers.CharField(), help_text="From the leaf's sibling upwards, in Base 64."
    )
    checkpoint = serializers.CharField(help_text="The signed note.")


class LogEntrySerializer(serializers.Serializer[Any]):
    """An entry of the log."""

    number = serializers.IntegerField()
    entry = serializers.JSONField(help_text="What it says: docs/log.md has each field.")
    body = serializers.CharField(help_text="The same in the bytes that were hashed (UTF-8).")
    leaf_hash = serializers.CharField(help_text="SHA-256 of 0x00 and these bytes, in Base 64.")
    inclusion = InclusionSerializer(
        allow_null=True, help_text="In the newest checkpoint; null where that does not have it yet."
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _strict(request: Request, *also: str) -> None:
    given = NoFilter(request.query_params, queryset=LogEntry.objects.none(), also=(*also, "format"))
    if not given.is_valid():
        raise ValidationError(given.errors)


def _address(name: str, **kwargs: Any) -> str:
    return f"{settings.SITE_URL}{reverse(f'api:{name}', kwargs=kwargs)}"


class LogView(APIView):
    """The log of editorial events: each publication, correction, supersession, withdrawal and merge, in the
    order in which they were written, in a Merkle tree whose root is signed."""

    http_method_names = METHODS

    @extend_schema(
        operation_id="log_retrieve", responses={200: LogSerializer, 400: WRONG_PARAMETER}
    )
    def get(self, request: Request) -> Response:
        _strict(request)
        first = LogCheckpoint.objects.filter(size=OuterRef("since")).values("note")
        keys = list(LogKey.objects.annotate(checkpoint=Subquery(first)))
        size = LogCheckpoint.objects.values_list("size", flat=True).first() or 0
        here = _address("log")
        return Response(
            {
                "name": VerifierKey.parse(keys[0].verifier).name if keys else None,
                "size": size,
                "keys": LogKeySerializer(keys, many=True).data,
                "checkpoint": _address("log_checkpoint"),
                "tiles": here,
                "entries": f"{here}entries/",
                "documents": f"{here}documents/",
                "program": f"{settings.SITE_URL}{reverse('verify_log_script')}",
            }
        )


class LogEntryView(APIView):
    """An entry, with the proof that the newest checkpoint has it."""

    http_method_names = METHODS

    @extend_schema(
        operation_id="log_entries_retrieve",
        responses={
            200: LogEntrySerializer,
            400: WRONG_PARAMETER,
            404: OpenApiResponse(description="The log has no such entry."),
        },
    )
    def get(self, request: Request, number: int) -> Response:
        _strict(request)
        body = None
        if number < 2**63:
            body = LogEntry.objects.filter(pk=number).values_list("body", flat=True).first()
        if body is None:
            raise NotFound("The log has no such entry.")
        signed = LogCheckpoint.objects.first()
        inclusion = None
        if signed is not None and number < signed.size:
            nodes = hashes(LogNode, merkle.needed_for_inclusion(number, signed.size))
            proof = merkle.inclusion_proof(
                lambda level, index: nodes[level, index], number, signed.size
            )
            inclusion = {
                "size": signed.size,
                "root": _base64(signed.root),
                "hashes": [_base64(each) for each in proof],
                "checkpoint": signed.note,
            }
        return Response(
            {
                "number": number,
                "entry": json.loads(body),
                "body": body,
                "leaf_hash": _base64(merkle.leaf_hash(body.encode())),
                "inclusion": inclusion,
            }
        )


class ConsistencyAnswer(serializers.Serializer[Any]):
    """That the tree of `from` entries is the beginning of that of `to` (RFC 9162, section 2.1.4)."""

    hashes = serializers.ListField(child=serializers.CharField(), help_text="In Base 64.")

    def get_fields(self) -> dict[str, Any]:
        return {
            "from": serializers.IntegerField(help_text="The number of entries."),
            "to": serializers.IntegerField(help_text="The number of entries."),
            **super().get_fields(),
        }


class ConsistencyView(APIView):
    """The proof that what the log said at one size is the beginning of what it says at another."""

    http_method_names = METHODS

    @extend_schema(
        operation_id="log_consistency_retrieve",
        parameters=[
            OpenApiParameter(
                "from", {"type": "integer", "minimum": 0}, required=True,
                description="The size of an earlier checkpoint.",
            ),
            OpenApiParameter(
                "to", {"type": "integer", "minimum": 0},
                description="That of a later one; left out: the newest.",
            ),
        ],
        responses={200: ConsistencyAnswer, 400: WRONG_PARAMETER},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        _strict(request, "from", "to")
        newest = LogCheckpoint.objects.values_list("size", flat=True).first() or 0
        first = _size(request, "from")
        second = _size(request, "to", newest)
        if second > newest:
            raise ValidationError({"to": [f"The newest checkpoint is of {newest} entries."]})
        if first > second:
            raise ValidationError({"from": [f"It is more than {second}."]})
        nodes = hashes(LogNode, merkle.needed_for_consistency(first, second))
        proof = merkle.consistency_proof(lambda level, index: nodes[level, index], first, second)
        return Response({"from": first, "to": second, "hashes": [_base64(each) for each in proof]})


def _size(request: Request, name: str, default: int | None = None) -> int:
    value = request.query_params.get(name)
    if value is None and default is not None:
        return default
    if value is None or not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ValidationError({name: [WRONG_NUMBER]})
    return int(value)
