"""Sources: what each is, what it bears on in which direction, and what derives from what."""

import datetime as dt

import pytest

from claims.lineage import lineage
from claims.views import sources
from sources.models import Source
from sources.querysets import Family
from tests.claims.knowledge_base import build
from tests.claims.reading import page, text
from tests.factories import (
    ClaimFactory,
    EvidenceFactory,
    SourceFactory,
    approved,
    editor,
    published,
)


def tree(node):
    return (node.source.title, [tree(child) for child in node.children])


def nodes(node):
    return [node, *(below for child in node.children for below in nodes(child))]


def chain(*parents):
    """Sources 0, 1, 2, …, each derived from the one at the place given, or from none."""
    rows = [Source(pk=n + 1, title=str(n)) for n in range(len(parents))]
    for row, parent in zip(rows, parents, strict=True):
        row.derived_from_id = None if parent is None else parent + 1
    return rows


# --- The tree ---


def test_the_family_is_a_tree_with_its_origin_above():
    rows = chain(None, 0, 1, 0)

    found = lineage(rows, rows[2], most=10)

    assert tree(found.origin) == ("0", [("1", [("2", [])]), ("3", [])])
    assert [node.source.title for node in nodes(found.origin) if node.is_this] == ["2"]
    assert found.n_hidden == 0
    assert lineage(rows[:1], rows[0], most=10) is None


def test_of_a_large_family_the_way_to_the_origin_and_the_nearest_below_are_kept():
    rows = chain(None, 0, 1, *[1] * 3, *[2] * 4, *[6] * 3)

    found = lineage(rows, rows[2], most=5)

    assert tree(found.origin) == (
        "0",
        [("1", [("2", [("6", [("10", [])]), *((str(n), []) for n in (7, 8, 9))])])],
    )
    assert found.n_hidden == len(rows) - 8


def test_a_chain_that_bites_its_own_tail_ends():
    rows = chain(2, 0, 1, 2)

    found = lineage(rows, rows[3], most=10)

    assert sorted(node.source.title for node in nodes(found.origin)) == ["0", "1", "2", "3"]
    assert sorted(node.source.title for node in nodes(lineage(rows, rows[0], most=1).origin))


@pytest.mark.django_db
def test_a_draft_joins_no_family():
    origin = SourceFactory(title="origin")
    copy = SourceFactory(title="copy", derived_from=origin, derivation="reprint")
    draft = SourceFactory(title="draft", derived_from=copy, derivation="report")
    beyond = SourceFactory(title="beyond")
    SourceFactory(title="stranger").publish(by=editor())
    copy.publish(by=editor())
    beyond.publish(by=editor())
    # Past the rules of the model, which would publish what it rests on.
    Source.objects.filter(pk=beyond.pk).update(derived_from=draft, derivation="report")

    def family(source):
        return {row.title for row in Source.objects.filter(pk__in=Family(source.pk))}

    assert family(origin) == family(copy) == {"origin", "copy"}
    assert family(beyond) == {"beyond"}


# --- The page ---


@pytest.mark.django_db
def test_a_source_says_on_what_it_bears_and_in_which_direction(client):
    source = SourceFactory(title="A record", primacy="primary", language="und")
    for n, direction in enumerate(["supports", "supports", "refutes", "context"]):
        claim = ClaimFactory(text=f"Claim {n}.")
        EvidenceFactory(claim=claim, source=source, direction=direction, summary=f"Says {n}.")
        if n == 0:
            EvidenceFactory(
                claim=claim, source=source, direction=direction, locator="p. 9", summary="Also 0."
            )
        approved(claim=claim)
        # On a public claim, and still the desk's.
        EvidenceFactory(claim=claim, source=source, direction="mixed", locator="p. 2")
    EvidenceFactory(source=source, direction="supports", summary="XYZZY")

    soup = page(client, source.get_absolute_url())
    sides = {
        text(section.h3): [text(li) for li in section.select(".row")]
        for section in soup.select("[aria-labelledby=bears] section")
    }

    assert sides == {
        "It supports 2 claims": [
            "False Claim 1. Says 1. Direct",
            "False Claim 0. Also 0. Direct p. 9 Says 0. Direct",
        ],
        "It refutes 1 claim": ["False Claim 2. Says 2. Direct"],
        "To 1 claim it gives context": ["False Claim 3. Says 3. Direct"],
    }
    facts = {text(div.dt): text(div.dd) for div in soup.select(".facts > div")}
    assert facts["Standing"] == "Primary: the record itself, or first-hand."
    assert facts["Language"] == "Not known"
    assert not soup.find(id="lineage")
    (everything,) = [a for a in soup.main.find_all("a") if "in any way" in a.text]
    assert text(page(client, everything["href"]).select_one(".count")) == "4 claims"


