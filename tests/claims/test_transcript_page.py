"""A transcript: its turns, its marks, its editions."""

from urllib.parse import parse_qs, quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim
from sources.models import Alignment, Passage, Snapshot, Source, Turn
from tests.claims.reading import page, text
from tests.factories import (
    TRANSCRIPT,
    AppearanceFactory,
    ClaimFactory,
    RatingFactory,
    RebuttalFactory,
    SnapshotFactory,
    SpeakerFactory,
    approved,
    editor,
    passage,
    published,
    transcript,
)

pytestmark = pytest.mark.django_db


def test_a_transcript_shows_its_turns_and_marks_its_passages(client, argument):
    snapshot = Snapshot.objects.get(source__slug="speech")
    soup = page(client, "/transcripts/speech/")

    assert [turn["id"] for turn in soup.select(".turn")] == ["t1", "t2", "t3"]
    assert [text(p) for p in soup.select("#t1 .words")] == [
        "Good afternoon. Moscow claims that the Alliance promised not to grow .",
        "The Alliance never promised that.",
    ]
    assert [mark["id"] for mark in soup.find_all("mark")] == [
        p.anchor for p in Passage.objects.filter(snapshot=snapshot)
    ]
    assert text(soup.select_one("#n1")) == (
        "1 Moscow claims, as reported by Secretary Doe The Alliance promised not to grow. False "
        "Link to these words"
    )
    assert snapshot.sha256 in text(soup.main)


def test_an_older_edition_says_that_there_is_a_newer_one(client, argument):
    source = Snapshot.objects.get(source__slug="speech").source
    second = SnapshotFactory(source=source, edition=2, text="MR. ROE: The text, corrected.")
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(second, "corrected"))

    # The desk's alone until something on it is public.
    assert "A newer one is held" not in text(page(client, "/transcripts/speech/").main)
    assert client.get("/transcripts/speech/?edition=2").status_code == 404
    published(claim)
    assert "A newer one is held" in text(page(client, "/transcripts/speech/?edition=1").main)
    newest = page(client, "/transcripts/speech/")
    assert "Earlier editions of this text are held too" in text(newest.main)
    assert [text(mark) for mark in newest.find_all("mark")] == ["corrected"]


def test_words_outside_any_turn_are_shown_where_they_are_annotated(client):
    snapshot = transcript(slug="speech")
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(snapshot, "Remarks on the Alliance"))
    published(claim)

    assert text(page(client, "/transcripts/speech/").mark) == "Remarks on the Alliance"


# --- Links to a turn, to a passage, and back ---


def test_from_the_mark_to_its_note_to_the_mark(client, argument):
    soup = page(client, "/transcripts/speech/")
    for mark, marker in zip(soup.find_all("mark"), soup.select(".marker"), strict=True):
        note = soup.find(id=marker["href"].removeprefix("#"))
        assert note.select_one(".note-number a")["href"] == f"#{mark['id']}"
        assert note.find("a", href="/claims/promise/")
        # The number is no text of the words: it would stand in the way of who searches or copies them.
        assert marker.get_text() == ""
        assert marker["aria-label"] == f"Note {marker['data-number']}"


def test_a_passage_is_linked_to_by_edition_place_and_words(client, argument):
    soup = page(client, "/transcripts/speech/")
    ours = Passage.objects.get(exact="The Alliance never promised that.")
    note = soup.find("a", href=f"#{ours.anchor}", attrs={"aria-label": True}).find_parent(
        class_="note-card"
    )
    link = note.find("a", string="Link to these words")["href"]

    assert link == f"?edition=1#{ours.anchor}:~:text={quote(ours.exact)}"
    address, _, fragment = link.partition("#")
    landed = page(client, f"/transcripts/speech/{address}")
    assert text(landed.find(id=fragment.partition(":~:")[0])) == ours.exact


