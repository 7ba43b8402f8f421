"""Every page asks the database the same number of times, whether it shows one row or thirty."""

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
    # Claim.objects.read: family, topics, appearances, rebuttals, citations, evidence, searches, verdicts.
    "claim": 8,
    # Less for a claim with no rebuttals, whose citations are not asked for.
    "part": 7,
    "claim_history": 2,
    "verdict": 1,
    "speakers": 2,
    # Speaker; claims counted twice; ratings; appearances, rebuttals, the verdicts on the claims of either.
    "claimant": 7,
    "speaker": 7,
    "sources": 2,
    # Source with its numbers; derivatives counted and shown; editions, evidence, verdicts, citations.
    "source": 7,
    # Editions, the text, appearances, rebuttals, evidence, verdicts, turns.
    "transcript": 7,
    "topics": 1,
    # Topic; count, claims, verdicts, claimants.
    "topic": 5,
    # Counts; claims, verdicts, claimants; sources, speakers and topics (test_finding.py has the most: 8).
    "search": 5,
    # Count, corrections, earlier versions.
    "corrections": 3,
    "methodology": 2,
    "verdict_feed": 1,
    "correction_feed": 1,
    # Claims, speakers, sources, topics.
    "sitemap": 4,
    "robots": 0,
}


# Filters by slug add one query, however many there are.
FILTERED = (
    "/claims/?q=counterclaim&rating=false&topic=alliance&claimant=claimant&source=record"
    "&transcript=speech&kind=factual&year=2022&has_verdict=true&published_after=2020-01-01"
    "&ordering=updated_at"
)


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 30])
def test_number_of_queries_does_not_depend_on_the_number_of_rows(client, n):
    found = {}
    for name, path in build(n).pages.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        found[name] = len(queries)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(FILTERED)

    assert found == QUERIES
    assert len(queries) == 6
    assert len(response.context["page"]) == n
