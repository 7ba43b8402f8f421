"""Speakers and topics: what they claimed, what was said in reply, what they answered, and how often."""

import datetime as dt

import pytest

from claims.views import speakers
from sources.models import SpeakerName
from tests.claims.knowledge_base import build
from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    RatingFactory,
    RebuttalFactory,
    SpeakerFactory,
    TopicFactory,
    approved,
    editor,
    passage,
    published,
    transcript,
)

pytestmark = pytest.mark.django_db


def counts(soup):
    """The numbers of the distribution as its picture has them, and as its table."""
    words = [text(t) for t in soup.select(".distribution svg text:not(.form)")]
    table = [(text(tr.th), text(tr.td)) for tr in soup.select(".distribution tbody tr")]
    assert list(zip(words[::2], words[1::2], strict=True)) == table
    return dict(table)


def test_a_speaker_has_counts_and_no_average(client):
    base = build()
    speaker, snapshot = base.claimant, base.snapshot
    unrated, retired = (ClaimFactory(text=f"An {word} claim.") for word in ("open", "other"))
    for claim in (unrated, retired):
        AppearanceFactory(
            claim=claim, claimant=speaker, passage=passage(snapshot, "Good afternoon")
        )
        published(claim)
    type(retired).objects.filter(pk=retired.pk).update(duplicate_of=base.claim)
    denied = published(ClaimFactory(text="A denied claim."))
    AppearanceFactory(
        claim=denied, claimant=speaker, manner="denied", passage=passage(snapshot, "Good")
    )
    published(denied)
    draft = ClaimFactory(text="A draft claim.")
    AppearanceFactory(claim=draft, claimant=speaker, passage=passage(snapshot, "Good"))

    soup = page(client, speaker.get_absolute_url())

    assert counts(soup) == {"True": "0", "False": "1", "Open: no verdict yet": "1"}
    assert "These are the 2 claims recorded here." in text(soup.main)
    assert "they say nothing about how truthful the speaker is" in text(soup.main)
    (row,) = [tr for tr in soup.select(".distribution tbody tr") if text(tr.th) == "False"]
    assert len(page(client, row.a["href"]).select(".rows > li")) == 1
    rows = {
        text(li.select_one(".row-title")): li
        for li in soup.select("[aria-labelledby=claimed] .row")
    }
    assert rows.keys() == {"An open claim.", "A denied claim.", "A counterclaim, number 0."}
    assert text(rows["A denied claim."].ul).startswith("Denied: ")


def test_who_a_speaker_is_and_what_the_speaker_is_printed_as(client):
    speaker = SpeakerFactory(kind="state", description="A country.", wikidata_id="Q159")
    for name in ("MOSCOW", "RUSSIA"):
        SpeakerName.objects.create(speaker=speaker, name=name)
    speaker.publish(by=editor())

    soup = page(client, speaker.get_absolute_url())

    assert [(text(div.dt), text(div.dd)) for div in soup.select(".facts > div")] == [
        ("Printed as", "MOSCOW · RUSSIA"),
        ("Wikidata", "Q159"),
    ]
    assert "State" in text(soup.select_one(".kicker"))
    assert text(soup.select_one(".lead")) == "A country."
    assert not soup.select(".picture")
    assert "No claim of this speaker is recorded." in text(soup.main)


def test_each_claim_says_in_what_manner_and_what_was_said_in_reply(client):
    speaker = SpeakerFactory(name="Moscow")
    reporter, other = SpeakerFactory(name="Doe"), SpeakerFactory(name="Roe")
    snapshot = transcript(slug="speech", title="The speech")
    claim = ClaimFactory(text="It was promised.")
    for manner, words, by in (
        ("asserted", "Good afternoon", None),
        ("reported", "promised not to grow", reporter),
        ("quoted", "Moscow claims", reporter),
        ("denied", "Did anybody ask", None),
    ):
        AppearanceFactory(
            claim=claim,
            claimant=speaker,
            manner=manner,
            reported_by=by,
            passage=passage(snapshot, words),
            said_on=dt.date(2021, 12, 1) if manner == "quoted" else None,
        )
    for n in range(5):
        RebuttalFactory(
            claim=claim,
            speaker=other,
            summary=f"Answer {n}.",
            passage=passage(snapshot, "The Alliance never promised that."[n:]),
        )
    approved(claim=claim, headline="It was not promised.")
    RebuttalFactory(claim=claim, speaker=other, passage=passage(snapshot, "Nobody did"))

    soup = page(client, speaker.get_absolute_url())
    (row,) = soup.select("[aria-labelledby=claimed] .row")

    assert [text(li) for li in row.select("li")] == [
        "Asserted by the speaker: The speech , 7 January 2022",
        "Claimed, as quoted by Doe: The speech , 1 December 2021",
        "Claimed, as reported by Doe: The speech , 7 January 2022",
        "Denied: The speech , 7 January 2022",
        *(f"Answered by Roe : Answer {n}. Read it in its place" for n in range(3)),
        "2 more answers",
    ]
    assert text(row.select_one(".row-finding")) == "It was not promised."
    # Three times claimed, and the verdict; what the speaker denies is no claim of the speaker's.
    assert len(soup.select(".event-claimed")) == 3
    assert len(soup.select(".event-verdict")) == 1
    answers = page(client, other.get_absolute_url())
    assert len(answers.select("[aria-labelledby=answered] .row")) == 1
    assert len(answers.select("[aria-labelledby=answered] .row-finding")) == 5
    assert sum(int(text(n)) for n in answers.select(".event-answered .n")) == 5