def test_words_that_are_also_the_text_of_a_claim_are_linked_to_by_their_place_alone(client):
    snapshot = transcript(slug="speech")
    claim = ClaimFactory(text="The Alliance never promised that.")
    words = passage(snapshot, "The Alliance never promised that.")
    AppearanceFactory(claim=claim, passage=words)
    published(claim)

    link = page(client, "/transcripts/speech/").find("a", string="Link to these words")
    assert link["href"] == f"?edition=1#{words.anchor}"


def test_each_turn_has_a_link_to_itself(client, argument):
    soup = page(client, "/transcripts/speech/")
    for turn in soup.select(".turn"):
        link = turn.select_one("a.permalink")
        assert (link["href"], text(link)) == (f"?edition=1#{turn['id']}", f"turn {turn['id'][1:]}")


# --- The strip, and the passages in order ---


def test_the_strip_and_the_list_lead_to_every_passage(client, argument):
    soup = page(client, "/transcripts/speech/")
    marks = [f"#{mark['id']}" for mark in soup.find_all("mark")]

    ticks = soup.select(".strip svg a")
    assert [tick["href"] for tick in ticks] == marks
    assert [text(tick.title) for tick in ticks] == [
        "Passage 1, SECRETARY DOE: False",
        "Passage 2, SECRETARY DOE: False",
    ]
    rows = soup.select(".in-order li")
    assert [(row["value"], row.a["href"]) for row in rows] == [("1", marks[0]), ("2", marks[1])]
    assert text(rows[0]) == "SECRETARY DOE, turn 1 The Alliance promised not to grow. False"
    assert len(soup.select(".strip rect")) == 3


# --- Filters ---


@pytest.fixture
def debate():
    """Four passages: of Doe (a Speaker) one rated and one open, of the questioner one rated and one both."""
    snapshot = transcript(
        slug="debate",
        text="SECRETARY DOE: Good afternoon to everybody who has come here early this morning. First point."
        "\n\nQUESTION: Is there any news from the talks of last week? Second point. Third point."
        "\n\nSECRETARY DOE: Fourth point, and nothing else that anybody in this room would want to hear."
        "\n\nMR. ROE: Thank you.",
    )
    doe = SpeakerFactory(slug="doe", name="Jane Doe")
    published_by = editor()
    doe.publish(by=published_by)
    Turn.objects.filter(label="SECRETARY DOE").update(speaker=doe)
    rated = {
        "First point": ["false"],
        "Second point": ["true"],
        "Third point": ["false", None],
        "Fourth point": [None],
    }
    for words, ratings in rated.items():
        for number, rating in enumerate(ratings):
            claim = ClaimFactory(text=f"{words} is made, claim {number}.")
            AppearanceFactory(claim=claim, passage=passage(snapshot, words))
            published(claim)
            if rating:
                approved(claim=claim, rating=RatingFactory(slug=rating, position=rating == "true"))
    return snapshot


def marked(soup):
    return {
        marker["data-number"]: text(mark)
        for mark, marker in zip(soup.find_all("mark"), soup.select(".marker"), strict=True)
    }


ALL = {"1": "First point", "2": "Second point", "3": "Third point", "4": "Fourth point"}


@pytest.mark.parametrize(
    ("question", "numbers", "folded"),
    [
        ("", "1234", ""),
        ("?speaker=doe", "14", "2"),
        ("?label=QUESTION", "23", "13"),
        ("?rating=false", "13", "3"),
        ("?rating=open", "34", "1"),
        ("?speaker=doe&rating=open", "4", "12"),
        ("?speaker=doe&rating=true", "", "123"),
        ("?label=MR.+ROE", "", "123"),
    ],
)
def test_passages_by_speaker_and_by_rating(client, debate, question, numbers, folded):
    soup = page(client, f"/transcripts/debate/{question}")

    assert marked(soup) == {number: ALL[number] for number in numbers}
    assert [note["id"] for note in soup.select(".note-card")] == [f"n{n}" for n in numbers]
    assert [tick["href"] for tick in soup.select(".strip a[href^='#p']")] == [
        f"#{mark['id']}" for mark in soup.find_all("mark")
    ]
    assert [turn["id"] for turn in soup.select(".turn:has(details)")] == [f"t{n}" for n in folded]
    # The words stay, folded or not, and what fits into a line is not folded.
    assert [" ".join(p.get_text().split()) for p in soup.select("#t4 .words")] == ["Thank you."]
    assert "Is there any news from the talks" in text(soup.select_one("#t2 .words"))
    told = [text(p) for p in soup.select(".notice")]
    assert told == (
        [
            f"{len(numbers)} of 4 passages shown. The other turns are folded: open one to read it. "
            "Show all passages"
        ]
        if question
        else []
    )


