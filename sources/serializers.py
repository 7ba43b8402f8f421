"""The record as JSON. What is shown is decided before; here it only takes its form."""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from .models import Passage, Snapshot, Source, Speaker, Turn
from .models.link import LinkState
from .models.source import Derivation, Rendition
from .renditions import RenditionChain


class PageURL(serializers.URLField):
    """The readers' page of the row, on the site's own address and never on that of a request."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return f"{settings.SITE_URL}{value.get_absolute_url()}"


class ApiURL(serializers.URLField):
    """Where the API answers with the row in full."""

    def __init__(self, resource: str, *, key: str = "slug", **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.view_name = f"api:{resource}-detail"
        self.key = key

    def to_representation(self, value: Any) -> str:
        path = reverse(self.view_name, args=[getattr(value, self.key)])
        return f"{settings.SITE_URL}{path}"


class OrNull(serializers.ChoiceField):
    """One of the choices, or null where the row says nothing."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, allow_null=True, read_only=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return value or None


class SpeakerLinkSerializer(serializers.ModelSerializer[Speaker]):
    resource = "speaker"

    class Meta:
        model = Speaker
        fields = read_only_fields = ["slug", "name"]


class SpeakerSerializer(serializers.ModelSerializer[Speaker]):
    url = PageURL()
    api_url = ApiURL("speaker")
    wikidata_id = serializers.SerializerMethodField(help_text="Q and a number, if it has an entry.")
    names: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        many=True,
        read_only=True,
        slug_field="name",
        help_text="Labels and spellings under which it has been printed.",
    )

    class Meta:
        model = Speaker
        fields = read_only_fields = [
            "slug",
            "url",
            "api_url",
            "name",
            "kind",
            "description",
            "wikidata_id",
            "names",
            "published_at",
        ]

    def get_wikidata_id(self, speaker: Speaker) -> str | None:
        return speaker.wikidata_id or None


class StepSerializer(serializers.Serializer[Any]):
    """A text of the chain from the words at hand to their origin."""

    kind = serializers.ChoiceField(choices=Rendition.choices)
    language = serializers.CharField(help_text="BCP 47 tag.")
    title = serializers.CharField()
    slug = serializers.CharField(help_text="Of its source.")
    source_url = serializers.URLField(
        allow_null=True, help_text="Where it is published; null where that is not known."
    )
    translated_by = serializers.CharField(
        allow_null=True, help_text="Of a translation: the person, the agency or the engine."
    )
    derivation = OrNull(
        Derivation.choices, help_text="How it rests on the next; null for the last."
    )


class NoteSerializer(serializers.Serializer[Any]):
    """A word that a translation prints for another one, known to mislead."""

    printed = serializers.CharField(help_text="As the text has it.")
    meant = serializers.CharField(help_text="What the original says, or what it stands for.")
    note = serializers.CharField(allow_null=True, help_text="How that is known.")


class RenditionSerializer(serializers.Serializer[dict[str, Any]]):
    """Whether the words are those that were spoken or written, and where those are to be found."""

    kind = serializers.ChoiceField(choices=Rendition.choices)
    language = serializers.CharField(help_text="BCP 47 tag of the words as they stand here.")
    original_url = serializers.URLField(
        allow_null=True, help_text="Where the original is found; null where that is not known."
    )
    chain = StepSerializer(
        many=True,
        help_text="From the text that has the words to its origin, as far as it is public.",
    )
    glossary = NoteSerializer(
        many=True,
        help_text="On words that mislead: those quoted; of a source or transcript, all that are known.",
    )

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        """`of` is the path from a row (annotated with `original_url` and `rendition_chain`) to its Source;
        the row if empty."""
        super().__init__(*args, source="*", read_only=True, **kwargs)
        self.of = of.split(".") if of else []

    def get_attribute(self, row: Any) -> Any:
        chain: RenditionChain = row.rendition_chain
        passage = getattr(row, "passage", None)
        notes = chain.notes_on(passage.exact) if passage else chain.glossary
        source = functools.reduce(getattr, self.of, row)
        return rendition(source, row.original_url) | {
            "chain": chain.as_json(),
            "glossary": [note.as_json() for note in notes],
        }


def rendition(source: Source, original_url: str | None) -> dict[str, Any]:
    """What is said of words from `source`, of whose origin `original_url` is the address."""
    # A translation that is derived from nothing public is its own origin, but no original.
    known = source.is_verbatim or original_url != source.url
    return {
        "kind": source.rendition,
        "language": source.language,
        "original_url": (original_url or None) if known else None,
    }


class TranscriptSlug(serializers.CharField):
    resource = "transcript"


class RecordingSerializer(serializers.Serializer[dict[str, Any]]):
    """A moment of a video or of sound."""

    seconds = serializers.IntegerField(help_text="From the beginning of the recording.")
    url = serializers.URLField(
        allow_null=True, help_text="Leads to that second; null where the recording has no address."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, source="*", read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, passage: Any) -> Any:
        second = passage.second
        return None if second is None else {"seconds": second, "url": passage.recording_url or None}


