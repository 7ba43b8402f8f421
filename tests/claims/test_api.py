"""The answers of the API, whole: the contract of docs and clients."""

from __future__ import annotations

import datetime as dt

import pytest

from claims.models import Claim, Rating
from sources.models import Source, Speaker
from tests import factories
from tests.claims.problems import problem, wrong
from tests.claims.world import RESOURCES, published_world

pytestmark = pytest.mark.django_db

SITE = "http://testserver"


def get(client, path, **parameters):
    answer = client.get(f"/api/v1/{path}", parameters)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json"
    return answer.json()


@pytest.fixture
def world():
    return published_world()


RATED_TRUE = {"slug": "true", "label": "True", "value": 5, "best": 5, "worst": 1}
RATED_FALSE = {"slug": "false", "label": "False", "value": 1, "best": 5, "worst": 1}
UNRATED = {
    "slug": "not-enough-evidence",
    "label": "Not enough evidence",
    "value": None,
    "best": None,
    "worst": None,
}
IN_FORCE = {
    "version": 2,
    "rating": RATED_TRUE,
    "headline": "It did.",
    "published_at": "2022-02-20T09:00:00Z",
    "url": f"{SITE}/claims/promise/verdicts/2/",
}
IN_LIST = {
    "slug": "promise",
    "url": f"{SITE}/claims/promise/",
    "api_url": f"{SITE}/api/v1/claims/promise/",
    "text": "The Alliance promised not to grow.",
    "kind": "factual",
    "language": "en",
    "topics": ["alliance"],
    "claimants": [{"slug": "moscow", "name": "Moscow"}],
    "verdict": IN_FORCE,
    "counts": {
        "appearances": 1,
        "rebuttals": 1,
        "evidence": {"supports": 1, "refutes": 1, "mixed": 0, "context": 0},
    },
    "updated_at": "2022-02-20T09:00:00Z",
    "published_at": "2022-01-10T09:00:00Z",
    "selection": {"slug": "repeated", "label": "it is widely repeated", "note": ""},
}
TRANSLATED = {
    "kind": "machine-translation",
    "language": "en",
    "original_url": "https://archive.example/original",
    "chain": [
        {
            "kind": "machine-translation",
            "language": "en",
            "title": "Remarks",
            "slug": "remarks",
            "source_url": "https://archive.example/remarks",
            "translated_by": None,
            "derivation": "translation",
        },
        {
            "kind": "original",
            "language": "en",
            "title": "The original",
            "slug": "original",
            "source_url": "https://archive.example/original",
            "translated_by": None,
            "derivation": None,
        },
    ],
    "glossary": [],
}
MEMO = {
    "slug": "memo",
    "url": f"{SITE}/sources/memo/",
    "api_url": f"{SITE}/api/v1/sources/memo/",
    "title": "Memo",
    "kind": "archive-record",
    "authors": "",
    "publisher": "",
    "issued": "2022",
    "source_url": "https://archive.example/memo",
    "language": "en",
    "primacy": "primary",
}
REMARKS = {
    "slug": "remarks",
    "url": f"{SITE}/sources/remarks/",
    "api_url": f"{SITE}/api/v1/sources/remarks/",
    "title": "Remarks",
    "kind": "transcript",
    "authors": "",
    "publisher": "",
    "issued": "2022-01-07",
    "source_url": "https://archive.example/remarks",
    "language": "en",
    "primacy": "secondary",
}
DOE = {"slug": "doe", "name": "J. Doe"}
PROMISE_LINK = {key: IN_LIST[key] for key in ("slug", "url", "api_url", "text")}


def passage(snapshot, exact, turn):
    start = snapshot.text.index(exact)
    end = start + len(exact)
    return {
        "exact": exact,
        "prefix": snapshot.text[start - 32 : start],
        "suffix": snapshot.text[end : end + 32],
        "start": start,
        "end": end,
        "transcript": "remarks",
        "turn": turn,
        "url": f"{SITE}/transcripts/remarks/?edition=1#p{start}-{end}",
        "edition": 1,
        "sha256": snapshot.sha256,
        "text_sha256": snapshot.text_sha256,
        "warc_url": f"{SITE}/sources/remarks/editions/1/snapshot.warc.gz",
        "recording": None,
        "later": None,
    }


