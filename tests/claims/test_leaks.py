"""What is a draft shows nowhere: no page, feed or sitemap differs by it."""

import datetime as dt

import pytest
from django.urls import reverse

from claims.models import Claim
from sources.models import Turn
from tests.claims.knowledge_base import build, quote
from tests.claims.world import RESOURCES, desk_work
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    ExternalReviewFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    SpeakerFactory,
    TopicFactory,
    VerdictFactory,
    published,
    researcher,
    transcript,
)

pytestmark = pytest.mark.django_db


def contents(client, base):
    paths = [*base.pages.values(), *base.machines.values(), *base.downloads.values()]
    return {path: client.get(path).getvalue() for path in paths}


def add_drafts(base):
    """Beside everything public, its draft twin; each says XYZZY wherever readers could see it.

    Returns the addresses that only the drafts would have.
    """
    writer = researcher(first_name="XYZZY", last_name="XYZZY")
    speaker = SpeakerFactory(slug="xyzzy-speaker", name="XYZZY", description="XYZZY")
    topic = TopicFactory(slug="xyzzy-topic", name="XYZZY", description="XYZZY")
    source = SourceFactory(slug="xyzzy-source", title="A XYZZY", publisher="XYZZY", authors="a")
    SourceFactory(slug="xyzzy-copy", title="XYZZY", derived_from=base.source, derivation="reprint")
    snapshot = transcript(slug="xyzzy-transcript", title="A XYZZY")
    claim = ClaimFactory(slug="xyzzy-claim", text="A XYZZY.", context="XYZZY", part_of=base.claim)
    claim.topics.add(topic, base.topic)
    public = base.claim
    passage = quote(base.snapshot, 0)
    # Words that no public annotation marks: "Good afternoon." of the first turn.
    unmarked = type(passage).objects.quote(base.snapshot, "Good afternoon.")
    for on in (claim, public):
        for where in (passage, unmarked):
            for who in (speaker, base.claimant):
                AppearanceFactory(claim=on, passage=where, claimant=who)
            for who in (speaker, base.speaker):
                rebuttal = RebuttalFactory(
                    claim=on,
                    passage=where,
                    speaker=who,
                    summary="XYZZY",
                    counterclaim=claim if on is public else public,
                )
                CitationFactory(rebuttal=rebuttal, invoked="XYZZY", source=base.source)
            EvidenceFactory(
                claim=on,
                source=base.snapshot.source,
                passage=where,
                summary="XYZZY",
                locator=f"XYZZY {where.start}",
            )
        EvidenceFactory(claim=on, source=source, summary="XYZZY", locator="XYZZY")
        EvidenceFactory(claim=on, source=base.source, summary="XYZZY", locator="XYZZY")
        SearchFactory(claim=on, place="XYZZY", outcome="XYZZY")
        ExternalReviewFactory(claim=on, publisher_name="XYZZY", claim_reviewed="XYZZY")
    VerdictFactory(claim=claim, headline="XYZZY", rationale="XYZZY", author=writer)
    for draft_of, submit in ((public, False), (base.part, True)):
        reason = "error" if draft_of is public else "first"
        verdict = VerdictFactory(
            claim=draft_of,
            headline="XYZZY",
            rationale="XYZZY",
            note="XYZZY",
            author=writer,
            reason=reason,
        )
        if submit:
            verdict.submit(by=writer)
    # A turn that was resolved to a speaker who is still a draft.
    Turn.objects.filter(snapshot=base.snapshot).update(speaker=speaker)
    # A public rebuttal to which a citation of a draft source was added.
    rebuttal = public.rebuttals.filter(published_at__isnull=False).first()
    return [
        claim.get_absolute_url(),
        reverse("claim_history", args=[claim.slug]),
        reverse("verdict", args=[claim.slug, 1]),
        reverse("verdict", args=[public.slug, public.verdicts.count()]),
        reverse("verdict", args=[base.part.slug, 1]),
        reverse("claim_embed", args=[claim.slug]),
        reverse("claim_card", args=[claim.slug]),
        reverse("claim_csl", args=[claim.slug]),
        reverse("claim_bibtex", args=[claim.slug]),
        f"/oembed?url=http://testserver{claim.get_absolute_url()}",
        speaker.get_absolute_url(),
        reverse("speaker_feed", args=[speaker.slug]),
        reverse("topic_feed", args=[topic.slug]),
        source.get_absolute_url(),
        topic.get_absolute_url(),
        snapshot.source.get_absolute_url(),
        snapshot.source.get_transcript_url(),
        snapshot.get_absolute_url(),
        reverse("source_verify", args=[snapshot.source.slug]),
        *(
            reverse(name, args=[snapshot.source.slug, 1])
            for name in ("edition", *(f"edition_{what}" for what in "bytes text view warc".split()))
        ),
    ], rebuttal


