"""The desk's own working in numbers: each is that of the rows the public sees, with drafts beside them."""

import pytest

from claims.models import Evidence, Verdict
from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    VerdictFactory,
    approved,
    editor,
    passage,
    published,
    researcher,
    transcript,
    withdrawn,
)

pytestmark = pytest.mark.django_db


def table(soup, name):
    rows = soup.find(id=name).parent.select("tbody tr")
    return {text(tr.th): [text(td) for td in tr.find_all("td")] for tr in rows}


# --- Methodology ---


def test_methodology_counts_the_verdicts_in_force_at_each_step(client, argument):
    VerdictFactory(claim=published())
    soup = page(client, "/methodology/")
    steps = {
        text(step.dt): text(step.select_one("dd .meta")) for step in soup.select(".scale > div")
    }

    assert steps == {
        "False": "2 verdicts in force",
        "True": "1 verdict in force",
        "Open: no verdict yet": "2 claims",
    }
    drawn = {text(tr.th): text(tr.td) for tr in soup.select(".distribution tbody tr")}
    assert drawn == {"False": "2", "True": "1", "Open: no verdict yet": "2"}
    assert {a["href"] for a in soup.main.find_all("a")} >= {"/about/", "/limits/", "/corrections/"}


# --- Corrections ---


def test_corrections_show_the_old_finding_beside_the_new_one(client, argument):
    approved(
        claim=argument,
        reason="error",
        note="A letter was overlooked.",
        headline="It was promised in a letter.",
        rating=RatingFactory(slug="true"),
    )
    VerdictFactory(claim=argument, reason="wording", note="XYZZY", headline="XYZZY")
    soup = page(client, "/corrections/")
    (entry,) = soup.select(".corrections > li")

    assert [text(h) for h in entry.find_all("h3")] == ["Before", "After"]
    assert [text(r) for r in entry.select(".rating")] == ["False", "True"]
    assert [text(a) for a in entry.select(".pair a")] == ["Version 1", "Version 2"]
    assert "error corrected" in text(entry)
    assert "What changed: A letter was overlooked." in text(entry)
    assert text(entry.details).startswith("What is different in the wording")
    assert entry.select("del")
    assert text(soup.select_one(".count")) == (
        "Versions published: 4; superseded by a newer one: 1; withdrawn: 0. "
        "Reasons for newer versions: error corrected 1."
    )


def test_a_withdrawn_verdict_stays_among_the_corrections_and_says_why(client):
    verdict = approved(headline="It is so.")
    withdrawn(verdict, why="The record was forged.")
    soup = page(client, "/corrections/")
    (entry,) = soup.select(".corrections > li")

    assert "The record was forged." in text(entry.select_one(".notice"))
    assert [text(h) for h in entry.find_all("h3")] == ["Finding"]
    assert not entry.details
    assert "withdrawn: 1." in text(soup.select_one(".count"))


def test_a_version_with_the_same_headline_shows_no_difference(client):
    first = approved(headline="It is so.")
    approved(claim=first.claim, headline="It is so.", reason="scope", note="Narrower.")

    assert not page(client, "/corrections/").select(".corrections details")


# --- Who decides ---


def test_who_decides_is_told_by_the_names_they_gave_and_how_often(client):
    anna = researcher(username="anna-secret", first_name="Anna", last_name="Reader")
    nameless = researcher(username="bob-secret")
    drafting = researcher(username="carl-secret", first_name="XYZZY", last_name="XYZZY")
    reader = editor(username="eve-secret", first_name="Eve", last_name="Editor")

    def write(author, claim=None, **kwargs):
        verdict = VerdictFactory(claim=claim or ClaimFactory(), author=author, **kwargs)
        verdict.submit(by=author)
        verdict.approve(by=reader)
        return verdict

    write(anna)
    second = write(anna)
    write(nameless, second.claim, reason="wording", note="Plainer.")
    withdrawn(write(anna), why="It was wrong.", by=reader)
    VerdictFactory(author=drafting)
    submitted = VerdictFactory(author=drafting)
    submitted.submit(by=drafting)
    retired = write(drafting).claim
    type(retired).objects.filter(pk=retired.pk).update(duplicate_of=second.claim)

    soup = page(client, "/about/")

    assert [[text(c) for c in tr.find_all(["th", "td"])] for tr in soup.select("tbody tr")] == [
        ["Eve Editor", "0", "4"],
        ["Anna Reader", "3", "0"],
        ["Has given no name", "1", "0"],
    ]
    assert (
        "So far 4 versions of verdicts have been published. In force today: 2. "
        "Superseded by a newer version: 1. Withdrawn: 1. 3 people signed them."
    ) in text(soup.main)
    assert "secret" not in str(soup)


def test_without_verdicts_nobody_has_decided_anything(client):
    VerdictFactory(author=researcher(first_name="XYZZY"))

    assert "No verdict has been published yet." in text(page(client, "/about/").main)