class EditionURL(serializers.URLField):
    """An address of what was kept of an edition, by its `name`; `of` is the path from the row to the
    Snapshot, the row itself if empty."""

    def __init__(self, name: str, *, of: str = "", **kwargs: Any) -> None:
        super().__init__(source=of or "*", read_only=True, **kwargs)
        self.address = name

    def to_representation(self, value: Any) -> str:
        path = reverse(self.address, args=[value.source.slug, value.edition])
        return f"{settings.SITE_URL}{path}"


class LaterSerializer(serializers.Serializer[Any]):
    """That quoted words read otherwise in a later edition of their text."""

    edition = serializers.IntegerField()
    retrieved_at = serializers.DateTimeField()
    finding = serializers.ChoiceField(
        ["changed", "ambiguous", "orphaned"],
        help_text="Other words, much alike; not certain which words; not found.",
    )
    url = PageURL(help_text="Where the two editions are compared.")


class PassageSerializer(serializers.ModelSerializer[Passage]):
    """A quotation (W3C Web Annotation) and its place; offsets are Unicode code points."""

    transcript = TranscriptSlug(
        source="snapshot.source.slug", read_only=True, help_text="Slug of the source."
    )
    turn = serializers.SerializerMethodField(
        help_text="Position of the turn that it lies in; null where it lies in none, or in several."
    )
    url = PageURL(help_text="The passage where it stands in the transcript.")
    edition = serializers.IntegerField(
        source="snapshot.edition", read_only=True, help_text="Which edition the offsets are of."
    )
    sha256 = serializers.CharField(
        source="snapshot.sha256",
        read_only=True,
        help_text="SHA-256 of the bytes of that edition, in hexadecimal.",
    )
    text_sha256 = serializers.CharField(
        source="snapshot.text_sha256",
        read_only=True,
        help_text="SHA-256 of its text in UTF-8: text[start:end] == exact.",
    )
    warc_url = EditionURL(
        "edition_warc", of="snapshot", help_text="The WARC file that has both (docs/verifying.md)."
    )
    recording = RecordingSerializer(
        help_text="When it is heard in the recording; null where that is not known."
    )
    later = LaterSerializer(
        allow_null=True,
        read_only=True,
        help_text=(
            "How the words read in the newest edition, where that was retrieved after the verdict in force "
            "was published, and they read otherwise; else null."
        ),
    )

    class Meta:
        model = Passage
        fields = read_only_fields = [
            "exact",
            "prefix",
            "suffix",
            "start",
            "end",
            "transcript",
            "turn",
            "url",
            "recording",
            "later",
            "edition",
            "sha256",
            "text_sha256",
            "warc_url",
        ]

    def get_attribute(self, row: Any) -> Any:
        """The passage of a row, which has `later` as an annotation."""
        passage = super().get_attribute(row)
        if passage is not None:
            passage.later = row.later
        return passage

    def get_turn(self, passage: Passage) -> int | None:
        return passage.turn.position if passage.turn else None


class SourceLinkSerializer(serializers.ModelSerializer[Source]):
    resource = "source"

    class Meta:
        model = Source
        fields = read_only_fields = ["slug", "title"]