def test_a_speaker_with_many_passages_says_how_many_are_shown(client, monkeypatch):
    assert speakers.PAGE_SIZE == 50
    monkeypatch.setattr(speakers, "PAGE_SIZE", 4)
    base = build(5)
    for speaker, n_rows in ((base.claimant, "passages"), (base.speaker, "answers")):
        soup = page(client, speaker.get_absolute_url())
        assert text(soup.select_one(".count")) == f"The newest 4 of 5 {n_rows}."
        assert len(soup.select(".rows > li")) == 4
        (everything,) = [a for a in soup.main.find_all("a") if "as a list" in a.text]
        assert text(page(client, everything["href"]).select_one(".count")) == "5 claims"


def test_speakers_can_be_narrowed_down_and_ordered(client):
    base = build(2)
    for kind in ("state", "state", "group"):
        SpeakerFactory(kind=kind, name=f"A {kind}").publish(by=editor())
    SpeakerFactory(kind="state", name="XYZZY")

    soup = page(client, "/speakers/")
    offered = [text(a) for a in soup.select(".facets li a")]
    total = len(soup.select(".entries > li"))
    assert offered == [f"person {total - 3}", "state 2", "group 1"]
    states = page(client, soup.select(".facets li a")[1]["href"])
    assert [text(p) for p in states.select(".row-title")] == ["A state", "A state"]
    assert states.find("meta", {"name": "robots"})["content"] == "noindex, follow"
    (chosen,) = states.select(".facets [aria-current]")
    assert chosen["href"] == "/speakers/"
    most = page(client, "/speakers/?ordering=-n_claims")
    assert text(most.select_one(".row-title")) == base.claimant.name
    assert "2 claims made" in text(most.select_one(".entries > li"))
    answering = page(client, "/speakers/?kind=person&ordering=-n_answered")
    assert text(answering.select_one(".row-title")) == base.speaker.name
    assert text(page(client, "/speakers/?kind=organisation").main).endswith("Show all speakers")


@pytest.mark.parametrize("question", ["kind=cat", "kind=", "order=name", "ordering=age", "page=x"])
@pytest.mark.parametrize("path", ["/speakers/", "/sources/"])
def test_a_list_is_never_another_one_than_was_asked_for(client, path, question):
    name = question.partition("=")[0]

    assert f"“{name}”" in text(page(client, f"{path}?{question}", 400).main)


def test_a_topic_counts_its_claims_by_rating(client):
    topic = TopicFactory(slug="alliance", name="The Alliance", description="Of allies.")
    for slug in ("true", "false", "false"):
        claim = ClaimFactory()
        claim.topics.add(topic)
        approved(claim=claim, rating=RatingFactory(slug=slug))
    unrated, draft = ClaimFactory(), ClaimFactory(text="XYZZY")
    for claim in (unrated, draft):
        claim.topics.add(topic)
    published(unrated)

    soup = page(client, topic.get_absolute_url())
    assert counts(soup) == {"True": "1", "False": "2", "Open: no verdict yet": "1"}
    assert len(soup.select(".rows > li")) == 4
    (entry,) = page(client, "/topics/").select(".entries > li")
    assert text(entry) == "The Alliance Of allies. 4 claims · 1 still open"
    for row in soup.select(".distribution tbody tr"):
        assert len(page(client, row.a["href"]).select(".rows > li")) == int(text(row.td))