def edition_of(world):
    at = f"{SITE}/sources/remarks/editions/1/"
    return {
        "edition": 1,
        "url": at,
        "sha256": world.snapshot.sha256,
        "text_sha256": world.snapshot.text_sha256,
        "media_type": "text/plain",
        "retrieved_at": world.snapshot.retrieved_at.isoformat().replace("+00:00", "Z"),
        "bytes_url": f"{at}bytes",
        "warc_url": f"{at}snapshot.warc.gz",
    }


def detail(world):
    """What the API says of the claim `promise`, apart from row ids."""
    claim = Claim.objects.read("promise")
    memo, remarks = claim.public_evidence
    second, first = claim.published_verdicts
    rebuttal = claim.public_rebuttals[0]
    return {
        **IN_LIST,
        "context": "In 1990.",
        "parts": [
            {
                "slug": "part",
                "url": f"{SITE}/claims/part/",
                "api_url": f"{SITE}/api/v1/claims/part/",
                "text": "It said so.",
                "kind": "factual",
                "language": "en",
                "verdict": None,
                "decides_whole": False,
            }
        ],
        "appearances": [
            {
                "id": world.appearance.pk,
                "api_url": f"{SITE}/api/v1/appearances/{world.appearance.pk}/",
                "claimant": {"slug": "moscow", "name": "Moscow"},
                "reported_by": DOE,
                "manner": "reported",
                "said_on": None,
                "passage": passage(world.snapshot, "promised not to grow", 1),
                "rendition": TRANSLATED,
            }
        ],
        "rebuttals": [
            {
                "id": rebuttal.pk,
                "api_url": f"{SITE}/api/v1/rebuttals/{rebuttal.pk}/",
                "speaker": DOE,
                "passage": passage(world.snapshot, "The Alliance never promised that.", 1),
                "rendition": TRANSLATED,
                "summary": "The speaker says that there was no such promise.",
                "citations": [
                    {"invoked": "A memo", "source": MEMO, "locator": "p. 2", "note": ""},
                    {"invoked": "An interview", "source": None, "locator": "", "note": ""},
                ],
                "counterclaim": {
                    "slug": "never",
                    "url": f"{SITE}/claims/never/",
                    "api_url": f"{SITE}/api/v1/claims/never/",
                    "text": "The Alliance never promised that.",
                    "kind": "factual",
                    "language": "en",
                    "verdict": {
                        "version": 1,
                        "rating": UNRATED,
                        "headline": "Nobody can tell.",
                        "published_at": "2022-01-10T09:00:00Z",
                        "url": f"{SITE}/claims/never/verdicts/1/",
                    },
                },
            }
        ],
        "evidence": [
            {
                "id": memo.pk,
                "api_url": f"{SITE}/api/v1/evidence/{memo.pk}/",
                "direction": "supports",
                "directness": "direct",
                "summary": "The record says so.",
                "locator": "p. 1",
                "available_on": None,
                "source": MEMO,
                "origin": {"slug": "memo", "title": "Memo"},
                "passage": None,
                "rendition": {
                    "kind": "original",
                    "language": "en",
                    "original_url": "https://archive.example/memo",
                    "chain": [
                        {
                            "kind": "original",
                            "language": "en",
                            "title": "Memo",
                            "slug": "memo",
                            "source_url": "https://archive.example/memo",
                            "translated_by": None,
                            "derivation": None,
                        }
                    ],
                    "glossary": [],
                },
            },
            {
                "id": remarks.pk,
                "api_url": f"{SITE}/api/v1/evidence/{remarks.pk}/",
                "direction": "refutes",
                "directness": "direct",
                "summary": "The record says so.",
                "locator": "",
                "available_on": None,
                "source": REMARKS,
                "origin": {"slug": "original", "title": "The original"},
                "passage": passage(world.snapshot, "Nobody did, as far as I know.", 3),
                "rendition": TRANSLATED,
            },
        ],
        "verdicts": [
            {
                "id": second.pk,
                **IN_FORCE,
                "api_url": f"{SITE}/api/v1/verdicts/{second.pk}/",
                "claim_text": "The Alliance promised not to grow.",
                "rationale": "The *record* shows it.",
                "reason": "new-evidence",
                "note": "A memo was found.",
                "no_primary": "",
                "overrides": [],
                "ended_at": None,
                "ending": None,
                "ending_reason": "",
            },
            {
                "id": first.pk,
                "version": 1,
                "rating": RATED_FALSE,
                "headline": "It did not.",
                "published_at": "2022-01-10T09:00:00Z",
                "url": f"{SITE}/claims/promise/verdicts/1/",
                "api_url": f"{SITE}/api/v1/verdicts/{first.pk}/",
                "claim_text": "The Alliance promised not to grow.",
                "rationale": "The *record* shows it.",
                "reason": "first",
                "note": "",
                "no_primary": "",
                "overrides": [],
                "ended_at": "2022-02-20T09:00:00Z",
                "ending": "superseded",
                "ending_reason": "A memo was found.",
            },
        ],
        "part_of": None,
        "answers": [],
        "searches": [
            {
                "searched_on": "2022-02-01",
                "place": "The archive",
                "terms": "promise",
                "outcome": "Nothing was found.",
            }
        ],
        "external_reviews": [
            {
                "publisher": {"name": "Another Desk", "site": "reviews.example"},
                "url": "https://reviews.example/promise/",
                "title": "What was promised",
                "claim_reviewed": "NATO promised it",
                "claimant_name": "Moscow",
                "claimant": {"slug": "moscow", "name": "Moscow"},
                "claimed_on": "2022-01-07",
                "rating": {"text": "Half true", "value": "3", "best": "5", "worst": "1"},
                "reviewed_on": "2022-01-20",
                "language": "en",
            }
        ],
    }


