"""What the public pages say, in which order, and how they answer odd questions."""

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from sources.models import Passage, Snapshot
from tests.claims.knowledge_base import build
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SnapshotFactory,
    SourceFactory,
    SpeakerFactory,
    approved,
    editor,
    passage,
    published,
    researcher,
    transcript,
)

pytestmark = pytest.mark.django_db


def page(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, path
    return BeautifulSoup(response.content, "html.parser")


def text(element):
    return " ".join(element.get_text(" ").split())


# --- Every page -----------------------------------------------------------------------------------


def test_every_page_is_whole_and_has_nothing_inline(client, settings):
    settings.PUBLISHER_CONTACT = "desk@example.org"
    pages = build().pages
    titles = []
    for name in pages.keys() - {"verdict_feed", "correction_feed", "sitemap", "robots"}:
        soup = page(client, pages[name])
        titles.append(soup.title.text)
        assert soup.html["lang"] == "en-GB"
        assert len(soup.find_all("h1")) == 1, name
        assert soup.find("meta", {"name": "description"})["content"].strip(), name
        assert soup.find("main")["id"] == soup.find("a", class_="skip")["href"][1:]
        assert name == "search" or soup.find("link", rel="canonical")["href"].startswith(
            "http://testserver/"
        )
        assert not soup.find_all("style")
        assert not soup.find_all(style=True)
        assert {script["type"] for script in soup.find_all("script")} <= {"application/ld+json"}
        assert not [t for t in soup.find_all(True) if any(a.startswith("on") for a in t.attrs)]
        ids = [t["id"] for t in soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), name
        assert "desk@example.org" in text(soup.footer)
    assert len(set(titles)) == len(titles)


def test_every_link_within_the_site_leads_somewhere(client):
    pages = build().pages
    seen = set()
    for name in pages.keys() - {"verdict_feed", "correction_feed", "sitemap", "robots"}:
        soup = page(client, pages[name])
        for link in soup.find_all("a", href=True):
            path, _, fragment = link["href"].partition("#")
            if path.endswith(".atom"):
                assert client.get(path).status_code == 200
            elif path.startswith("/") and (path, fragment) not in seen:
                seen.add((path, fragment))
                target = page(client, path)
                assert not fragment or target.find(id=fragment), link["href"]
            elif not path:
                assert soup.find(id=fragment), (name, link["href"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/claims/no-such-claim/", 404),
        ("/claims/no-such-claim/history/", 404),
        ("/claims/no-such-claim/verdicts/1/", 404),
        ("/claims/main/verdicts/99/", 404),
        ("/speakers/nobody/", 404),
        ("/sources/nothing/", 404),
        ("/transcripts/nothing/", 404),
        ("/topics/nothing/", 404),
        ("/transcripts/speech/?edition=2", 404),
        ("/transcripts/speech/?edition=0", 404),
        ("/transcripts/speech/?edition=one", 400),
        ("/transcripts/speech/?edition=99999999999999999999", 400),
        ("/claims/?page=99", 404),
        ("/claims/?page=0", 404),
        ("/claims/?page=x", 400),
        ("/claims/?colour=red", 400),
        ("/claims/?rating=no-such-rating", 400),
        ("/claims/?q=a%00b", 400),
        ("/search/?q=a%00b", 400),
        (f"/search/?q={'a' * 201}", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_helpfully(client, path, status):
    build()
    soup = page(client, path, status)

    assert len(soup.find_all("h1")) == 1
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex"
    assert soup.main.find("a", href="/search/") or soup.main.find("form", action="/search/")
    if status == 400:
        assert f"“{path.partition('?')[2].partition('=')[0]}”" in text(soup.main)


def test_pages_are_read_and_not_written_to(client):
    for name in ("home", "claims", "speakers", "sources", "search", "corrections", "robots"):
        assert client.post(reverse(name)).status_code == 405


# --- A claim --------------------------------------------------------------------------------------


@pytest.fixture
def argument():
    """A claim made in a machine translation, answered there, with evidence on both sides."""
    original = SourceFactory(title="The speech as given", url="https://archive.example/original")
    snapshot = transcript(
        slug="speech",
        title="The speech",
        rendition="machine-translation",
        language="en",
        derived_from=original,
        derivation="translation",
    )
    claim = ClaimFactory(slug="promise", text="The Alliance promised not to grow.")
    AppearanceFactory(
        claim=claim,
        passage=passage(snapshot),
        claimant=SpeakerFactory(name="Moscow"),
        reported_by=SpeakerFactory(name="Secretary Doe"),
        manner="reported",
    )
    counterclaim = published(ClaimFactory(slug="never", text="The Alliance never promised it."))
    rebuttal = RebuttalFactory(
        claim=claim,
        counterclaim=counterclaim,
        passage=passage(snapshot, "The Alliance never promised that."),
        speaker=SpeakerFactory(name="Doe, J."),
    )
    CitationFactory(rebuttal=rebuttal, invoked="A remark of 1990", source=None)
    record = SourceFactory(title="A record", primacy="primary", date=dt.date(1990, 2, 9))
    report = SourceFactory(title="A report of it", derived_from=record, derivation="report")
    late = SourceFactory(title="A late find", date=dt.date(2023, 1, 1))
    for source, direction in ((record, "supports"), (report, "supports"), (late, "refutes")):
        EvidenceFactory(claim=claim, source=source, direction=direction)
    SearchFactory(claim=claim, place="The archive", outcome="Nothing was found there.")
    for position, (slug, rating) in enumerate([("a", "true"), ("b", "false")], start=1):
        part = ClaimFactory(slug=f"part-{slug}", part_of=claim, part_position=position)
        approved(claim=part, rating=RatingFactory(slug=rating))
    approved(
        claim=claim,
        rationale="It *was* said. <script>alert(1)</script> [x](javascript:alert(1))",
        author=researcher(username="anna", first_name="Anna", last_name="Reader"),
    )
    return claim


def test_claim_page_answers_in_the_readers_order(client, argument):
    soup = page(client, argument.get_absolute_url())

    assert text(soup.h1) == "The Alliance promised not to grow."
    assert [text(h) for h in soup.main.find_all("h2")] == [
        "What is claimed, and by whom",
        "What the desk found",
        "The claim in its parts",
        "What the rebuttal says",
        "Evidence for and against",
        "What was searched",
        "How the verdict came to be",
    ]
    assert [text(li.find(class_="rating")) for li in soup.select(".parts > li")] == [
        "True",
        "False",
    ]
    assert "Claimed by Moscow , as reported by Secretary Doe" in text(soup.select_one(".who"))
    assert "not located" in text(soup.select_one(".citations"))
    assert "A rebuttal is itself a claim, and is checked by the same standard." in text(soup)
    assert "Nothing was found there." in text(soup.select_one(".searches"))


def test_every_quotation_says_that_it_is_a_translation_and_leads_to_the_original(client, argument):
    quotations = page(client, argument.get_absolute_url()).select(".quotation")

    assert [text(q.blockquote) for q in quotations] == [
        "promised not to grow",
        "The Alliance never promised that.",
    ]
    for quotation in quotations:
        assert "As rendered in a machine translation; not the speaker’s own words." in text(
            quotation
        )
        assert quotation.find("a", href="https://archive.example/original")
        assert quotation.blockquote["lang"] == "en"
        place = quotation.find("a", string="Read it in its place")["href"]
        target = page(client, place.partition("#")[0]).find(id=place.partition("#")[2])
        assert text(target) == text(quotation.blockquote)


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


def test_rationale_is_markdown_without_any_script(client, argument):
    prose = page(client, argument.get_absolute_url()).select_one(".prose")

    assert prose.em.text == "was"
    assert not prose.find_all(["script", "a"])
    assert "<script>alert(1)</script>" in prose.text


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
    argument.verdict.withdraw(by=editor(), why="The record is forged.")
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


# --- Lists ----------------------------------------------------------------------------------------


def test_a_list_of_claims_is_filtered_and_keeps_its_question_from_page_to_page(client):
    for i in range(51):
        published(ClaimFactory(text=f"A promise, number {i}."))
    published(ClaimFactory(text="Something else."))

    soup = page(client, "/claims/?q=promise")
    assert text(soup.select_one(".count")) == "51 claims"
    assert len(soup.select(".rows > li")) == 50
    assert soup.find("input", id="by-q")["value"] == "promise"
    (following,) = soup.select("[rel=next]")
    assert len(page(client, "/claims/" + following["href"]).select(".rows > li")) == 1


def test_the_form_offers_what_there_is_and_remembers_what_was_chosen(client):
    base = build()
    soup = page(client, "/claims/?claimant=claimant&rating=&has_verdict=true&ordering=updated_at")

    def chosen(name):
        return [o["value"] for o in soup.find("select", {"name": name}).select("[selected]")]

    assert chosen("claimant") == ["claimant"]
    assert chosen("has_verdict") == ["true"]
    assert chosen("ordering") == ["updated_at"]
    offered = [o["value"] for o in soup.find("select", {"name": "topic"}).find_all("option")]
    assert base.topic.slug in offered
    assert text(page(client, "/claims/?q=xyzzy").main).endswith("Show all claims .")


def test_search_finds_claims_speakers_and_sources_and_is_no_dead_end(client):
    base = build()
    base.speaker.refresh_from_db()
    base.speaker.name = "Jane Recorder"
    base.speaker.save()
    soup = page(client, "/search/?q=record")

    assert [text(h) for h in soup.main.find_all("h2")] == [
        "Speakers",
        "Sources",
        "Or look by topic",
    ]
    nothing = page(client, "/search/?q=xyzzy")
    assert "Nothing published here" in text(nothing.main)
    assert nothing.main.find("a", href="/claims/")
    assert "Nothing published here" not in text(page(client, "/search/").main)


def test_search_shows_twenty_and_leads_to_the_rest(client):
    for i in range(21):
        published(ClaimFactory(text=f"A promise, number {i}."))
    soup = page(client, "/search/?q=promise+number")

    assert len(soup.select(".rows > li")) == 20
    rest = soup.find("a", string="All claims with these words")["href"]
    assert text(page(client, rest).select_one(".count")) == "21 claims"


def test_a_speaker_has_counts_and_no_average(client):
    base = build()
    soup = page(client, base.claimant.get_absolute_url())

    assert [text(li) for li in soup.select(".tally li")] == ["False 1"]
    assert "no sample" in text(soup.main)


def test_a_source_says_on_what_it_bears_and_in_which_direction(client, argument):
    report = argument.evidence.get(source__title="A report of it").source
    soup = page(client, report.get_absolute_url())

    assert "It is a report of A record" in text(soup.main)
    assert text(soup.select_one(".direction")) == "Supports the claim."
    origin = page(client, report.derived_from.get_absolute_url())
    assert origin.main.find("a", href=report.get_absolute_url())


def test_corrections_show_the_old_finding_beside_the_new_one(client, argument):
    approved(
        claim=argument,
        reason="error",
        note="A letter was overlooked.",
        headline="It was promised.",
        rating=RatingFactory(slug="true"),
    )
    (entry,) = page(client, "/corrections/").select(".corrections > li")

    assert [text(dt_) for dt_ in entry.find_all("dt")] == ["Before", "After", "What changed"]
    assert [text(r) for r in entry.select(".rating")] == ["False", "True"]
    assert "error corrected" in text(entry)
    assert "A letter was overlooked." in text(entry)


def test_methodology_counts_the_verdicts_in_force_at_each_step(client, argument):
    steps = {
        text(step.dt): text(step.select_one("dd .meta"))
        for step in page(client, "/methodology/").select(".scale > div")
    }

    assert steps == {
        "False": "2 verdicts in force",
        "True": "1 verdict in force",
        "Open: no verdict yet": "1 claim",
    }


# --- A transcript ---------------------------------------------------------------------------------


def test_a_transcript_shows_its_turns_and_marks_its_passages(client, argument):
    snapshot = Snapshot.objects.get(source__slug="speech")
    soup = page(client, "/transcripts/speech/")

    assert [turn["id"] for turn in soup.select(".turn")] == ["t1", "t2", "t3"]
    words = [p.get_text() for p in soup.select("#t1 .words")]
    assert [re.sub(r"\d+$", "", w.strip()) for w in words[1:]] == [
        "The Alliance never promised that."
    ]
    assert [mark["id"] for mark in soup.find_all("mark")] == [
        p.anchor for p in Passage.objects.filter(snapshot=snapshot)
    ]
    assert text(soup.select_one("#n1")) == (
        "1 Moscow claims, as reported by Secretary Doe The Alliance promised not to grow. False"
    )
    assert snapshot.sha256 in text(soup.main)


def test_an_older_edition_says_that_there_is_a_newer_one(client, argument):
    source = Snapshot.objects.get(source__slug="speech").source
    SnapshotFactory(source=source, edition=2, text="MR. ROE: The text, corrected.")

    assert "A newer one is held" in text(page(client, "/transcripts/speech/?edition=1").main)
    newest = page(client, "/transcripts/speech/")
    assert "Earlier editions of this text are held too" in text(newest.main)
    assert not newest.find_all("mark")


def test_words_outside_any_turn_are_shown_where_they_are_annotated(client):
    snapshot = transcript(slug="speech")
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(snapshot, "Remarks on the Alliance"))
    published(claim)

    assert text(page(client, "/transcripts/speech/").mark) == "Remarks on the Alliance"