@pytest.mark.django_db
def test_a_source_shows_what_it_comes_from_and_what_comes_from_it(client, argument):
    report = argument.evidence.get(source__title="A report of it").source
    SourceFactory(title="XYZZY", derived_from=report, derivation="reprint")
    for source in (report, report.derived_from):
        lines = page(client, source.get_absolute_url()).find(id="lineage").parent
        (top,) = lines.select(".tree > li")
        assert [text(li) for li in top.select("ul > li")] == [
            "A report of it Report 7 January 2022"
        ]
        assert text(top.find(["a", "strong"])) == "A record"
        assert text(top.select_one("[aria-current]")) == source.title
        assert "they count once together" in text(lines)


@pytest.mark.django_db
def test_a_source_on_which_much_rests_shows_the_newest_and_leads_to_the_rest(client, monkeypatch):
    assert (sources.EVIDENCE, sources.PAGE_SIZE) == (25, 50)
    monkeypatch.setattr(sources, "EVIDENCE", 3)
    monkeypatch.setattr(sources, "PAGE_SIZE", 8)
    base = build(5)
    soup = page(client, base.source.get_absolute_url())

    evidence, citations = soup.select(".count")
    assert text(evidence) == "The newest 3 of 5 pieces of evidence."
    assert text(soup.find(id="supports")) == "It supports 5 claims"
    assert len(soup.select(".rows > li")) == 3
    assert text(citations) == "The newest 8 of 10 citations."
    assert len(soup.select(".citations > li")) == 8
    # The main claim, the counterclaims and the claims answered.
    (everything,) = [a for a in soup.main.find_all("a") if "in any way" in a.text]
    assert text(page(client, everything["href"]).select_one(".count")) == "11 claims"
    lines = soup.find(id="lineage").parent
    assert len(lines.select(".tree ul > li")) == 8
    assert "12 more sources of the same origin are not shown." in text(lines)
    (derived,) = [a for a in lines.find_all("a") if "derived directly" in a.text]
    assert text(page(client, derived["href"]).select_one(".count")) == "20 sources"


@pytest.mark.django_db
def test_no_direction_crowds_another_out(client):
    source = SourceFactory()
    for direction in ["refutes"] + ["supports"] * 30:
        claim = ClaimFactory()
        EvidenceFactory(claim=claim, source=source, direction=direction)
        published(claim)

    soup = page(client, source.get_absolute_url())

    assert len(soup.select("[aria-labelledby=supports] .row")) == 25
    assert len(soup.select("[aria-labelledby=refutes] .row")) == 1


# --- The list ---


@pytest.mark.django_db
def test_sources_can_be_narrowed_down_and_ordered(client):
    for title, kind, primacy, year in (
        ("B", "treaty", "primary", 1949),
        ("A", "report", "primary", None),
        ("C", "report", "secondary", 2010),
        ("D", "report", "secondary", 2009),
    ):
        SourceFactory(
            title=title,
            kind=kind,
            primacy=primacy,
            date=dt.date(year, 1, 1) if year else None,
            date_precision="year" if year else "",
        ).publish(by=editor())
    SourceFactory(title="XYZZY", kind="dataset", primacy="primary", rendition="unknown")

    def listed(question):
        soup = page(client, f"/sources/?{question}")
        return "".join(text(p) for p in soup.select(".row-title"))

    def offered(question):
        return [text(a) for a in page(client, f"/sources/?{question}").select(".facets li a")]

    assert listed("ordering=title") == listed("ordering=title&page=1") == "ABCD"
    assert listed("ordering=date") == "BDCA"
    assert listed("ordering=-date") == "CDBA"
    assert listed("kind=report&primacy=secondary") == "CD"
    assert listed("rendition=unknown") == ""
    assert offered("ordering=date") == [
        *("treaty or agreement 1", "report 3", "primary 2", "secondary 2", "original wording 4")
    ]
    # The numbers of a facet are those under all the others.
    assert offered("kind=report") == [
        *("treaty or agreement 1", "report 3 , chosen: remove"),
        *("primary 1", "secondary 2", "original wording 3"),
    ]
    assert offered("kind=treaty&primacy=secondary") == [
        *("treaty or agreement 0 , chosen: remove", "report 2"),
        *("primary 1", "secondary 0 , chosen: remove"),
    ]


@pytest.mark.django_db
def test_sources_are_ordered_by_how_many_claims_they_bear_on(client):
    base = build(2)
    soup = page(client, "/sources/?ordering=-n_claims")

    first = soup.select_one(".entries > li")
    assert text(first.select_one(".row-title")) == base.source.title
    assert "Evidence on 2 claims" in text(first)


@pytest.mark.django_db
def test_the_list_of_what_derives_from_a_draft_does_not_name_it(client):
    SourceFactory(slug="xyzzy-source")

    for slug in ("xyzzy-source", "nothing"):
        soup = page(client, f"/sources/?derived_from={slug}", 400)
        assert "There is no such source." in text(soup.main)
