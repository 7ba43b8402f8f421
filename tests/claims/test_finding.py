"""The search page: what it finds, what it shows of it, and what it says where it finds less."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.finding import FEW, PAGE_SIZE, find
from sources.models import Passage, SpeakerName
from tests import factories
from tests.claims.knowledge_base import build, quote
from tests.claims.reading import page, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def published_things():
    """Of each kind something that says “harbour”, and something that does not."""
    speaker = factories.SpeakerFactory(slug="warden", name="The Warden", description="Of the port.")
    SpeakerName.objects.create(speaker=speaker, name="HARBOUR MASTER")
    original = factories.SourceFactory(url="https://archive.example/original")
    snapshot = factories.transcript(
        text="SECRETARY DOE: Good day.\n\nThe harbours were closed to ships.\n\nNobody objected.",
        slug="speech",
        title="A speech",
        rendition="machine-translation",
        derived_from=original,
        derivation="translation",
    )
    record = factories.SourceFactory(
        slug="record", title="Port records", publisher="Harbour Office"
    )
    claim = factories.ClaimFactory(
        slug="closed", text="Ships were kept out.", context="It concerns the northern harbour."
    )
    claim.topics.add(
        factories.TopicFactory(slug="trade", name="Trade", description="Harbour dues.")
    )
    place = Passage.objects.quote(snapshot, "The harbours were closed to ships.")
    factories.AppearanceFactory(claim=claim, passage=place, claimant=speaker)
    factories.EvidenceFactory(claim=claim, source=record)
    factories.approved(claim=claim, headline="All harbours were closed.")
    factories.published(factories.ClaimFactory(text="The weather was fine."))
    return claim


def results(soup):
    return {
        section.h2.get_text(): [text(li) for li in section.select(".rows > li, .entries > li")]
        for section in soup.main.select("section")
    }


def test_each_kind_of_thing_is_found_and_what_was_found_is_marked(client, published_things):
    soup = page(client, "/search/?q=harbour")

    assert results(soup) == {
        "Claims": [
            "False Ships were kept out. All harbours were closed. It concerns the northern harbour ."
            " Claimed by: The Warden ."
        ],
        "Passages": [
            "The harbours were closed to ships. SECRETARY DOE , A speech , 7 January 2022 ."
            " As rendered in a machine translation; not the speaker’s own words. Read the original"
            " From this text back to its origin: machine translation (English) ←"
            " original wording (English)"
            " The claim made, answered or weighed here: Ships were kept out."
        ],
        "Sources": ["Port records Report Harbour Office , 7 January 2022"],
        "Speakers": ["The Warden Of the port. Also printed as: HARBOUR MASTER"],
        "Topics": ["Trade Harbour dues."],
    }
    assert [text(mark) for mark in soup.select("mark.hit")] == [
        "harbours",
        "harbour",
        "harbours",
        "Harbour",
        "HARBOUR",
        "Harbour",
    ]
    (quotation,) = soup.select("blockquote a")
    assert quotation["href"].startswith("/transcripts/speech/")
    place = quotation["href"].partition("#")[2]
    assert page(client, quotation["href"]).find(id=place)
    assert soup.find("a", href="/claims/closed/")
    assert soup.find("a", string="Read the original")["href"] == "https://archive.example/original"
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex, follow"


def test_what_has_all_words_is_shown_and_nothing_else(client, published_things):
    assert results(page(client, "/search/?q=harbour+closed")).keys() == {"Claims", "Passages"}
    # The words may stand in different parts of what a thing says, or in the name of who says it.
    assert results(page(client, "/search/?q=ships+northern")).keys() == {"Claims"}
    assert results(page(client, "/search/?q=warden+ships")).keys() == {"Claims"}
    assert results(page(client, "/search/?q=doe+ships")).keys() == {"Passages"}


def test_where_nothing_has_all_words_what_has_most_is_shown_and_said_to(client, published_things):
    soup = page(client, "/search/?q=harbour+closed+lighthouse&spelling=as-typed")

    assert results(soup).keys() == {"Claims", "Passages"}
    assert "Nothing has all 3 words. These results have 2 of them." in text(soup.main)
    whole = page(client, "/search/?q=harbour+closed")
    assert "Nothing has all" not in text(whole.main)


def test_a_mistyped_word_is_replaced_by_the_nearest_and_can_be_insisted_on(
    client, published_things
):
    soup = page(client, "/search/?q=northern+harbuor")
    assert [text(p) for p in soup.select(".notice p")] == [
        "Nothing has “harbuor”. Showing results for “harbour”.",
        "Search for exactly what was typed",
    ]
    assert results(soup).keys() == {"Claims"}
    exactly = page(client, "/search/" + soup.select_one(".notice a")["href"])
    assert "Nothing has all 2 words. These results have 1 of them." in text(exactly.main)
    assert "Showing results for" not in text(exactly.main)
    assert exactly.find("input", id="q")["value"] == "northern harbuor"


def test_nothing_is_no_dead_end(client, published_things):
    for question in ("xyzzy", '"harbour closed"', "%3F%3F%3F"):
        soup = page(client, f"/search/?q={question}")
        assert "Nothing published here has any of these words" in text(soup.main)
        assert soup.main.find("a", href="/claims/closed/")
        assert soup.main.find("a", href="/topics/trade/")
        for path in ("/claims/", "/speakers/", "/sources/", "/topics/"):
            assert soup.main.find("a", href=path)
    blank = page(client, "/search/")
    assert "Nothing published" not in text(blank.main)
    assert blank.main.find("a", href="/topics/trade/")
    assert blank.title.get_text().startswith("Search ·")


def test_better_results_come_first():
    for slug, words in (
        ("short", "A harbour."),
        ("long", "A harbour is a place where ships of all nations may lie in safety."),
        ("aside", "Ships are built."),
    ):
        factories.published(factories.ClaimFactory(slug=slug, text=words, context="A harbour."))

    hits = find("harbour").hits["claims"]

    assert [hit.row.slug for hit in hits] == ["short", "long", "aside"]


def test_a_few_of_each_kind_and_a_page_of_one(client):
    for i in range(PAGE_SIZE + 3):
        claim = factories.ClaimFactory(text=f"The harbour, pier {i:02}.")
        claim.topics.add(factories.TopicFactory(name=f"Harbour {i:02}"))
        factories.published(claim)
    n = PAGE_SIZE + 3
    soup = page(client, "/search/?q=harbour&utm_source=elsewhere")

    assert {kind: len(rows) for kind, rows in results(soup).items()} == {
        "Claims": FEW,
        "Topics": FEW,
    }
    tabs = soup.select("nav[aria-label='Kinds of result'] li")
    assert [text(tab) for tab in tabs] == [f"All results {2 * n}", f"Claims {n}", f"Topics {n}"]
    assert text(soup.select_one("[aria-current=page]")) == "All results"
    seen = []
    for kind in ("Claims", "Topics"):
        soup = page(client, "/search/" + soup.find("a", string=f"{kind}: all {n}")["href"])
        assert results(soup).keys() == {kind}
        assert text(soup.main.select_one("[aria-current=page]")) == kind
        second = page(client, "/search/" + soup.select_one("[rel=next]")["href"])
        rows = results(soup)[kind] + results(second)[kind]
        assert len(set(rows)) == len(rows) == n
        seen.append(rows)
        soup = page(client, "/search/" + soup.find("a", string="All results")["href"])
    empty = page(client, "/search/?q=harbour&kind=passages")
    assert "No result is of this kind" in text(empty.main)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("q=harbour&kind=rumours", 400),
        ("q=harbour&kind=claims&page=x", 400),
        ("q=harbour&kind=claims&page=2", 404),
        ("q=harbour&kind=claims&page=0", 404),
        ("q=harbour%00closed", 200),
        ("q=%00&kind=claims", 200),
        (f"q={'a' * 3000}", 200),
        (f"q={'a+b+c+' * 500}", 200),
        (f"q={'+'.join(f'word{i}' for i in range(200))}", 200),
        ("q=%28%5B%5C%2A%3F%2B%7B%7D%5E%24%7C", 200),
        ("q=%27%22%3B--", 200),
        ("q=%ED%A0%80", 200),
        ("q=%25_%5C%5C", 200),
        ("q=harbour&q=closed", 200),
    ],
)
def test_whatever_is_typed(client, published_things, question, status):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/search/?{question}").status_code == status
    assert len(queries) <= 8


def test_a_long_question_says_that_it_was_cut(client, published_things):
    soup = page(client, f"/search/?q=harbour+{'+'.join(f'word{chr(97 + i)}' for i in range(20))}")

    assert "only its first 16 words were looked for" in text(soup.main)


def test_what_is_found_does_not_depend_on_case_or_script(client):
    factories.published(
        factories.ClaimFactory(slug="ru", language="ru", text="Обещание НАТО было дано.")
    )
    factories.published(
        factories.ClaimFactory(slug="uk", language="uk", text="Після об’єднання Їжака.")
    )

    for question, slug in (
        ("ОБЕЩАНИЕ", "ru"),
        ("обещаниями нато", "ru"),
        ("об'єднанню їжаки", "uk"),
    ):
        (hit,) = find(question).hits["claims"]
        assert hit.row.slug == slug
        assert any(piece.found for piece in hit.title)
    assert find("абещание").instead == {"абещание": "обещание"}


def test_who_denies_a_claim_does_not_make_it():
    denier = factories.SpeakerFactory(name="Ada Denier")
    claim = factories.ClaimFactory()
    factories.AppearanceFactory(claim=claim, claimant=denier, manner="denied")
    factories.published(claim)

    assert find("denier").counts == {
        "claims": 0,
        "passages": 0,
        "sources": 0,
        "speakers": 1,
        "topics": 0,
    }


def test_a_superseded_headline_is_no_longer_found():
    claim = factories.ClaimFactory()
    factories.approved(claim=claim, headline="The lighthouse was dark.")
    assert find("lighthouse").counts["claims"] == 1

    factories.approved(claim=claim, headline="It was lit.", reason="error", note="Wrong.")

    assert find("lighthouse").total == 0
    assert find("lit").counts["claims"] == 1


@pytest.mark.parametrize("n", [1, 12])
def test_at_most_eight_queries_whatever_is_found(client, n):
    """Search; words alike, search again; claims, verdicts; passages; the other kinds; who claims."""
    base = build(n)
    SpeakerName.objects.create(speaker=base.speaker, name="Sentence of a speech")
    base.topic.description = "A sentence of a speech."
    base.topic.save()
    base.source.title = "A sentence of the speech"
    base.source.save()
    for i in range(n):
        claim = factories.ClaimFactory(text=f"A sentence of the speech, number {i}.")
        factories.AppearanceFactory(claim=claim, passage=quote(base.snapshot, i))
        factories.approved(claim=claim)

    with CaptureQueriesContext(connection) as queries:
        response = client.get("/search/?q=sentense+speech")

    found = response.context["found"]
    assert found.instead == {"sentense": "sentence"}
    assert {kind: len(hits) for kind, hits in found.hits.items()} == {
        "claims": min(n + 2, FEW),  # two are made in the words of a passage
        "passages": min(n, FEW),
        "sources": 1,
        "speakers": 1,
        "topics": 1,
    }
    assert len(queries) == 8
    for kind, n_queries in (("claims", 6), ("passages", 5), ("speakers", 4)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/search/?q=sentense+speech&kind={kind}").status_code == 200
        assert len(queries) == n_queries, kind


def test_no_draft_is_found_counted_or_suggested(client, published_things):
    """A draft of each kind, and on the public claim a draft of each thing that hangs on it."""
    questions = ("secrets", "secrett", "harbour", "harbour+secrets", "closed")
    paths = [
        f"/search/?q={question}{kind}" for question in questions for kind in ("", "&kind=claims")
    ]
    before = {path: client.get(path).content for path in paths}
    words = "A secret of the harbour."

    draft = factories.ClaimFactory(slug="draft", text=words, context=words)
    draft.topics.add(factories.TopicFactory(name=words, description=words))
    speaker = factories.SpeakerFactory(name=words, description=words)
    SpeakerName.objects.create(speaker=speaker, name="SECRETS")
    source = factories.SourceFactory(title=words, authors=words, publisher=words)
    snapshot = factories.transcript(text=f"SECRETARY DOE: Good day.\n\n{words}\n\nAnother secret.")
    unquoted = Passage.objects.quote(snapshot, words)
    public = published_things.appearances.get().passage
    for claim in (draft, published_things):
        factories.AppearanceFactory(claim=claim, passage=unquoted, claimant=speaker)
        factories.RebuttalFactory(claim=claim, passage=unquoted, speaker=speaker)
        factories.EvidenceFactory(claim=claim, source=snapshot.source, passage=unquoted)
        factories.EvidenceFactory(claim=claim, source=source)
    for manner in ("asserted", "denied"):
        factories.AppearanceFactory(
            claim=published_things if manner == "asserted" else draft,
            passage=public,
            claimant=factories.SpeakerFactory(),
            manner=manner,
        )
    factories.RebuttalFactory(claim=draft, passage=public)
    factories.VerdictFactory(claim=draft, headline=words)
    factories.VerdictFactory(claim=published_things, headline=words, reason="error", note=words)

    for path in paths:
        assert client.get(path).content == before[path], path