def test_a_claim_in_a_list(client, world):
    answer = get(client, "claims/", has_verdict="true", ordering="-updated_at", page_size=1)

    assert answer["results"] == [IN_LIST]
    assert list(answer["results"][0]) == list(IN_LIST)


def test_a_claim_in_full(client, world):
    expected = detail(world)

    answer = get(client, "claims/promise/")

    assert answer == expected
    assert list(answer) == list(expected)


def test_a_part_names_the_whole_and_a_counterclaim_what_it_answers(client, world):
    part = get(client, "claims/part/")
    assert part["part_of"] == PROMISE_LINK
    assert part["verdict"] is None
    assert part["verdicts"] == []

    answers = get(client, "claims/never/")["answers"]
    assert [(a["speaker"], a["claim"]["slug"], a["claim"]["verdict"]) for a in answers] == [
        (DOE, "promise", IN_FORCE)
    ]


def test_who_denies_a_claim_does_not_make_it(client, world):
    factories.AppearanceFactory(
        claim=world.part, manner="denied", claimant=Speaker.objects.get(slug="doe")
    )
    factories.published(world.part)

    part = get(client, "claims/part/")

    assert part["claimants"] == []
    assert [row["manner"] for row in part["appearances"]] == ["denied"]
    assert get(client, "claims/", claimant="doe")["results"] == []


def test_a_withdrawn_verdict_leaves_the_claim_open_and_stays_readable(client, world):
    factories.withdrawn(world.verdict, why="The memo was forged.")

    claim = get(client, "claims/promise/")

    assert claim["verdict"] is None
    assert [(v["ending"], v["ending_reason"]) for v in claim["verdicts"]] == [
        ("withdrawn", "The memo was forged."),
        ("superseded", "A memo was found."),
    ]


@pytest.mark.parametrize("resource", ["appearances", "rebuttals", "evidence", "verdicts"])
def test_a_row_reads_the_same_in_its_claim_in_its_list_and_in_full(client, world, resource):
    in_claim = get(client, "claims/promise/")[resource]

    listed = get(client, f"{resource}/", claim="promise")["results"]

    assert sorted((row["id"] for row in listed), reverse=True) == [row["id"] for row in listed]
    assert {row["id"]: row for row in listed} == {
        row["id"]: {**row, "claim": PROMISE_LINK} for row in in_claim
    }
    for row in listed:
        assert get(client, f"{resource}/{row['id']}/") == row


