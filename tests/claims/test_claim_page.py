"""What the page of a claim says, and in which order."""

import re

import pytest

from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    SourceFactory,
    approved,
    passage,
    published,
    transcript,
    withdrawn,
)

pytestmark = pytest.mark.django_db


def test_claim_page_answers_in_the_readers_order(client, argument):
    soup = page(client, argument.get_absolute_url())

    assert text(soup.h1) == "The Alliance promised not to grow."
    assert [text(h) for h in soup.main.find_all("h2")] == [
        "What the desk found",
        "The claim in its parts",
        "Claim and rebuttal",
        "Why the desk finds so",
        "Evidence for and against",
        "What was searched for",
        "Where and when it was said",
        "What changed, and why",
        "Cite or share this page",
    ]
    assert [text(h) for h in soup.select(".exchange h3")] == [
        "What is claimed",
        "What the rebuttal says",
    ]
    assert [text(li.find(class_="rating")) for li in soup.select(".parts > li")] == [
        "True",
        "False",
    ]
    assert "Claimed by Moscow , as reported by Secretary Doe" in text(soup.select_one(".who"))
    assert "no source is linked" in text(soup.select_one(".citations"))
    assert "A rebuttal is itself a claim, and is checked by the same standard." in text(soup)
    assert "Nothing was found there." in text(soup.select_one(".searches"))


def test_every_quotation_says_that_it_is_a_translation_and_leads_to_the_original(client, argument):
    quotations = page(client, argument.get_absolute_url()).select(".quotation")

    assert [text(q.select_one(".exact")) for q in quotations] == [
        "promised not to grow",
        "The Alliance never promised that.",
    ]
    assert text(quotations[0].blockquote) == (
        "Good afternoon. Moscow claims that the Alliance promised not to grow ."
    )
    for quotation in quotations:
        assert "As rendered in a machine translation; not the speaker’s own words." in text(
            quotation
        )
        assert quotation.find("a", href="https://archive.example/original")
        assert quotation.blockquote["lang"] == "en"
        place = quotation.find("a", string="Read it in its place")["href"]
        target = page(client, place.partition("#")[0]).find(id=place.partition("#")[2])
        assert text(target) == text(quotation.select_one(".exact"))


@pytest.mark.parametrize(
    ("rendition", "words"),
    [
        ("original", "In the original wording."),
        ("human-translation", "As rendered in a translation; not the speaker’s own words."),
        ("unknown", "It is not known whether this is the original wording."),
    ],
)
def test_each_rendition_in_words(client, rendition, words):
    snapshot = transcript(rendition=rendition)
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(snapshot))
    published(claim)

    for path in (claim.get_absolute_url(), snapshot.get_absolute_url()):
        assert words in text(page(client, path).select_one(".rendition"))


def test_evidence_is_grouped_by_origin_and_says_what_was_known_only_later(client, argument):
    soup = page(client, argument.get_absolute_url())
    supports, refutes = soup.select(".sides > .side")

    assert "2 reports of one record count once: A record" in text(supports.select_one(".record"))
    assert [text(cite) for cite in supports.select(".evidence-source cite")] == [
        "A record",
        "A report of it",
    ]
    assert "not known when the claim was made" not in text(supports)
    assert "Public only since 1 January 2023 : not known when the claim was made." in text(refutes)


@pytest.mark.parametrize(
    ("made", "issued", "words"),
    [
        (("2022-01-01", "year"), ("2022-06-01", "day"), None),
        (("2022-01-01", "year"), ("2023-01-01", "day"), "Public only since 1 January 2023 :"),
        (("2022-06-15", "day"), ("2022-06-01", "month"), None),
        (("2022-05-31", "day"), ("2022-06-01", "month"), "Public only since June 2022 :"),
        (("2022-06-01", "month"), ("2022-06-30", "day"), None),
        (("2024-02-01", "month"), ("2024-02-29", "day"), None),
        (("2022-06-15", "day"), ("2022-12-31", "year"), None),
        (("2021-12-31", "day"), ("2022-12-31", "year"), "Public only since 2022 :"),
    ],
)
def test_what_was_known_only_later_is_said_as_far_as_the_dates_tell(client, made, issued, words):
    claim = ClaimFactory()
    snapshot = transcript(date=made[0], date_precision=made[1])
    AppearanceFactory(claim=claim, passage=passage(snapshot))
    EvidenceFactory(claim=claim, source=SourceFactory(date=issued[0], date_precision=issued[1]))
    published(claim)

    note = page(client, claim.get_absolute_url()).select_one(".evidence .later")

    assert text(note).startswith(words) if words else note is None, note