def choices(soup):
    return {
        text(link).rpartition(" ")[0]: (
            int(text(link).rpartition(" ")[2]),
            link["href"],
            link.get("rel"),
        )
        for link in soup.select(".filters li a")
    }


def test_what_can_be_chosen_says_how_much_it_leaves(client, debate):
    path = "/transcripts/debate/"
    assert choices(page(client, path)) == {
        "Jane Doe": (2, f"{path}?speaker=doe", None),
        "QUESTION (as printed)": (2, f"{path}?label=QUESTION", None),
        "MR. ROE (as printed)": (0, f"{path}?label=MR.+ROE", None),
        "False": (2, f"{path}?rating=false", None),
        "True": (1, f"{path}?rating=true", None),
        "Open: no verdict yet": (2, f"{path}?rating=open", None),
    }
    soup = page(client, f"{path}?speaker=doe&edition=1")
    assert choices(soup) == {
        "Jane Doe": (2, f"{path}?edition=1", None),
        "QUESTION (as printed)": (2, f"{path}?edition=1&label=QUESTION", None),
        "MR. ROE (as printed)": (0, f"{path}?edition=1&label=MR.+ROE", None),
        "False": (1, f"{path}?edition=1&speaker=doe&rating=false", ["nofollow"]),
        "True": (0, f"{path}?edition=1&speaker=doe&rating=true", ["nofollow"]),
        "Open: no verdict yet": (1, f"{path}?edition=1&speaker=doe&rating=open", ["nofollow"]),
    }
    assert [text(link) for link in soup.select(".filters [aria-current]")] == ["Jane Doe 2"]
    assert soup.find("a", string="Show all passages")["href"] == f"{path}?edition=1"


def test_each_choice_leaves_as_many_as_it_says(client, debate):
    seen, to_see = set(), ["/transcripts/debate/"]
    while to_see:
        address = to_see.pop()
        if address in seen:
            continue
        seen.add(address)
        for count, link, _ in choices(page(client, address)).values():
            if len(parse_qs(link.partition("?")[2])) > len(parse_qs(address.partition("?")[2])):
                assert len(page(client, link).find_all("mark")) == count, link
            to_see.append(link)
    assert len(seen) == 16, "three who speak, three ratings, each with each, and none"


def test_a_filtered_page_is_no_page_of_its_own(client, debate):
    plain = page(client, "/transcripts/debate/")
    for question in ("?speaker=doe", "?rating=open", "?label=QUESTION&edition=1"):
        soup = page(client, f"/transcripts/debate/{question}")
        assert soup.find("link", rel="canonical") == plain.find("link", rel="canonical")
        assert soup.find("meta", attrs={"name": "robots"})["content"] == "noindex, follow"
        assert soup.find("link", hreflang=True) is None
    assert plain.find("meta", attrs={"name": "robots"}) is None
    assert len(plain.find_all("link", hreflang=True)) >= 4


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("?speaker=nobody", "speaker"),
        ("?speaker=draft", "speaker"),
        ("?speaker=", "speaker"),
        ("?speaker=doe&speaker=doe", "speaker"),
        ("?rating=purple", "rating"),
        ("?label=NOBODY", "label"),
        ("?label=SECRETARY+DOE", "label"),
        ("?label=a%00b", "label"),
        ("?beside=nothing", "beside"),
        ("?beside=debate", "beside"),
        ("?beside=a%00b", "beside"),
        ("?colour=red", "colour"),
    ],
)
def test_what_a_transcript_cannot_be_asked_is_refused(client, debate, question, name):
    SpeakerFactory(slug="draft")
    assert f"“{name}”" in text(page(client, f"/transcripts/debate/{question}", 400).main)