def test_a_source(client, world):
    source = get(client, "sources/remarks/")

    assert source == {
        **REMARKS,
        "place": "",
        "rendition": TRANSLATED,
        "rendition_note": "",
        "declared_interest": "",
        "not_archived": "",
        "rights": "",
        "derived_from": {"slug": "original", "title": "The original"},
        "derivation": "translation",
        "origin": {"slug": "original", "title": "The original"},
        "editions": [edition_of(world)],
        # More of it in test_link_health.py.
        "link": {
            "state": "unchecked",
            "checked_at": None,
            "since": None,
            "moved_to": None,
            "archived_url": f"{SITE}/sources/remarks/editions/1/",
            "archived_at": world.snapshot.retrieved_at.isoformat().replace("+00:00", "Z"),
            "archived_sha256": world.snapshot.sha256,
        },
        "published_at": "2022-01-10T09:00:00Z",
    }
    assert source in get(client, "sources/")["results"]
    memo = get(client, "sources/memo/")
    assert (memo["derived_from"], memo["derivation"]) == (None, None)
    assert memo["origin"] == {"slug": "memo", "title": "Memo"}


def test_a_translation_of_an_unknown_original_is_not_its_own_original(client, world):
    Source.objects.filter(slug="remarks").update(derived_from=None, derivation="")
    only = {**TRANSLATED["chain"][0], "derivation": None}
    unknown = {**TRANSLATED, "original_url": None, "chain": [only]}

    assert get(client, "sources/remarks/")["rendition"] == unknown
    assert get(client, "transcripts/remarks/")["rendition"] == unknown
    assert get(client, "claims/promise/")["appearances"][0]["rendition"] == unknown


def test_a_source_of_which_little_is_known(client, world):
    Source.objects.filter(slug="memo").update(date=None, date_precision="", url="")

    source = get(client, "sources/memo/")

    assert (source["issued"], source["source_url"]) == (None, None)
    assert source["rendition"]["original_url"] is None


def test_a_speaker(client, world):
    Speaker.objects.filter(slug="doe").update(wikidata_id="Q7")
    Speaker.objects.get(slug="doe").names.create(name="SECRETARY DOE")

    speaker = get(client, "speakers/doe/")

    assert speaker == {
        **DOE,
        "url": f"{SITE}/speakers/doe/",
        "api_url": f"{SITE}/api/v1/speakers/doe/",
        "kind": "person",
        "description": "",
        "wikidata_id": "Q7",
        "names": ["SECRETARY DOE"],
        "published_at": "2022-01-10T09:00:00Z",
    }
    speakers = get(client, "speakers/")["results"]
    assert [row["slug"] for row in speakers] == ["doe", "moscow"]
    assert speakers[0] == speaker
    assert speakers[1]["wikidata_id"] is None


def test_a_transcript(client, world):
    edition = edition_of(world)
    listed = {
        "slug": "remarks",
        "url": f"{SITE}/transcripts/remarks/",
        "api_url": f"{SITE}/api/v1/transcripts/remarks/",
        "title": "Remarks",
        "source": REMARKS,
        "place": "",
        "rendition": TRANSLATED,
        "editions": [edition],
    }
    turns = list(world.snapshot.turns.all())

    assert get(client, "transcripts/")["results"] == [listed]
    assert get(client, "transcripts/remarks/") == {
        **listed,
        **{key: edition[key] for key in ("edition", "sha256", "retrieved_at")},
        "turns": [
            {
                "position": turn.position,
                "label": turn.label,
                "speaker": DOE if turn.label == "SECRETARY DOE" else None,
                "role": turn.role,
                "start": turn.start,
                "end": turn.end,
                "time": None,
                "text": world.snapshot.text[turn.start : turn.end],
            }
            for turn in turns
        ],
    }
    assert len(turns) == 3


def test_an_edition_of_a_transcript(client, world):
    text = "Other words: the Alliance never promised that."
    second = factories.SnapshotFactory(source=world.snapshot.source, edition=2, text=text)

    # The desk's alone until something on it is public.
    assert get(client, "transcripts/remarks/")["edition"] == 1
    assert client.get("/api/v1/transcripts/remarks/?edition=2").status_code == 404
    quotation = factories.passage(second, "never promised")
    factories.published(factories.RebuttalFactory(passage=quotation).claim)
    newest = get(client, "transcripts/remarks/")
    assert (newest["edition"], newest["turns"]) == (2, [])
    assert [row["edition"] for row in newest["editions"]] == [2, 1]
    assert len(get(client, "transcripts/remarks/", edition=1)["turns"]) == 3
    answer = client.get("/api/v1/transcripts/remarks/?edition=3")
    assert problem(answer, 404) == "This transcript has no edition 3, or it is not public."
    for number in ("0", "-1", "x", "", "1.0", "1.5", "1_0", "١", "9" * 5000):
        answer = client.get("/api/v1/transcripts/remarks/", {"edition": number})
        assert list(wrong(answer)) == ["edition"]
    assert client.get(f"/api/v1/transcripts/remarks/?edition={'9' * 30}").status_code == 404


