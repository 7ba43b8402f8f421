"""Every page asks the database the same number of times, whether it shows one row or twelve."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.claims.knowledge_base import build

# At most 8 for a page about one thing, at most 6 for a list.
QUERIES = {
    # Verdicts; claims counted twice; open claims, their claimants; the newest transcript.
    "home": 6,
    # Count, claims, verdicts, claimants; the facets.
    "claims": 5,
    # Claim.objects.read: family with topics, appearances, rebuttals, citations, evidence, searches, external
    # reviews, verdicts.
    "claim": 8,
    # Less for a claim with no rebuttals, whose citations are not asked for.
    "part": 7,
    "claim_history": 2,
    "verdict": 1,
    # Count, rows; what the list can be narrowed down to.
    "speakers": 3,
    # Speaker, names; appearances, rebuttals, the verdicts on the claims of either, replies; ratings.
    "claimant": 7,
    # Less for a speaker who makes no claim to which there could be replies.
    "speaker": 6,
    "sources": 3,
    # Source with its numbers; the family, editions, evidence, verdicts, citations; words that have changed.
    "source": 7,
    # The text, appearances, rebuttals, evidence, verdicts; turns; the renditions of it.
    "transcript": 7,
    # The edition with its source; the numbers of all, the passages, the capture.
    "edition": 4,
    # Source, editions, passages, captures; the claim of the example; the texts.
    "source_verify": 6,
    "topics": 1,
    # Topic; count, claims, verdicts, claimants; ratings.
    "topic": 6,
    # Counts; claims, verdicts, claimants; sources, speakers and topics (test_finding.py has the most: 8).
    "search": 5,
    # By words, two; by meaning, three; the texts, their vectors; whether claims have changed, for how rare
    # words are; claims, verdicts, claimants, topics. In a process that has not asked yet, two or three more.
    "match": 12,
    # Count, corrections, earlier versions; verdicts in numbers; whether there are readers' reports.
    "corrections": 5,
    "methodology": 2,
    # Speakers, ratings; claims, appearances, rebuttals, evidence, verdicts: so in its files.
    "parity": 7,
    "parity_json": 7,
    "parity_csv": 7,
    # Verdicts and people in numbers.
    "about": 2,
    # Claims, ratings, evidence, citations, passages and sources in numbers.
    "limits": 6,
    "verdict_feed": 1,
    "correction_feed": 1,
    # Claims, speakers, sources, topics; verdicts, readers' reports.
    "sitemap": 6,
    "robots": 0,
    # The topic or the speaker; verdicts.
    "topic_feed": 2,
    "speaker_feed": 2,
    # Claim, verdict, claimants.
    "claim_embed": 3,
    # Claim, verdict.
    "claim_card": 2,
    "claim_csl": 2,
    "claim_bibtex": 2,
    "oembed": 2,
    "site_card": 0,
    # The edition; its text.
    "edition_bytes": 1,
    "edition_text": 2,
    # The edition, its capture; its text where the file is composed.
    "edition_warc": 3,
    "verify_script": 0,
}


# Filters by slug add one query, however many there are.
FILTERED = (
    "/claims/?q=counterclaim&rating=false&topic=alliance&claimant=claimant&source=record"
    "&transcript=speech&kind=factual&year=2022&has_verdict=true&published_after=2020-01-01"
    "&ordering=updated_at"
)


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 12])
def test_number_of_queries_does_not_depend_on_the_number_of_rows(client, n):
    found = {}
    base = build(n)
    client.get(base.pages["match"])  # each process looks once at what the database offers
    for name, path in (base.pages | base.machines | base.downloads).items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        found[name] = len(queries)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(FILTERED)

    assert found == QUERIES
    assert len(queries) == 6
    assert len(response.context["page"]) == n
