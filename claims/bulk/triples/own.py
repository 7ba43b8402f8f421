"""What schema.org and PROV-O have no term for: a vocabulary of the site's own, described in the graph.

Each term stands for a column, with the description that the data dictionary has of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from ..package import TRIPLES
from ..tables import BY_NAME
from .terms import Thing, text

# The term, its table, and the column.
OWN = (
    ("rendition", "sources", "rendition"),
    ("translatedBy", "sources", "translated_by"),
    ("recording", "sources", "recording_url"),
    ("renditionNote", "sources", "rendition_note"),
    ("primacy", "sources", "primacy"),
    ("declaredInterest", "sources", "declared_interest"),
    ("derivation", "sources", "derivation"),
    ("textSha256", "snapshots", "text_sha256"),
    ("decidesWhole", "claims", "decides_whole"),
    ("directness", "evidence", "directness"),
    ("reason", "verdicts", "reason"),
    ("writtenBy", "verdicts", "author"),
    ("approvedBy", "verdicts", "reviewer"),
    ("claimantName", "external_reviews", "claimant_name"),
    ("claimant", "external_reviews", "claimant"),
    ("claimedOn", "external_reviews", "claimed_on"),
)


def namespace() -> str:
    """What `site:` stands for: the file of the graph, which says what each term means."""
    return f"{settings.SITE_URL}{reverse('data_file', args=[TRIPLES])}#"


def vocabulary() -> Iterator[Thing]:
    for term, table, name in OWN:
        (column,) = (one for one in BY_NAME[table].columns if one.name == name)
        about = column.about or str(column.field.help_text)
        yield (
            f"site:{term}",
            "rdf:Property",
            [
                ("rdfs:label", text(f"{table}.{name}")),
                ("rdfs:comment", text(about, "en")),
            ],
        )