def test_a_source_without_text_is_no_transcript(client, world):
    assert client.get("/api/v1/transcripts/memo/").status_code == 404


def test_a_topic_and_a_rating(client, world):
    topic = {
        "slug": "alliance",
        "url": f"{SITE}/topics/alliance/",
        "api_url": f"{SITE}/api/v1/topics/alliance/",
        "name": "Alliance",
        "description": "",
    }
    assert get(client, "topics/")["results"] == [topic]
    assert get(client, "topics/alliance/") == topic

    rating = get(client, "ratings/true/")
    scale = rating.pop("scale")
    assert rating == {
        **RATED_TRUE,
        "api_url": f"{SITE}/api/v1/ratings/true/",
        "meaning": Rating.objects.get(slug="true").meaning,
        "position": Rating.objects.get(slug="true").position,
        "verdicts": 1,
    }
    assert (scale["worst"], scale["best"]) == (1, 5)
    counts = {row["slug"]: row["verdicts"] for row in get(client, "ratings/")["results"]}
    assert (counts["true"], counts["false"], counts["not-enough-evidence"]) == (1, 0, 1)


def test_a_retired_claim_leads_to_its_successor_for_good(client, world):
    retired = factories.published(factories.ClaimFactory(slug="retired"))
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=world.claim)

    answer = client.get("/api/v1/claims/retired/")

    assert answer.status_code == 301
    assert answer["Location"] == f"{SITE}/api/v1/claims/promise/"


def test_the_root_names_every_resource(client):
    assert get(client, "") == {
        name: f"{SITE}/api/v1/{name}/"
        for name in [*RESOURCES, "changes", "match", "log", "schema", "docs"]
    }


@pytest.mark.parametrize(
    "path",
    "nothing/ claims/no-such-claim/ claims/a/b/ appearances/x/ appearances/0/ rebuttals/٣/ "
    "evidence/99999999999999999999999/ verdicts/1/ claims/a%00b/ speakers/%ED%A0%80/ "
    "topics/no-such-topic/ ratings/none/ claims/%0A/ %0A/ a%0Ab/c/".split(),
)
def test_what_is_not_there_is_said_in_json(client, path):
    answer = client.get(f"/api/v1/{path}")

    assert problem(answer, 404)


@pytest.mark.parametrize("path", ["claims/", "schema/", "docs/"])
def test_a_request_with_too_many_parameters_is_refused_in_json(client, settings, path):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    answer = client.get(f"/api/v1/{path}?a=1&b=2&c=3")

    assert problem(answer, 400) == "The request cannot be understood."


def test_an_address_without_its_last_slash_leads_to_the_one_with_it(client):
    answer = client.get("/api/v1/claims?q=alliance")

    assert answer.status_code == 301
    assert answer["Location"] == "/api/v1/claims/?q=alliance"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "path", ["claims/", "claims/promise/", "", "changes/", "log/", "schema/", "docs/"]
)
def test_nothing_can_be_written(client, world, method, path):
    for asked in ("", "?nonsense=1", "?fields=colour"):  # the method is judged first
        answer = getattr(client, method)(f"/api/v1/{path}{asked}", headers={"accept": "*/*"})

        assert problem(answer, 405)
        assert answer["Allow"] == "GET, HEAD"