def test_a_speaker_who_is_a_draft_is_a_label(client, debate):
    draft = SpeakerFactory(slug="roe", name="Richard Roe")
    before = client.get("/transcripts/debate/").content
    Turn.objects.filter(label="MR. ROE").update(speaker=draft)

    assert client.get("/transcripts/debate/").content == before
    assert client.get("/transcripts/debate/?speaker=roe").status_code == 400
    assert client.get("/transcripts/debate/?label=MR.+ROE").status_code == 200


# --- Renditions ---


def rendition(slug, text, **source):
    """A public text of the same speech, of which the last words are annotated."""
    snapshot = transcript(text=text, slug=slug, **source)
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(snapshot, text.split()[-1]))
    published(claim)
    return snapshot


GERMAN = """Rede

SECRETARY DOE: Guten Tag, meine Damen, meine Herren. Moskau sagt, das Bündnis habe versprochen, so zu bleiben.

QUESTION: Hat jemand gefragt?

SECRETARY DOE: Niemand, soweit ich weiß.
"""


@pytest.fixture
def renditions():
    """The English original, and a German translation of it."""
    original = rendition(
        "original", TRANSCRIPT, title="The speech", url="https://archive.example/o"
    )
    german = rendition(
        "german",
        GERMAN,
        title="Die Rede",
        language="de",
        rendition="human-translation",
        derived_from=original.source,
        derivation="translation",
    )
    return original, german


def test_the_other_texts_of_a_speech_are_offered(client, renditions):
    soup = page(client, "/transcripts/german/")
    assert [text(row) for row in soup.select(".renditions li")] == [
        "This text: human translation, German",
        "The speech : original wording, English. Show both side by side",
    ]
    assert soup.select_one(".renditions li a")["href"] == "/transcripts/original/"
    assert soup.find("a", string="Show both side by side")["href"] == "?beside=original"
    soup = page(client, "/transcripts/original/")
    assert [text(row) for row in soup.select(".renditions li")] == [
        "This text: original wording, English",
        "Die Rede : human translation, German. Show both side by side",
    ]


def test_of_an_original_that_is_not_held_it_is_said_where_it_is_read(client, argument):
    soup = page(client, "/transcripts/speech/")
    assert [text(row) for row in soup.select(".renditions li")] == [
        "This text: machine translation, English",
        "The speech as given : original wording, English. The text is not held here. "
        "Read it where it was published",
    ]
    assert soup.find("a", string="Read it where it was published")["href"] == (
        "https://archive.example/original"
    )


def columns(soup):
    return [
        tuple(
            [[text(p) for p in turn.select(".words")] for turn in column.select(".turn")]
            for column in row.find_all("div", recursive=False)
        )
        for row in soup.select(".columns:not(.column-heads)")
    ]


