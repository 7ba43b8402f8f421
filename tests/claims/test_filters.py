"""What each parameter of the claims list asks for, on what is public; and what is refused."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.filters import ClaimFilter
from claims.models import Claim
from sources.models import Speaker
from tests import factories
from tests.claims.problems import wrong

pytestmark = pytest.mark.django_db


def ask(question="", **kwargs):
    return ClaimFilter(QueryDict(question), queryset=Claim.objects.published(), **kwargs)


def found(question):
    claims = ask(question)
    assert claims.is_valid(), claims.errors
    return [claim.slug for claim in claims.qs]


@pytest.fixture
def claims():
    """Three published claims, `third` the newest, of which each filter finds some."""

    def publish(slug, day, **kwargs):
        claim = factories.ClaimFactory(slug=slug, **kwargs)
        return factories.published(claim, at=dt.datetime(2022, 1, day, 12, tzinfo=dt.UTC))

    return [
        publish("first", 1, text="The Alliance promised not to grow."),
        publish("second", 2, text="The alliance grew twice.", kind="statistical"),
        publish("third", 3, text="Nobody promised anything: 100 % of it_is\\true."),
    ]


@pytest.mark.parametrize(
    ("question", "slugs"),
    [
        ("", ["third", "second", "first"]),
        ("q=promised", ["third", "first"]),
        ("q=PROMISED+alliance", ["first"]),
        ("q=++grow+", ["first"]),
        ("q=grew+promised", []),
        # Words in any form, not parts of them; words that every text has are passed over.
        ("q=promising", ["third", "first"]),
        ("q=omised", []),
        ("q=the+promise+of+alliances", ["first"]),
        ("q=the", ["second", "first"]),
        # Phrases, beginnings, and what is not wanted.
        ("q=%22promised+not+to+grow%22", ["first"]),
        ("q=%22grow+not%22", []),
        ("q=allia*", ["second", "first"]),
        ("q=alliance+-promised", ["second"]),
        ("q=alliance+-%22grew+twice%22", ["first"]),
        # What has no word to look for finds nothing, as on the search page.
        ("q=-promised", []),
        ("q=%3F%3F%3F", []),
        ("q=%22", []),
        # What is a sign to a database is none here.
        ("q=100+%25", ["third"]),
        ("q=it_is", ["third"]),
        ("q=it%25", ["third"]),
        ("q=it_i_", []),
        ("q=is%5Ctrue", ["third"]),
        ("q=%27%22%3B--", []),
        ("q=heading:alliance", []),
        ("q=alliance+NEAR+twice", []),
        ("q=alliance+%26+!grew", ["second"]),
        ("q=promised&ordering=published_at", ["first", "third"]),
        ("q=%ED%A0%80", []),
        ("kind=statistical", ["second"]),
        ("published_after=2022-01-02", ["third", "second"]),
        ("published_after=2022-01-02T12:00:00Z", ["third", "second"]),
        ("published_after=2022-01-02T12:00:01Z", ["third"]),
        ("published_after=2022-01-02T15:00:00%2B03:00", ["third", "second"]),
        ("published_after=2022-01-02T12:00:01", ["third"]),
        ("published_before=2022-01-02", ["first"]),
        ("published_before=2022-01-02T12:00:00Z", ["first"]),
        ("published_after=2022-01-02&published_before=2022-01-03", ["second"]),
        ("published_before=0001-01-01", []),
        ("ordering=published_at", ["first", "second", "third"]),
        ("ordering=-published_at", ["third", "second", "first"]),
        ("has_verdict=false", ["third", "second", "first"]),
        ("has_verdict=False", ["third", "second", "first"]),
        ("has_verdict=true", []),
    ],
)
def test_questions_about_the_claim_itself(claims, question, slugs):
    assert found(question) == slugs


@pytest.fixture
def harbour():
    """A published claim with words wherever it may have some, a retired one, and one without any of them."""
    claim = factories.ClaimFactory(slug="harbour", text="The harbour.", context="A northern one.")
    snapshot = factories.transcript()
    factories.AppearanceFactory(
        claim=claim,
        passage=factories.passage(snapshot, "promised not to grow"),
        claimant=factories.SpeakerFactory(name="The Warden"),
    )
    factories.AppearanceFactory(
        claim=claim,
        passage=factories.passage(snapshot, "Nobody did, as far as I know."),
        claimant=factories.SpeakerFactory(name="Zucchini"),
        manner="denied",
    )
    factories.ExternalReviewFactory(
        claim=claim, title="Elsewhere.", claim_reviewed="As printed.", claimant_name="Blogger"
    )
    factories.approved(claim=claim, headline="An old finding.", rationale="Reasoned at length.")
    factories.approved(claim=claim, headline="It was open.", reason="error", note="Wrong.")
    factories.published(factories.ClaimFactory(slug="other", text="Something else."))
    retired = factories.published(factories.ClaimFactory(slug="retired", text="The harbour too."))
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=claim)
    return claim


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("harbours", True),
        ("northern", True),
        ("open", True),  # the verdict in force
        ("old", False),  # no past one
        ("length", False),  # nor its reasons
        ("growing", True),  # the words in which it was made
        ("warden", True),  # who made it
        ("Zucchini", False),  # not who denies it
        ("printed elsewhere blogger", True),  # another's review
        ("harbour warden northern printed", True),  # wherever each of them is
        ("harbour -warden", False),
        ("harbour xyzzy", False),
    ],
)
def test_words_are_looked_for_in_what_is_public_of_a_claim(harbour, words, is_found):
    assert found(urlencode({"q": words})) == (["harbour"] if is_found else [])


def test_words_of_drafts_neither_find_a_claim_nor_hide_one(client, harbour):
    def answers():
        return [
            client.get(path, {"q": words}).content
            for path in ("/claims/", "/api/v1/claims/")
            for words in ("harbour", "harbour -xyzzy", "xyzzy", "xyzz*", '"a xyzzy"')
        ]

    before = answers()
    assert [b"harbour/" in answer for answer in before] == [True, True, False, False, False] * 2

    factories.AppearanceFactory(
        claim=harbour,
        passage=factories.passage(factories.transcript(text="SECRETARY DOE: A xyzzy."), "A xyzzy."),
        claimant=factories.SpeakerFactory(name="A xyzzy"),
    )
    factories.ExternalReviewFactory(claim=harbour, claim_reviewed="A xyzzy", title="A xyzzy")
    factories.VerdictFactory(claim=harbour, headline="A xyzzy", reason="error", note="A xyzzy")
    draft = factories.ClaimFactory(text="A xyzzy in the harbour.", context="A xyzzy")
    factories.VerdictFactory(claim=draft, headline="A xyzzy in the harbour.")

    assert answers() == before


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(typed=st.text(max_size=5_000) | st.text(alphabet="a\"*-NOT :()&|!'\\%_^", max_size=5_000))
def test_nothing_that_can_be_typed_is_an_error(claims, typed):
    asked = ClaimFilter({"q": typed}, queryset=Claim.objects.published())
    if not asked.is_valid():  # too long, or with NUL
        assert asked.errors.keys() == {"q"}
    # What a program asks past the form.
    everything = Claim.objects.published()
    assert set(asked.with_words(everything, "q", typed)) <= set(everything)


def test_words_take_no_query_of_their_own(claims, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(ask("q=promised+-grew+allia*").qs) == 1


def test_changes(claims):
    Claim.objects.filter(slug="first").update(updated_at=dt.datetime(2022, 3, 1, tzinfo=dt.UTC))

    assert found("updated_after=2022-02-01") == ["first"]
    assert found("updated_after=2022-03-01T00:00:00Z") == ["first"]
    assert found("ordering=-updated_at") == ["first", "third", "second"]
    assert found("ordering=updated_at") == ["second", "third", "first"]


def test_verdict_in_force(claims):
    by = factories.RatingFactory
    factories.approved(claim=claims[0], rating=by(slug="false"))
    factories.approved(claim=claims[0], rating=by(slug="true"), reason="error", note="Wrong.")
    factories.VerdictFactory(claim=claims[1], rating=by(slug="true"))
    withdrawn = factories.approved(claim=claims[2], rating=by(slug="true"))
    factories.withdrawn(withdrawn)

    assert found("rating=true") == ["first"]
    assert found("rating=false") == []
    assert found("has_verdict=true") == ["first"]
    assert found("has_verdict=false") == ["third", "second"]


def test_topic(claims):
    for claim in claims[:2]:
        claim.topics.add(factories.TopicFactory(slug=f"of-{claim.slug}"))
    claims[0].topics.add(*claims[1].topics.all())

    assert found("topic=of-second") == ["second", "first"]


def test_claimant(claims):
    speaker = factories.SpeakerFactory(slug="moscow")
    for claim, manner in zip(claims, ["asserted", "denied", "asserted"], strict=True):
        factories.AppearanceFactory(claim=claim, claimant=speaker, manner=manner)
        if claim.slug != "third":
            factories.published(claim)

    # Denied in the second, a draft of the third.
    assert found("claimant=moscow") == ["first"]


def test_a_speaker_is_found_once_however_often_it_speaks(claims):
    speaker = factories.SpeakerFactory(slug="moscow")
    for _ in range(2):
        factories.AppearanceFactory(claim=claims[0], claimant=speaker)
    factories.published(claims[0])

    assert found("claimant=moscow") == ["first"]


def test_rebutted_by(claims):
    speaker = factories.SpeakerFactory(slug="doe")
    factories.RebuttalFactory(claim=claims[0], speaker=speaker)
    factories.published(claims[0])
    factories.RebuttalFactory(claim=claims[1], speaker=speaker)

    assert found("rebutted_by=doe") == ["first"]


def test_year(claims):
    """When it was said, or else the date of the source; a denial, a draft and an answer do not count."""
    undated = factories.transcript(slug="undated", date=None, date_precision="")
    on = {
        year: factories.transcript(slug=f"of-{year}", date=dt.date(year, 12, 31))
        for year in (1990, 1991, 1992)
    }

    def made(claim, snapshot, said_on=None, manner="asserted"):
        factories.AppearanceFactory(
            claim=claim, passage=factories.passage(snapshot), said_on=said_on, manner=manner
        )

    first, second, third = claims
    made(first, on[1990])
    made(first, on[1991], said_on=dt.date(1989, 1, 1))
    made(second, undated, said_on=dt.date(1990, 1, 1))
    made(third, on[1990], manner="denied")
    made(third, undated)
    for claim in claims:
        factories.published(claim)
    made(second, on[1992])
    passage = factories.passage(on[1991], "The Alliance never promised that.")
    factories.RebuttalFactory(claim=third, passage=passage)
    factories.published(third)

    asked = range(1988, 1994)
    assert {year: slugs for year in asked if (slugs := found(f"year={year}"))} == {
        1989: ["first"],
        1990: ["second", "first"],
    }


def attach_appearance(claim, snapshot):
    factories.AppearanceFactory(claim=claim, passage=factories.passage(snapshot))


def attach_rebuttal(claim, snapshot):
    passage = factories.passage(snapshot, "The Alliance never promised that.")
    factories.RebuttalFactory(claim=claim, passage=passage)


def attach_evidence(claim, snapshot):
    factories.EvidenceFactory(claim=claim, source=snapshot.source)


def attach_citation(claim, snapshot):
    factories.CitationFactory(
        rebuttal=factories.RebuttalFactory(claim=claim), source=snapshot.source
    )


@pytest.mark.parametrize(
    ("attach", "is_heard"),
    [
        (attach_appearance, True),
        (attach_rebuttal, True),
        (attach_evidence, False),
        (attach_citation, False),
    ],
)
def test_source_and_transcript(claims, attach, is_heard):
    snapshot = factories.transcript(slug="remarks")
    attach(claims[0], snapshot)
    factories.published(claims[0])
    attach(claims[1], snapshot)  # left a draft

    assert found("source=remarks") == ["first"]
    if is_heard:
        assert found("transcript=remarks") == ["first"]
    else:  # the text is nowhere quoted in public, and so not to be read
        assert ask("transcript=remarks").errors == {"transcript": ["There is no such source."]}


REFUSED = {
    "nonsense=1": "nonsense",
    "Q=promised": "Q",
    "claimant__name=x": "claimant__name",
    "%00=1": "\0",
    "page=1": "page",
    "q=a&q=b": "q",
    "rating=true&rating=true": "rating",
    f"q={'a+' * 2500}": "q",
    f"q={'a' * 5000}": "q",
    "q=%00": "q",
    "rating=no-such-rating": "rating",
    "rating=%00": "rating",
    "rating=true%20": None,  # a space at the end is nobody's question
    "topic=no-such-topic": "topic",
    "claimant=nobody": "claimant",
    "claimant=no%20body": "claimant",
    "claimant=%D0%BA%D1%82%D0%BE": "claimant",
    "rebutted_by=nobody": "rebutted_by",
    f"rebutted_by={'a' * 5000}": "rebutted_by",
    "source=nothing": "source",
    "transcript=nothing": "transcript",
    "kind=rumour": "kind",
    "kind=%00": "kind",
    "year=last": "year",
    "year=2022.0": "year",
    "year=-2022": "year",
    "year=0": "year",
    "year=10000": "year",
    "year=%D9%A2%D9%A0%D9%A2%D9%A2": "year",
    "year=%00": "year",
    "has_verdict=1": "has_verdict",
    "has_verdict=maybe": "has_verdict",
    "has_verdict=%00": "has_verdict",
    "published_after=yesterday": "published_after",
    "published_after=2022-13-01": "published_after",
    "published_after=2022-02-30": "published_after",
    "published_after=%D9%A2%D9%A0%D9%A2%D9%A2-01-01": "published_after",
    "published_after=0001-01-01T00:00:00%2B14:00": "published_after",
    "published_before=01/02/2022": "published_before",
    "published_before=%00": "published_before",
    "updated_after=1641556800": "updated_after",
    "ordering=text": "ordering",
    "ordering=published_by": "ordering",
    "ordering=-published_at,updated_at": "ordering",
}


@pytest.mark.parametrize("question", REFUSED)
def test_what_makes_no_sense_is_named_and_never_the_whole_list(client, question):
    factories.RatingFactory(slug="true")
    named = REFUSED[question]

    answer = client.get(f"/api/v1/claims/?{question}")

    if named is None:
        assert answer.status_code == 200
        assert answer.json()["results"] == []
    else:
        assert list(wrong(answer)) == [named]
        assert not ask(question).is_valid()


def test_every_fault_is_named_at_once():
    assert dict(ask("q=a&q=b&nonsense=1&claimant=nobody&kind=rumour").errors) == {
        "q": ["Give this parameter once."],
        "nonsense": ["There is no such parameter."],
        "claimant": ["There is no such speaker."],
        "kind": ["Select a valid choice. rumour is not one of the available choices."],
    }


def test_a_page_reads_its_own_parameters(claims):
    assert ask("page=2&q=alliance", also={"page"}).is_valid()
    assert list(ask("page=2&page=3", also={"page"}).errors) == ["page"]


def test_a_form_sends_empty_fields_a_client_of_the_api_does_not(client, claims):
    assert found("q=&rating=&published_after=&has_verdict=&kind=&year=&ordering=") == [
        "third",
        "second",
        "first",
    ]
    for name in ("q", "rating", "published_after", "has_verdict", "kind", "year", "ordering"):
        for value in ("", " "):
            answer = client.get("/api/v1/claims/", {name: value})
            assert list(wrong(answer)) == [name]


def test_a_plain_dictionary_will_do(claims):
    assert ClaimFilter({"q": "grew"}, queryset=Claim.objects.published()).qs.count() == 1
    assert ClaimFilter({"x": "y"}, queryset=Claim.objects.published()).errors.keys() == {"x"}


def test_slugs_are_looked_up_together(claims, django_assert_num_queries):
    Speaker.objects.create(slug="nobody-yet", name="Nobody yet")

    with django_assert_num_queries(1):
        errors = ask("claimant=nobody-yet&rebutted_by=nobody&topic=t&rating=r&source=s").errors

    assert errors.keys() == {"claimant", "rebutted_by", "topic", "rating", "source"}


@pytest.mark.parametrize(
    ("path", "n"),
    [
        ("appearances/?manner=denied", 0),
        ("appearances/?manner=asserted", 1),
        ("evidence/?direction=refutes", 0),
        ("evidence/?direction=supports", 1),
        ("verdicts/?in_force=true", 1),
        ("verdicts/?in_force=false", 1),
        ("verdicts/?rating=false", 1),
        ("verdicts/?published_after=2022-01-02", 1),
        ("verdicts/?published_before=2022-01-02", 1),
        ("speakers/?kind=person", 1),
        ("speakers/?kind=state", 0),
        ("sources/?kind=transcript", 1),
        ("sources/?rendition=original", 2),
        ("sources/?rendition=unknown", 0),
    ],
)
def test_filters_of_the_other_lists(client, path, n):
    claim = factories.ClaimFactory()
    factories.AppearanceFactory(claim=claim)
    factories.EvidenceFactory(claim=claim)
    days = [dt.datetime(2022, 1, day, tzinfo=dt.UTC) for day in (1, 2)]
    factories.approved(claim=claim, at=days[0])
    true = factories.RatingFactory(slug="true")
    factories.approved(claim=claim, rating=true, reason="error", note="Wrong.", at=days[1])

    assert len(client.get(f"/api/v1/{path}").json()["results"]) == n