def test_a_denial_does_not_tell_when_the_claim_was_made(client):
    claim = ClaimFactory()
    denial = transcript(date="1990-01-01")
    AppearanceFactory(claim=claim, passage=passage(denial), manner="denied")
    AppearanceFactory(claim=claim)
    EvidenceFactory(claim=claim, source=SourceFactory(date="2000-01-01"))
    published(claim)

    assert "not known when" not in text(page(client, claim.get_absolute_url()))


def test_rationale_is_markdown_without_any_script(client, argument):
    prose = page(client, argument.get_absolute_url()).select_one(".prose")

    assert prose.em.text == "was"
    assert not prose.find_all(["script", "a"])
    assert "<script>alert(1)</script>" in prose.text


def test_headings_in_a_rationale_stand_below_those_of_the_page(client):
    claim = approved(rationale="# One\n\n> A *quotation*.\n\n#### Two").claim
    prose = page(client, claim.get_absolute_url()).select_one(".prose")

    assert [heading.name for heading in prose.find_all(["h1", "h2", "h3", "h4"])] == ["h3", "h3"]
    assert text(prose.blockquote) == "A quotation ."


def test_people_are_named_as_they_wish_and_never_by_user_name(client, argument):
    soup = page(client, argument.get_absolute_url())

    assert "Written by Anna Reader, reviewed by a second person." in text(soup)
    assert not re.search(r"user-\d|anna\b", text(soup))


def test_a_counterclaim_names_the_claim_that_it_answers(client, argument):
    soup = page(client, "/claims/never/")

    answered = soup.find("a", href=argument.get_absolute_url()).parent
    assert "Doe, J. made it in answer to the claim" in text(answered)
    assert "False" in text(answered)


def test_an_open_claim_says_so_and_carries_no_review(client):
    soup = page(client, published().get_absolute_url())

    assert text(soup.select_one(".finding .rating")) == "Open: no verdict yet"
    assert soup.find("script", type="application/ld+json") is None


def test_a_rated_claim_carries_one_review(client, argument):
    soup = page(client, argument.get_absolute_url())
    (script,) = soup.find_all("script", type="application/ld+json")

    assert '"ClaimReview"' in script.string


def test_a_withdrawn_verdict_leaves_the_claim_open_and_says_why(client, argument):
    withdrawn(argument.verdict, why="The record is forged.")
    soup = page(client, argument.get_absolute_url())

    finding = text(soup.select_one(".finding"))
    assert "Open: no verdict yet" in finding
    assert "Why: The record is forged." in finding
    assert "The record is forged." in text(page(client, "/claims/promise/verdicts/1/").main)
    assert "The record is forged." in text(page(client, "/corrections/").main)


def test_a_superseded_verdict_leads_to_the_newest(client, argument):
    approved(claim=argument, reason="scope", note="Narrower.", headline="Narrower it holds.")
    soup = page(client, "/claims/promise/verdicts/1/")

    assert soup.select_one(".notice").find("a", href="/claims/promise/verdicts/2/")
    assert "This verdict is in force." in text(page(client, "/claims/promise/verdicts/2/").main)


def test_a_claim_reworded_since_its_verdict_shows_what_was_judged(client, argument):
    argument.refresh_from_db()
    argument.text = "The Alliance gave a promise not to grow."
    argument.save()

    finding = text(page(client, argument.get_absolute_url()).select_one(".finding"))
    assert "The claim as it was judged: The Alliance promised not to grow." in finding


def test_a_retired_claim_leads_to_the_one_that_it_duplicates(client, argument):
    retired = published(ClaimFactory(slug="old"))
    approved(claim=retired)
    retired.duplicate_of = argument
    retired.save()

    for path in ("/claims/old/", "/claims/old/history/", "/claims/old/verdicts/1/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, "/claims/promise/"), path