def test_as_many_turns_stand_side_by_side_by_their_number(client, renditions):
    soup = page(client, "/transcripts/german/?beside=original")
    left, right = zip(*columns(soup), strict=True)

    assert left[1:] == (
        [["Hat jemand gefragt?"]],
        [["Niemand, soweit ich weiß."]],
    )
    assert right[1:] == ([["Did anybody ask?"]], [["Nobody did, as far as I know."]])
    assert (
        "Both texts have 3 turns. Each stands beside the one with the same number, and the same"
        in (text(soup.select_one(".turns .notice")))
    )
    for row in soup.select(".columns:not(.column-heads)"):
        assert [
            {words["lang"] for words in column.select(".words")}
            for column in row.find_all("div", recursive=False)
        ] == [{"de"}, {"en"}]
    assert [text(head.select_one(".rendition")) for head in soup.select(".column-heads > div")] == [
        "As rendered in a translation; not the speaker’s own words. Read the original",
        "In the original wording. Where it was published",
    ]
    # The passages are those of the text that the page is about, and each id stands once.
    assert [text(mark) for mark in soup.find_all("mark")] == ["weiß."]
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert soup.find("link", rel="canonical")["href"].endswith("/transcripts/german/")
    assert soup.find("meta", attrs={"name": "robots"})["content"] == "noindex, follow"
    assert soup.find("a", string="Show this text alone")["href"] == "/transcripts/german/"


def test_texts_with_fewer_turns_are_aligned_by_order_speaker_and_length(client, renditions):
    original = renditions[0].source
    rendition(
        "short",
        "SECRETARY DOE: Bonjour. Moscou affirme que l’Alliance a promis de ne pas s’étendre. Elle n’a jamais "
        "promis cela.\n\nSECRETARY DOE: Personne, que je sache.",
        language="fr",
        rendition="human-translation",
        derived_from=original,
        derivation="translation",
    )
    soup = page(client, "/transcripts/short/?beside=original")

    assert [(len(left), len(right)) for left, right in columns(soup)] == [(1, 1), (0, 1), (1, 1)]
    told = text(soup.select_one(".turns .notice"))
    assert told.startswith(
        "This text has 2 turns and the other one 3. Which turns stand beside each other is computed, from "
        "their order, their speakers and their length. Passages are"
    )


def test_what_the_desk_says_of_turns_is_shown_and_said(client, renditions):
    original, german = renditions
    by, (first, second, _) = editor(), original.turns.order_by("position")
    Alignment.objects.fix(first, german.turns.get(position=2), by=by)
    Alignment.objects.fix(second, None, other=german, by=by)

    soup = page(client, "/transcripts/german/?beside=original")
    assert [(len(left), len(right)) for left, right in columns(soup)][:2] == [(1, 0), (1, 1)]
    assert "At 2 places the desk has said it." in text(soup.select_one(".turns .notice"))
    # The other way round, the same.
    other = page(client, "/transcripts/original/?beside=german")
    assert [(len(left), len(right)) for left, right in columns(other)][:2] == [(0, 1), (1, 1)]
    # What is said in regard to another edition is another matter.
    assert "the desk has said it" not in client.get("/transcripts/german/").content.decode()


def test_turn_and_note_lead_to_what_stands_beside_them_and_back(client, renditions):
    soup = page(client, "/transcripts/german/?beside=original")
    (link,) = [a for a in soup.select("#t3 .turn-head a") if text(a) == "beside turn 3"]
    opposite = soup.find(id=link["href"].removeprefix("#")).find_parent("article")
    assert opposite.find("a", string="beside turn 3")["href"] == "#t3"
    (note,) = soup.select(".note-card")
    assert note.find("a", string="In the other text: turn 3")["href"] == link["href"]
    alone = client.get("/transcripts/german/").content.decode()
    assert "beside turn" not in alone
    assert "In the other text" not in alone


def test_texts_that_name_other_speakers_say_so(client, renditions):
    doe, roe = SpeakerFactory(), SpeakerFactory()
    for speaker in (doe, roe):
        speaker.publish(by=editor())
    original, german = renditions
    original.turns.filter(label="SECRETARY DOE").update(speaker=doe)
    german.turns.filter(label="SECRETARY DOE").update(speaker=roe)

    soup = page(client, "/transcripts/german/?beside=original")
    assert "although the texts do not name the same speakers throughout" in (
        text(soup.select_one(".turns .notice"))
    )


