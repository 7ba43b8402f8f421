"""A draft of anything, beside whatever is public, changes no answer of the API."""

from __future__ import annotations

import pytest

from claims.models import Claim
from sources.models import Source
from tests import factories
from tests.claims.problems import wrong
from tests.claims.world import RESOURCES, drafts, published_world

pytestmark = pytest.mark.django_db

KINDS = list(drafts(None))
FILTERS = {
    "claims": {
        "claimant": "moscow",
        "rebutted_by": "doe",
        "rating": "true",
        "source": "memo",
        "topic": "alliance",
        "transcript": "remarks",
        "has_verdict": "false",
        "q": "alliance",
    },
    "appearances": {"claim": "promise", "claimant": "moscow", "source": "remarks"},
    "rebuttals": {"claim": "promise", "speaker": "doe", "source": "remarks"},
    "evidence": {"claim": "promise", "source": "memo", "direction": "supports"},
    "verdicts": {"claim": "promise", "rating": "true", "in_force": "true"},
    "speakers": {"kind": "person"},
    "sources": {"kind": "report"},
}


@pytest.fixture
def world():
    return published_world()


def everything(client):
    """Every list, every list filtered, and every row in full."""
    answers = {}
    for resource in RESOURCES:
        path = f"/api/v1/{resource}/"
        answers[path] = client.get(path).json()
        assert answers[path]["results"], path
        for row in answers[path]["results"]:
            detail = row["api_url"].removeprefix("http://testserver")
            answers[detail] = client.get(detail).json()
        for name, value in FILTERS.get(resource, {}).items():
            answer = client.get(path, {name: value})
            assert answer.status_code == 200
            answers[f"{path}?{name}"] = answer.json()
    return answers


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_changes_no_answer(client, world, kind):
    before = everything(client)

    drafts(world)[kind]()

    assert everything(client) == before


@pytest.fixture
def some_drafts(world):
    """One draft of whatever has a slug, tied to what is public."""
    kinds = drafts(world)
    for kind in ("claim", "rebuttal"):
        kinds[kind]()
    factories.transcript(slug="draft-transcript", derived_from=world.memo, derivation="report")


def same(draft, nothing, status):
    assert draft.status_code == nothing.status_code == status
    assert draft.content == nothing.content


@pytest.mark.usefixtures("some_drafts")
@pytest.mark.parametrize(
    "path",
    "claims/draft-claim/ speakers/draft-speaker/ sources/draft-source/ sources/draft-transcript/ "
    "transcripts/draft-transcript/ topics/draft-topic/".split(),
)
def test_a_draft_answers_as_what_does_not_exist(client, path):
    resource = path.partition("/")[0]

    same(client.get(f"/api/v1/{path}"), client.get(f"/api/v1/{resource}/no-such-thing/"), 404)


@pytest.mark.usefixtures("some_drafts")
@pytest.mark.parametrize(
    "question",
    "claims/?claimant=draft-speaker claims/?rebutted_by=draft-speaker claims/?source=draft-source "
    "claims/?transcript=draft-transcript claims/?topic=draft-topic appearances/?claim=draft-claim "
    "appearances/?claimant=draft-speaker appearances/?source=draft-source "
    "rebuttals/?claim=draft-claim rebuttals/?speaker=draft-speaker rebuttals/?source=draft-source "
    "evidence/?claim=draft-claim evidence/?source=draft-source verdicts/?claim=draft-claim".split(),
)
def test_a_filter_by_a_draft_answers_as_by_what_does_not_exist(client, question):
    asked, _, slug = question.partition("=")
    draft = client.get(f"/api/v1/{asked}={slug}")

    same(draft, client.get(f"/api/v1/{asked}=no-such-thing"), 400)
    assert list(wrong(draft)) == [asked.partition("?")[2]]


def test_draft_annotations_have_no_address(client, world):
    rows = {
        "appearances": factories.AppearanceFactory(claim=world.claim),
        "rebuttals": factories.RebuttalFactory(claim=world.claim),
        "evidence": factories.EvidenceFactory(claim=world.claim),
        "verdicts": factories.VerdictFactory(claim=world.part),
    }

    for resource, row in rows.items():
        assert client.get(f"/api/v1/{resource}/{row.pk}/").status_code == 404


def test_a_draft_source_of_a_public_citation_reads_as_not_located(client, world):
    factories.CitationFactory(
        rebuttal=world.rebuttal, invoked="A letter", source=factories.SourceFactory(slug="draft")
    )

    citations = client.get("/api/v1/claims/promise/").json()["rebuttals"][0]["citations"]

    assert [(c["invoked"], c["source"] and c["source"]["slug"]) for c in citations] == [
        ("A memo", "memo"),
        ("An interview", None),
        ("A letter", None),
    ]
    assert client.get("/api/v1/claims/", {"source": "draft"}).status_code == 400


def test_a_draft_counterclaim_of_a_public_rebuttal_is_not_named(client, world):
    world.rebuttal.counterclaim = factories.ClaimFactory(slug="draft-claim")
    world.rebuttal.save()

    for path in ("/api/v1/rebuttals/", "/api/v1/claims/promise/"):
        answer = client.get(path)
        assert b"draft-claim" not in answer.content
    rebuttals = client.get("/api/v1/rebuttals/").json()["results"]
    assert [row["counterclaim"] for row in rebuttals] == [None]


def test_a_draft_under_a_public_source_is_not_named(client, world):
    draft = factories.SourceFactory(
        slug="secret-source", title="A secret", url="https://secret.example"
    )
    Source.objects.filter(slug="original").update(derived_from=draft, derivation="reprint")

    for path in ("sources/", "sources/original/", "transcripts/", "evidence/", "claims/promise/"):
        assert b"secret" not in client.get(f"/api/v1/{path}").content
    assert client.get("/api/v1/sources/original/").json()["derived_from"] is None


def test_a_retired_claim_leaves_the_lists_with_all_that_hangs_on_it(client, world):
    other = factories.published(factories.ClaimFactory(slug="other"))
    Claim.objects.filter(pk=world.claim.pk).update(duplicate_of=other)

    slugs = [row["slug"] for row in client.get("/api/v1/claims/").json()["results"]]
    assert sorted(slugs) == ["never", "other", "part"]
    for resource in ("appearances", "rebuttals", "evidence"):
        assert client.get(f"/api/v1/{resource}/").json()["results"] == []
    verdicts = client.get("/api/v1/verdicts/").json()["results"]
    assert [row["claim"]["slug"] for row in verdicts] == ["never"]
    assert client.get("/api/v1/claims/part/").json()["part_of"] is None


@pytest.mark.parametrize("published", [True, False])
def test_a_retired_claim_that_leads_to_a_draft_or_was_one_is_not_there(client, published):
    draft = factories.ClaimFactory(slug="draft")
    public = factories.published(factories.ClaimFactory(slug="public"))
    retired, successor = (public, draft) if published else (draft, public)
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=successor)

    assert client.get(f"/api/v1/claims/{retired.slug}/").status_code == 404


def test_nobody_at_the_desk_is_named(client, world):
    for answer in everything(client).values():
        assert "user-" not in str(answer)
        assert "author'" not in str(answer)
        assert "reviewer" not in str(answer)