def test_the_docs_are_a_page_to_be_read_only(client):
    assert client.get("/api/v1/docs/")["Content-Type"].startswith("text/html")
    assert client.head("/api/v1/docs/").status_code == 200
    for method in (client.post, client.options):
        assert method("/api/v1/docs/").status_code == 405
    assert client.get("/api/v1/docs/", headers={"accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("path", ["claims/", "claims/promise/", "schema/"])
def test_json_is_what_there_is(client, world, path):
    answer = client.get(f"/api/v1/{path}", headers={"accept": "text/html"})

    assert problem(answer, 406)


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_list_and_every_row_refuses_what_it_does_not_know(client, world, resource):
    row = get(client, f"{resource}/")["results"][0]

    for path in (f"/api/v1/{resource}/", row["api_url"].removeprefix(SITE)):
        for name in ("nonsense", "formats", "claimants"):
            answer = client.get(path, {name: "json"})
            assert wrong(answer) == {name: ["There is no such parameter."]}
    assert client.get(row["api_url"], {"page_size": "1"}).status_code == 400


# --- Queries --------------------------------------------------------------------------------------

QUERIES_OF_A_LIST = {
    "claims": 4,  # claims; topics, verdicts in force, claimants
    "appearances": 1,
    "rebuttals": 4,  # rebuttals; citations, counterclaims, their verdicts
    "evidence": 1,
    "verdicts": 1,
    "speakers": 2,  # speakers; names
    "sources": 2,  # sources; editions
    "transcripts": 2,  # sources; editions
    "topics": 1,
    "ratings": 1,
}
QUERIES_OF_A_ROW = {
    **QUERIES_OF_A_LIST,
    "claims": 8,  # as Claim.objects.read tells
    "transcripts": 4,  # source, editions; text, turns
}


def another(world, n):
    """One more of each thing, on the claim `promise` and beside it."""
    speaker = factories.SpeakerFactory()
    speaker.names.create(name="A NAME")
    snapshot = factories.transcript(derived_from=world.memo, derivation="report")
    snapshot.turns.update(speaker=speaker)
    other = factories.ClaimFactory(part_of=world.claim)
    other.topics.add(factories.TopicFactory())
    counterclaim = factories.ClaimFactory()
    for claim in (world.claim, other):
        factories.AppearanceFactory(
            claim=claim, passage=factories.passage(snapshot), claimant=speaker
        )
        rebuttal = factories.RebuttalFactory(
            claim=claim,
            speaker=speaker,
            passage=factories.passage(snapshot, "The Alliance never promised that."),
            counterclaim=counterclaim,
        )
        factories.CitationFactory(rebuttal=rebuttal)
        factories.EvidenceFactory(
            claim=claim, source=snapshot.source, passage=factories.passage(snapshot, "Nobody did")
        )
        factories.SearchFactory(claim=claim)
    for claim in (other, counterclaim):
        factories.approved(claim=claim, rating=factories.RatingFactory(slug=f"rating-{n}"))


def test_thirty_rows_cost_no_more_queries_than_one(
    client, world, subtests, django_assert_num_queries
):
    few = {resource: len(get(client, f"{resource}/")["results"]) for resource in RESOURCES}
    for n in range(30):
        another(world, n)
    factories.published(world.claim)

    for resource in RESOURCES:
        with subtests.test(resource):
            with django_assert_num_queries(QUERIES_OF_A_LIST[resource]):
                answer = get(client, f"{resource}/", page_size=200)
            assert len(answer["results"]) >= few[resource] + 30
            key = "promise" if resource == "claims" else None
            row = answer["results"][0]
            path = f"{resource}/{key}/" if key else row["api_url"].removeprefix(f"{SITE}/api/v1/")
            with django_assert_num_queries(QUERIES_OF_A_ROW[resource]):
                get(client, path)


@pytest.mark.parametrize("resource", RESOURCES)
def test_queries_of_a_small_world(client, world, resource, django_assert_num_queries):
    with django_assert_num_queries(QUERIES_OF_A_LIST[resource]):
        answer = get(client, f"{resource}/")
    with django_assert_num_queries(QUERIES_OF_A_ROW[resource]):
        client.get(answer["results"][-1]["api_url"])


def test_all_filters_together_cost_one_query_more(client, world, django_assert_num_queries):
    with django_assert_num_queries(QUERIES_OF_A_LIST["claims"] + 1):
        answer = get(
            client,
            "claims/",
            q="alliance promised",
            rating="true",
            topic="alliance",
            claimant="moscow",
            rebutted_by="doe",
            source="memo",
            transcript="remarks",
            kind="factual",
            has_verdict="true",
            published_after="2022-01-10",
            published_before="2022-01-11",
            updated_after="2022-02-20T09:00:00Z",
        )
    assert [row["slug"] for row in answer["results"]] == ["promise"]


def test_times_are_in_utc(client, world):
    Claim.objects.filter(slug="promise").update(
        published_at=dt.datetime(2022, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    )

    assert get(client, "claims/promise/")["published_at"] == "2021-12-31T22:00:00Z"