def test_drafts_change_no_page_feed_or_sitemap(client):
    base = build()
    before = contents(client, base)

    addresses, _ = add_drafts(base)

    after = contents(client, base)
    for path in before:
        assert b"xyzzy" not in after[path].lower(), path
        assert after[path] == before[path], path
    answers = {address: client.get(address) for address in addresses}
    Claim.objects.filter(published_at=None).update(slug="renamed")
    for address, answer in answers.items():
        assert answer.status_code == 404, address
        if "xyzzy-claim" in address:  # to the letter what an address gets that never was
            assert client.get(address).content == answer.content, address


def test_the_work_of_the_desk_changes_no_page_feed_sitemap_or_answer(client):
    base = build()
    pages = base.pages | base.machines
    addresses = [*pages.values(), *(f"/api/v1/{name}/" for name in RESOURCES)]
    before = {path: client.get(path).content for path in addresses}

    desk_work(Claim.objects.get(pk=base.claim.pk))

    for path in addresses:
        assert client.get(path).content == before[path], path
    assert any(b"ClaimReview" in page for page in before.values())
    for slug in ("xyzzy-True", "xyzzy-False"):
        assert client.get(f"/claims/{slug}/").status_code == 404


def test_search_finds_no_draft(client):
    base = build()
    add_drafts(base)

    response = client.get("/search/?q=XYZZY")

    assert response.context["found"].total == 0
    assert (
        "xyzzy"
        not in response.content.decode()
        .replace('value="XYZZY"', "")
        .replace("?q=XYZZY", "")
        .replace("Search: XYZZY", "")
        .replace("/search/?q=XYZZY", "")
        .lower()
    )


def test_words_of_drafts_change_no_list_of_claims(client):
    base = build()
    paths = [
        f"{path}?q={words}"
        for path in ("/claims/", "/api/v1/claims/", "/v1alpha1/claims:search")
        for words in ("xyzzy", "claim -xyzzy", "main")
    ]
    paths = [path.replace("search?q", "search?query") for path in paths]
    before = {path: client.get(path).content for path in paths}
    assert len({len(answer) for answer in before.values()}) > 3

    add_drafts(base)

    assert {path: client.get(path).content for path in paths} == before


@pytest.mark.parametrize(
    "question", ["claimant=xyzzy-speaker", "topic=xyzzy-topic", "source=xyzzy-source"]
)
def test_a_filter_knows_no_draft(client, question):
    add_drafts(build())

    response = client.get(f"/claims/?{question}")

    assert response.status_code == 400
    assert f"“{question.partition('=')[0]}”" in response.content.decode()


def test_a_citation_of_a_draft_source_does_not_name_it(client):
    base = build()
    _, rebuttal = add_drafts(base)
    CitationFactory(rebuttal=rebuttal, invoked="A letter", source=None)
    # Past the rules of the models: the page itself tells nobody.
    rebuttal.citations.filter(invoked="A letter").update(
        source=SourceFactory(slug="unpublished", title="An unpublished record")
    )

    path = base.claim.get_absolute_url()
    html = client.get(path).content.decode()

    assert "A letter" in html
    rebuttal.citations.filter(invoked="A letter").update(source=None)
    assert client.get(path).content.decode() == html


def test_a_translation_of_a_draft_is_not_said_to_be_read_in_the_original_at_its_own_address(client):
    base = build()
    source = base.snapshot.source
    draft = SourceFactory(slug="unpublished", title="An unpublished record")
    type(source).objects.filter(pk=source.pk).update(
        rendition="machine-translation", derived_from=draft, derivation="translation"
    )

    for path in (base.claim.get_absolute_url(), source.get_transcript_url()):
        html = client.get(path).content.decode()
        assert "machine translation" in html
        assert "Read the original" not in html
    answer = client.get(f"/api/v1/sources/{source.slug}/").json()
    assert answer["rendition"]["original_url"] is None
    assert (answer["derived_from"], answer["derivation"]) == (None, None)


def test_a_part_of_a_draft_does_not_name_it(client):
    whole = ClaimFactory(slug="xyzzy-claim", text="XYZZY")
    part = published(ClaimFactory(part_of=whole))

    for path in (part.get_absolute_url(), "/claims/", "/sitemap.xml"):
        assert "xyzzy" not in client.get(path).content.decode().lower()


def test_a_draft_edition_date_is_no_matter(client):
    """A public claim's draft appearance on another day does not move when evidence became known."""
    claim = published(ClaimFactory())
    source = SourceFactory(date=dt.date(2022, 1, 27))
    EvidenceFactory(claim=claim, source=source)
    published(claim)
    AppearanceFactory(claim=claim, said_on=dt.date(2022, 1, 1))

    html = client.get(claim.get_absolute_url()).content.decode()

    assert "not known when the claim was made" not in html