def test_funding_and_contact_are_what_the_publisher_states(client, settings):
    settings.PUBLISHER_ABOUT = "Three newsrooms.\n\nAnd <b>one</b> library."
    settings.PUBLISHER_FUNDING = "Fees. See https://facts.example.org/fees"
    settings.PUBLISHER_CONTACT = "desk@example.org"

    soup = page(client, "/about/")

    def said(name):
        return [text(p) for p in soup.find(id=name).parent.find_all("p")]

    assert said("publisher") == [
        "Publisher: Counterclaim.",
        "Three newsrooms.",
        "And <b>one</b> library.",
    ]
    assert said("funding") == ["Fees. See https://facts.example.org/fees"]
    assert said("contact") == ["Contact, also for corrections: desk@example.org"]


def test_what_the_publisher_has_not_stated_is_said_to_be_so(client, settings):
    settings.PUBLISHER_ABOUT = settings.PUBLISHER_FUNDING = settings.PUBLISHER_CONTACT = ""

    nothing = [
        text(p) for p in page(client, "/about/").select("section:not(:first-of-type) .nothing")
    ]

    assert len(nothing) == 3
    assert all(said.startswith("The publisher has not stated here") for said in nothing)


# --- What the site does not know ---


def test_the_limits_are_counted_from_what_is_public(client):
    rated, bare, answered = (
        ClaimFactory(text=f"A {word} claim.") for word in ("rated", "bare", "answered")
    )
    primary = SourceFactory(primacy="primary", url="")
    secondary = SourceFactory(primacy="secondary", date=None, date_precision="")
    spoken = transcript(slug="speech", rendition="original", primacy="primary")
    translated = transcript(slug="translated", rendition="machine-translation")
    EvidenceFactory(claim=rated, source=secondary)
    EvidenceFactory(claim=rated, source=secondary, locator="p. 2", directness="indirect")
    EvidenceFactory(claim=answered, source=primary)
    EvidenceFactory(claim=answered, source=secondary, directness="indirect")
    quoted = passage(translated)
    AppearanceFactory(claim=rated, passage=quoted)
    AppearanceFactory(claim=answered, passage=quoted, manner="denied")
    EvidenceFactory(claim=answered, source=spoken.source, passage=passage(spoken, "Nobody did"))
    rebuttal = RebuttalFactory(claim=answered, passage=passage(translated, "Good afternoon"))
    CitationFactory(rebuttal=rebuttal, source=primary)
    CitationFactory(rebuttal=rebuttal, source=None)
    approved(claim=rated, rating=RatingFactory(slug="not-enough-evidence"))
    published(bare)
    published(answered)
    drafts_beside(rated, bare, answered, quoted)

    soup = page(client, "/limits/")

    assert table(soup, "claims") == {
        "Open: there is no verdict in force": ["2 of 3", "67 %"],
        "Nobody is on record as making the claim": ["2 of 3", "67 %"],
        "No rebuttal is on record": ["2 of 3", "67 %"],
        "No evidence is on record": ["1 of 3", "33 %"],
        "There is evidence, but none from a primary source": ["1 of 3", "33 %"],
        "Rated, though no search for contrary evidence is logged": ["1 of 1", "100 %"],
    }
    assert table(soup, "undecided") == {"Not enough evidence": ["1"]}
    assert [row[0] for row in table(soup, "evidence").values()] == ["2 of 4", "1 of 4", "1 of 2"]
    assert {name: row[0] for name, row in table(soup, "wording").items()} == {
        "Original wording": "1 of 3",
        "Human translation": "0 of 3",
        "Machine translation": "2 of 3",
        "Unknown": "0 of 3",
    }
    assert table(soup, "sources") == {
        "No text of it can be read here": ["2 of 4", "50 %"],
        "No date is known": ["1 of 4", "25 %"],
        "No address is known at which it is published": ["1 of 4", "25 %"],
    }
    for link in soup.select("tbody a"):
        n = text(link.find_parent("tr").td).split()[0]
        assert text(page(client, link["href"]).select_one(".count")).startswith(f"{n} claim")


def drafts_beside(rated, bare, answered, quoted):
    """Drafts that would change each of the numbers, if they were counted."""
    claim = ClaimFactory(text="XYZZY")
    draft = SourceFactory(primacy="primary", url="", date=None, date_precision="")
    snapshot = transcript(slug="another", rendition="unknown")
    for on in (claim, rated, bare):
        EvidenceFactory(claim=on, source=draft)
        RebuttalFactory(claim=on, passage=quoted)
        AppearanceFactory(claim=on, passage=passage(snapshot))
        SearchFactory(claim=on)
    CitationFactory(rebuttal=RebuttalFactory(claim=answered, passage=quoted), source=None)
    VerdictFactory(claim=bare)
    unpublished = VerdictFactory(claim=answered, rating=RatingFactory(slug="not-enough-evidence"))
    unpublished.submit(by=unpublished.author)
    assert Evidence.objects.published().count() < Evidence.objects.count()
    assert Verdict.objects.published().count() < Verdict.objects.count()


def test_an_empty_site_knows_nothing_and_says_so(client):
    soup = page(client, "/limits/")

    assert table(soup, "claims")["No rebuttal is on record"] == ["0 of 0", "–"]
    assert not soup.find(id="undecided")