class OriginSerializer(SourceLinkSerializer):
    """The end of a `derived_from` chain, which the row is annotated with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, source="*", read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, row: Any) -> Any:
        return {"slug": row.origin_slug, "title": row.origin_title} if row.origin_slug else None


class ParentSerializer(SourceLinkSerializer):
    """What a Source rests on, where that is public."""

    def get_attribute(self, source: Source) -> Any:
        parent = source.derived_from
        return parent if parent and parent.is_published else None


class SourceSummarySerializer(serializers.ModelSerializer[Source]):
    """As much of a Source as a citation gives."""

    resource = "source"
    url = PageURL()
    api_url = ApiURL("source")
    source_url = serializers.SerializerMethodField(help_text="Where a reader finds the source.")
    issued = serializers.SerializerMethodField(
        help_text="As precisely as it is known: 2022-01-07, 2022-01, 2022."
    )

    class Meta:
        model = Source
        fields = read_only_fields = [
            "slug",
            "url",
            "api_url",
            "title",
            "kind",
            "authors",
            "publisher",
            "issued",
            "source_url",
            "language",
            "primacy",
        ]

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_source_url(self, source: Source) -> str | None:
        return source.url or None

    def get_issued(self, source: Source) -> str | None:
        return source.issued_iso or None


class AddressSerializer(serializers.Serializer[Any]):
    """What became of where a Source is published, and the newest copy held of it."""

    state = serializers.ChoiceField(choices=LinkState.choices)
    checked_at = serializers.DateTimeField(allow_null=True, help_text="When it was last looked at.")
    since = serializers.DateTimeField(allow_null=True, help_text="When that was first found so.")
    moved_to = serializers.URLField(allow_null=True, help_text="Its new address, if it has moved.")
    archived_url = serializers.URLField(
        allow_null=True, help_text="The page of the newest edition held; null where none is public."
    )
    archived_at = serializers.DateTimeField(allow_null=True, help_text="When that was retrieved.")
    archived_sha256 = serializers.CharField(allow_null=True, help_text="Of the bytes of that.")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, source: Any) -> Any:
        """Of a Source annotated with `addresses`."""
        own = source.addresses.own
        return own and own.as_json()


class EditionSerializer(serializers.ModelSerializer[Snapshot]):
    """The bytes of a source as retrieved once, and the text taken from them."""

    sha256 = serializers.CharField(read_only=True, help_text="SHA-256 of the bytes.")
    text_sha256 = serializers.CharField(
        read_only=True, help_text="SHA-256 of the text in UTF-8, which offsets are of."
    )
    url = EditionURL("edition", help_text="Its page: from where, and when.")
    bytes_url = EditionURL("edition_bytes", help_text="The bytes, as a download.")
    warc_url = EditionURL("edition_warc", help_text="Bytes and text as a WARC file.")

    class Meta:
        model = Snapshot
        fields = read_only_fields = [
            *("edition", "sha256", "media_type", "retrieved_at"),
            *("text_sha256", "url", "bytes_url", "warc_url"),
        ]


class SourceSerializer(SourceSummarySerializer):
    """A Source with what it rests on; `original_url`, `origin_slug`, `origin_title` and `addresses` are
    annotations."""

    rendition = RenditionSerializer()
    derived_from = ParentSerializer(
        allow_null=True, read_only=True, help_text="The source that it rests on."
    )
    derivation = serializers.SerializerMethodField(help_text="How it rests on it.")
    origin = OriginSerializer(help_text="Where that chain ends: maybe itself.")
    link = AddressSerializer(help_text="What became of `source_url`; null where there is none.")
    editions = EditionSerializer(
        source="copies",
        many=True,
        read_only=True,
        help_text="What is kept of it: quoted editions and those captured at its address, newest first.",
    )

    class Meta(SourceSummarySerializer.Meta):
        fields = read_only_fields = [
            *SourceSummarySerializer.Meta.fields,
            "place",
            "rendition",
            "rendition_note",
            "declared_interest",
            "not_archived",
            "rights",
            "derived_from",
            "derivation",
            "origin",
            "link",
            "editions",
            "published_at",
        ]

    @extend_schema_field(OrNull(Derivation.choices))
    def get_derivation(self, source: Source) -> str | None:
        parent = source.derived_from
        return source.derivation if parent and parent.is_published else None


class TranscriptSerializer(serializers.ModelSerializer[Source]):
    """A Source of which the desk holds a text; `original_url` is an annotation."""

    url = serializers.SerializerMethodField(help_text="The transcript page.")
    api_url = ApiURL("transcript")
    source = SourceSummarySerializer(source="*", read_only=True)  # type: ignore[assignment]
    place = serializers.CharField(read_only=True)
    rendition = RenditionSerializer()
    editions = EditionSerializer(many=True, read_only=True, help_text="Newest first.")

    class Meta:
        model = Source
        fields = read_only_fields = [
            "slug",
            "url",
            "api_url",
            "title",
            "source",
            "place",
            "rendition",
            "editions",
        ]

    @extend_schema_field(serializers.URLField())
    def get_url(self, source: Source) -> str:
        return f"{settings.SITE_URL}{source.get_transcript_url()}"


class KnownSpeakerSerializer(SpeakerLinkSerializer):
    """Who speaks, where that is public."""

    def get_attribute(self, turn: Any) -> Any:
        speaker = turn.speaker
        return speaker if speaker and speaker.is_published else None


class TurnSerializer(serializers.ModelSerializer[Turn]):
    speaker = KnownSpeakerSerializer(
        allow_null=True, read_only=True, help_text="Null where it is not known who speaks."
    )
    time = serializers.IntegerField(
        source="second",
        allow_null=True,
        read_only=True,
        help_text="The second of the recording in which it begins; null where that is not known.",
    )
    text = serializers.SerializerMethodField()

    class Meta:
        model = Turn
        fields = read_only_fields = [
            "position",
            "label",
            "speaker",
            "role",
            "start",
            "end",
            "time",
            "text",
        ]

    def get_text(self, turn: Turn) -> str:
        return turn.snapshot.text[turn.start : turn.end]


class TranscriptTextSerializer(TranscriptSerializer):
    """A transcript with the words of one edition: `shown` is its Snapshot."""

    edition = serializers.IntegerField(source="shown.edition", read_only=True)
    sha256 = serializers.CharField(source="shown.sha256", read_only=True)
    retrieved_at = serializers.DateTimeField(source="shown.retrieved_at", read_only=True)
    turns = TurnSerializer(source="shown.turns.all", many=True, read_only=True)

    class Meta(TranscriptSerializer.Meta):
        fields = read_only_fields = [
            *TranscriptSerializer.Meta.fields,
            "edition",
            "sha256",
            "retrieved_at",
            "turns",
        ]