def test_a_text_without_turns_stands_beside_whole(client, renditions):
    bare = SnapshotFactory(
        text="Nobody did.", source__derived_from=renditions[0].source, source__derivation="excerpt"
    )
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(bare, "Nobody"))
    published(claim)

    soup = page(client, f"/transcripts/german/?beside={bare.source.slug}")
    assert [(len(left), right) for left, right in columns(soup)] == [(3, [["Nobody did."]])]


def test_filters_fold_both_columns(client, renditions):
    soup = page(client, "/transcripts/german/?beside=original&rating=open")
    folded = [
        [len(column.select("details")) for column in row.find_all("div", recursive=False)]
        for row in soup.select(".columns:not(.column-heads)")
    ]
    # The first turn is long in both texts, the second fits into a line, the third has the passage.
    assert folded == [[1, 1], [0, 0], [0, 0]]


def test_a_text_that_is_a_draft_is_neither_offered_nor_shown(client, renditions):
    original, german = renditions
    before = client.get("/transcripts/original/").content
    beside = client.get("/transcripts/original/?beside=german").content
    translated = {"derived_from": original.source, "derivation": "translation"}
    # A draft; one that only a draft annotates; one derived from it through a draft; another edition.
    draft = transcript(slug="xyzzy-draft", title="XYZZY", **translated)
    AppearanceFactory(passage=passage(draft))
    unannotated = transcript(slug="xyzzy-unannotated", title="XYZZY", **translated)
    unannotated.source.publish(by=editor())
    AppearanceFactory(claim=Claim.objects.first(), passage=passage(unannotated))
    through = rendition("xyzzy-through", TRANSCRIPT, title="XYZZY")
    Source.objects.filter(pk=through.source_id).update(
        derived_from=draft.source, derivation="translation"
    )
    edition = SnapshotFactory(source=german.source, edition=2, text="XYZZY, corrected.")
    AppearanceFactory(passage=passage(edition, "corrected"))

    assert client.get("/transcripts/original/").content == before
    assert client.get("/transcripts/original/?beside=german").content == beside
    assert b"XYZZY" not in before + beside
    for slug in ("xyzzy-draft", "xyzzy-unannotated", "xyzzy-through"):
        answer = client.get(f"/transcripts/original/?beside={slug}")
        assert answer.status_code == 400
        assert "There is no such rendition of this text." in answer.content.decode()


# --- How much ---


def long_transcript(slug, n, **source):
    """`n` turns, and in each two passages, with two claims on the first."""
    words = "\n\n".join(
        f"{'QUESTION' if i % 2 else 'MR. ROE'}: Point {i} is made here. Remark {i} follows it."
        for i in range(n)
    )
    snapshot = transcript(slug=slug, text=words, **source)
    by = editor()
    for i in range(n):
        point = passage(snapshot, f"Point {i} is made")
        approved(claim=(claim := ClaimFactory()))
        AppearanceFactory(claim=claim, passage=point)
        RebuttalFactory(claim=claim, passage=passage(snapshot, f"Remark {i} follows"))
        other = ClaimFactory()
        AppearanceFactory(claim=other, passage=point)
        for row in (claim, other):
            published(row, by=by)
    return snapshot


@pytest.mark.parametrize("n", [1, 12])
def test_queries_do_not_grow_with_the_text(client, n):
    first = long_transcript("first", n)
    for i in range(n):
        text_of_it = f"MR. ROE: Something else, number {i}."
        rendition(f"copy-{i}", text_of_it, derived_from=first.source, derivation="reprint")
    second = long_transcript("second", n, derived_from=first.source, derivation="translation")
    assert second.turns.count() == n
    # The text, what is annotated of three kinds, the verdicts, the turns, the renditions; and whether what
    # is asked for exists.
    for question, queries in {
        "": 7,
        "?rating=open": 7,
        "?rating=false&label=MR.+ROE": 8,
        "?beside=second": 7,
        "?beside=second&rating=false&edition=1": 8,
    }.items():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/transcripts/first/{question}")
        assert answer.status_code == 200
        assert len(captured) == queries, question
