"""The facets of the claims list: what is offered, and that each number is true of the list behind it."""

from __future__ import annotations

import datetime as dt
import random
from itertools import product

import pytest
from django.http import QueryDict

from claims.facets import SHOWN, Selection, facets
from claims.filters import ClaimFilter
from claims.models import Claim
from sources.models import Passage
from tests import factories
from tests.claims.reading import page, text

pytestmark = pytest.mark.django_db

RATINGS = ("false", "true", "not-checkable")
TOPICS = ("alliance", "economy")
SPEAKERS = ("ada", "ben", "cem")
KINDS = ("factual", "historical")
YEARS = (1990, 2014, 2022)


@pytest.fixture
def claims():
    """Two dozen claims, of which each has some of everything, by lot; drafts of all of it beside them."""
    lot = random.Random(2022)
    reader = factories.editor()
    speakers = [factories.SpeakerFactory(slug=slug, name=slug.capitalize()) for slug in SPEAKERS]
    topics = [factories.TopicFactory(slug=slug, name=slug.capitalize()) for slug in TOPICS]
    ratings = [
        factories.RatingFactory(slug=slug, position=place) for place, slug in enumerate(RATINGS)
    ]
    places = [
        factories.passage(factories.transcript(slug=f"of-{year}", date=dt.date(year, 6, 1)))
        for year in YEARS
    ]

    def some(rows):
        return lot.sample(rows, lot.randint(0, len(rows)))

    def annotate(claim):
        for speaker, place in product(some(speakers), some(places)):
            factories.AppearanceFactory(
                claim=claim,
                passage=place,
                claimant=speaker,
                manner=lot.choice(["asserted", "asserted", "denied"]),
                said_on=lot.choice([None, None, dt.date(1990, 1, 1)]),
            )
        for speaker in some(speakers):
            factories.RebuttalFactory(claim=claim, speaker=speaker, passage=lot.choice(places))

    for i in range(24):
        words = lot.choice(["It grew.", "It was promised."])
        claim = factories.ClaimFactory(text=f"{i}. {words}", kind=lot.choice(KINDS))
        claim.topics.add(*some(topics))
        annotate(claim)
        if i % 4 == 3:
            continue  # a draft, with all that hangs on it
        factories.published(claim, by=reader)
        if i % 3:
            verdict = factories.approved(claim=claim, rating=lot.choice(ratings))
            if i % 9 == 1:
                factories.withdrawn(verdict, why="It was wrong.", by=reader)
        if i % 5 == 0:
            factories.SpeakerFactory(slug=f"draft-{i}")
            factories.AppearanceFactory(claim=claim, passage=places[0], said_on=dt.date(1945, 5, 8))
            again = {"reason": "error", "note": "Wrong."} if i % 3 else {}
            factories.VerdictFactory(claim=claim, rating=lot.choice(ratings), **again)


def asked(question):
    claims = ClaimFilter(QueryDict(question), queryset=Claim.objects.published())
    assert claims.is_valid(), claims.errors
    return claims


def of(question):
    claims = asked(question)
    return facets(claims, Selection.of(claims))[0]


def combinations():
    """Each facet left alone or asked for one of its values, and words or none: by lot, some of all."""
    choices = [
        ["", *(f"rating={slug}" for slug in RATINGS), "has_verdict=false", "has_verdict=true"],
        ["", *(f"topic={slug}" for slug in TOPICS)],
        ["", *(f"claimant={slug}" for slug in SPEAKERS)],
        ["", *(f"rebutted_by={slug}" for slug in SPEAKERS)],
        ["", *(f"kind={kind}" for kind in KINDS)],
        ["", *(f"year={year}" for year in YEARS)],
        [
            "",
            "q=promised",
            "q=it+-promises",
            "transcript=of-2014",
            "source=of-1990",
            "published_after=2020-01-01",
        ],
    ]
    every = ["&".join(filter(None, chosen)) for chosen in product(*choices)]
    # The whole list, every single filter, and every tenth or so of the others.
    single = [question for question in every if question.count("=") < 2]
    return [*single, *random.Random(7).sample(every, 90)]


def test_every_number_is_the_length_of_the_list_behind_it(claims):
    seen = 0
    for question in combinations():
        for facet in of(question):
            for choice in (*facet.choices, *facet.more):
                leads_to = choice.leads_to
                if choice.chosen:  # it leads away: the list that it stands for is this one
                    n = asked(question).qs.count()
                    assert leads_to.address != Selection.of(asked(question)).address
                else:
                    n = asked(leads_to.address.partition("?")[2]).qs.count()
                assert choice.n == n, (question, facet.name, choice)
                seen += 1
    assert seen > 800


def test_nothing_that_would_give_a_list_is_left_out(claims):
    """Of each facet, every value that some claim of the list without it has, and no other."""
    values = {
        "rating": RATINGS,
        "topic": TOPICS,
        "claimant": SPEAKERS,
        "rebutted_by": SPEAKERS,
        "kind": KINDS,
        "year": (1945, *YEARS),
    }
    for question in random.Random(3).sample(combinations(), 40):
        offered = {
            (facet.name, choice.leads_to.asked.get(facet.name, ""))
            for facet in of(question)
            for choice in (*facet.choices, *facet.more)
            if not choice.chosen and choice.leads_to.asked.get(facet.name)
        }
        selection = Selection.of(asked(question))
        expected = set()
        for name, slugs in values.items():
            for slug in map(str, slugs):
                left_out = ("rating", "has_verdict") if name == "rating" else (name,)
                other = selection.with_({name: slug}, instead_of=left_out)
                chosen = selection.asked.get(name) == slug
                if not chosen and asked(other.address.partition("?")[2]).qs.exists():
                    expected.add((name, slug))
        assert offered == expected, question


def test_a_chosen_value_stays_to_be_left_though_nothing_is_under_it(claims):
    factories.SpeakerFactory(slug="silent", name="Silent").publish(by=factories.editor())
    question = (
        "q=nothing+at+all&rating=true&topic=alliance&claimant=silent&rebutted_by=ada&kind=opinion"
        "&year=1812"
    )

    assert [
        (facet.name, [(choice.label, choice.n, choice.chosen) for choice in facet.choices])
        for facet in of(question)
    ] == [
        ("rating", [("True", 0, True)]),
        ("topic", [("Alliance", 0, True)]),
        ("claimant", [("Silent", 0, True)]),
        ("rebutted_by", [("Ada", 0, True)]),
        ("kind", [("Opinion", 0, True)]),
        ("year", [("1812", 0, True)]),
    ]
    (open_,) = next(
        f for f in of("q=nothing+at+all&has_verdict=false") if f.name == "rating"
    ).choices
    assert (open_.label, open_.n, open_.chosen) == ("Open: no verdict yet", 0, True)


def test_open_and_a_rating_exclude_each_other(claims):
    rating = next(facet for facet in of("has_verdict=false&kind=factual") if facet.name == "rating")
    addresses = {choice.label: choice.leads_to.address for choice in rating.choices}

    assert addresses["True"] == "/claims/?rating=true&kind=factual"
    assert addresses["Open: no verdict yet"] == "/claims/?kind=factual"
    rating = next(facet for facet in of("rating=true") if facet.name == "rating")
    assert rating.choices[-1].leads_to.address == "/claims/?has_verdict=false"


def test_one_query(claims, django_assert_num_queries):
    everything = asked(
        "q=a&rating=true&topic=alliance&claimant=ada&rebutted_by=ben&source=of-2022"
        "&transcript=of-2022&kind=factual&year=2022&has_verdict=true&published_after=2020-01-01"
        "&published_before=2050-01-01&updated_after=2020-01-01"
    )
    selection = Selection.of(everything)
    with django_assert_num_queries(1):
        facets(everything, selection)


def test_a_long_facet_shows_its_fullest_values_and_what_is_chosen():
    place = factories.passage()
    for i in range(SHOWN + 4):
        claim = factories.ClaimFactory()
        for speaker in range(i, SHOWN + 4):
            factories.AppearanceFactory(
                claim=claim,
                passage=place,
                claimant=factories.sources.Speaker.objects.get_or_create(
                    slug=f"s{speaker}", defaults={"name": f"Speaker {speaker:02}"}
                )[0],
            )
        factories.published(claim)

    (whole,) = [facet for facet in of("") if facet.name == "claimant"]
    assert [choice.n for choice in whole.choices] == list(range(SHOWN + 4, 4, -1))
    assert [choice.n for choice in whole.more] == [4, 3, 2, 1]
    (chosen,) = [facet for facet in of("claimant=s0") if facet.name == "claimant"]
    assert [(c.n, c.chosen) for c in chosen.choices[-2:]] == [(5, False), (1, True)]
    assert [choice.n for choice in chosen.more] == [4, 3, 2]


def test_the_page_marks_what_is_chosen_and_leads_where_it_says(client, claims):
    soup = page(client, "/claims/?claimant=ada")
    (chosen,) = soup.select(".facets [aria-current]")

    assert chosen.find_previous("h2").get_text() == "Claimed by"
    assert text(chosen).startswith("Ada")
    assert text(chosen).endswith("chosen: remove")
    assert chosen["href"] == "/claims/"
    for link in soup.select(".facets a:not([aria-current])"):
        n = int(text(link.select_one(".number")))
        count = text(page(client, link["href"]).select_one(".count"))
        assert count == f"{n} claim" + "s" * (n != 1), link


def test_facets_know_no_draft(client):
    """Whatever of a public claim is a draft counts nowhere, and names nobody."""
    draft = factories.SpeakerFactory(slug="xyzzy", name="Xyzzy")
    claim = factories.ClaimFactory(slug="public")
    factories.AppearanceFactory(claim=claim)
    factories.published(claim)
    before = client.get("/claims/").content
    place = Passage.objects.first()
    factories.AppearanceFactory(
        claim=claim, passage=place, claimant=draft, said_on=dt.date(1812, 1, 1)
    )
    factories.RebuttalFactory(claim=claim, passage=place, speaker=draft)
    factories.VerdictFactory(claim=claim, rating=factories.RatingFactory(slug="true"))
    unpublished = factories.ClaimFactory(kind="opinion")
    unpublished.topics.add(factories.TopicFactory(name="Xyzzy"))

    assert client.get("/claims/").content == before
    (year,) = [facet for facet in of("year=1812") if facet.name == "year"]
    assert [(choice.label, choice.n) for choice in year.choices] == [("2022", 1), ("1812", 0)]
