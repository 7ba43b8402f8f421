"""A claim as of a day: what had been found by then, and what could be known, apart from what came later."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.as_of import When, past_day, when
from claims.models import Claim, Verdict
from tests.claims.knowledge_base import build
from tests.claims.problems import wrong
from tests.claims.reading import page, text
from tests.claims.test_api_schema import answer_of
from tests.claims.test_page_queries import QUERIES
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    ExternalReviewFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SnapshotFactory,
    SourceFactory,
    SpeakerFactory,
    VerdictFactory,
    approved,
    editor,
    passage,
    published,
    transcript,
    withdrawn,
)

DAY = dt.date(2022, 1, 7)
COUNTED = "war-in-eastern-ukraine-killed-nearly-14000-people"
DATED = ("appearances", "rebuttals", "answers", "evidence", "searches", "external_reviews")
OHCHR = "ohchr-casualties-ukraine-2022"


def at(day: int, hour: int = 12, *, month: int = 1, year: int = 2022) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=dt.UTC)


# --- The rule ---


@pytest.mark.parametrize(
    ("date", "precision", "expected"),
    [
        (dt.date(2022, 1, 7), "day", When.THEN),
        (dt.date(2022, 1, 8), "day", When.LATER),
        (dt.date(2021, 12, 1), "month", When.THEN),
        (dt.date(2022, 1, 1), "month", When.UNCERTAIN),
        (dt.date(2022, 2, 1), "month", When.LATER),
        (dt.date(2021, 1, 1), "year", When.THEN),
        (dt.date(2022, 1, 1), "year", When.UNCERTAIN),
        (dt.date(2023, 1, 1), "year", When.LATER),
        (None, "", When.UNCERTAIN),
    ],
)
def test_a_date_stands_where_its_precision_lets_it(date, precision, expected):
    assert when(date, precision, DAY) is expected


def test_a_month_and_a_year_count_from_their_last_day_on():
    february, year = dt.date(2024, 2, 1), dt.date(2024, 1, 1)

    assert when(february, "month", dt.date(2024, 2, 28)) is When.UNCERTAIN
    assert when(february, "month", dt.date(2024, 2, 29)) is When.THEN
    assert when(year, "year", dt.date(2024, 12, 30)) is When.UNCERTAIN
    assert when(year, "year", dt.date(2024, 12, 31)) is When.THEN
    assert when(dt.date(9999, 12, 1), "month", dt.date(9999, 12, 30)) is When.UNCERTAIN


@pytest.mark.parametrize("day", ["0001-01-01", "2022-01-07", "2024-02-29"])
def test_a_day_is_a_calendar_date_of_iso_8601(day):
    assert past_day(day, today=dt.date(2024, 2, 29)).isoformat() == day


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "yesterday",
        "2022",
        "2022-01",
        "20220107",
        "2022-W01-5",
        "2022-1-7",
        "2022-02-29",
        "0000-01-01",
        "2022-01-07T00:00:00Z",
        " 2022-01-07",
        "2022-01-07\n",
        "-2022-01-07",
        "٢٠٢٢-٠١-٠٧",
        "7 January 2022",
    ],
)
def test_anything_else_is_refused(nonsense):
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        past_day(nonsense)


@pytest.mark.parametrize("day", ["2024-03-01", "9999-12-31"])
def test_a_day_to_come_is_refused(day):
    with pytest.raises(ValidationError, match="still to come"):
        past_day(day, today=dt.date(2024, 2, 29))


# --- Verdicts ---


@pytest.fixture
def judged(db):
    """True from the first moment of 8 January on, false from 10 January on, withdrawn on 12 January."""
    claim = ClaimFactory(slug="judged")
    RatingFactory(slug="true"), RatingFactory(slug="false")
    for version, (rating, day) in enumerate([("true", at(8, 0)), ("false", at(10, 0))], start=1):
        verdict = VerdictFactory(
            claim=claim,
            rating=RatingFactory(slug=rating),
            headline=f"Finding {version}.",
            reason="first" if version == 1 else "error",
            note="" if version == 1 else "It was wrong.",
        )
        verdict.submit(by=verdict.author, at=day - dt.timedelta(hours=1))
        verdict.approve(by=editor(), at=day)
    withdrawn(verdict, why="It was wrong again.", at=at(12, 0))
    return claim


def api(client, slug, day=None, status=200):
    answer = client.get(f"/api/v1/claims/{slug}/", {"as_of": day} if day else {})
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.mark.parametrize(
    ("day", "in_force", "versions", "later"),
    [
        ("0001-01-01", None, [], [2, 1]),
        ("2022-01-07", None, [], [2, 1]),
        ("2022-01-08", 1, [(1, None)], [2, 1]),
        ("2022-01-09", 1, [(1, None)], [2, 1]),
        ("2022-01-10", 2, [(2, None), (1, "superseded")], [2]),
        ("2022-01-11", 2, [(2, None), (1, "superseded")], [2]),
        ("2022-01-12", None, [(2, "withdrawn"), (1, "superseded")], []),
    ],
)
def test_the_verdict_in_force_changes_at_midnight(client, judged, day, in_force, versions, later):
    found = api(client, "judged", day)
    listed = client.get("/api/v1/verdicts/", {"as_of": day}).json()["results"]

    assert found["as_of"] == day
    assert (found["verdict"] or {"version": None})["version"] == in_force
    assert [(v["version"], v["ending"]) for v in found["verdicts"]] == versions
    for verdict in found["verdicts"]:
        ended = verdict["ending"] is not None
        assert (verdict["ended_at"] is not None, verdict["ending_reason"] != "") == (ended, ended)
    assert [v["version"] for v in found["later"]["verdicts"]] == later
    assert found["uncertain"]["verdicts"] == []
    assert [v["version"] for v in listed] == ([in_force] if in_force else [])


def test_later_versions_stand_as_they_do_now(client, judged):
    now = api(client, "judged")

    assert api(client, "judged", "2022-01-08")["later"]["verdicts"] == now["verdicts"]


def test_the_verdicts_list_takes_the_day_beside_other_filters(client, judged):
    def versions(**asked):
        results = client.get("/api/v1/verdicts/", {"as_of": "2022-01-09", **asked}).json()[
            "results"
        ]
        return [row["version"] for row in results]

    assert versions(claim="judged") == [1]
    assert versions(rating="true") == [1]
    assert versions(rating="false") == []
    for in_force in ("true", "false"):  # one excludes the other
        both = {"as_of": "2022-01-09", "in_force": in_force}
        assert wrong(client.get("/api/v1/verdicts/", both)) == {
            "in_force": [
                "Ask for in_force or as_of: as_of alone gives what was in force on that day."
            ]
        }


def test_the_claims_beside_it_have_the_verdict_of_that_day_too(client, db):
    claim, whole = ClaimFactory(slug="main"), ClaimFactory(slug="whole")
    claim.part_of = whole
    claim.save()
    part = ClaimFactory(slug="part", part_of=claim, part_position=1)
    counterclaim, answered = ClaimFactory(slug="counter"), ClaimFactory(slug="answered")
    for each in (whole, part, counterclaim, answered):
        approved(claim=each, at=at(9))
    snapshot = transcript()
    RebuttalFactory(claim=claim, counterclaim=counterclaim, passage=passage(snapshot, "Nobody did"))
    RebuttalFactory(claim=answered, counterclaim=claim, passage=passage(snapshot, "Nobody did"))
    for each in (claim, answered):
        published(each)

    def beside(day):
        found = api(client, "main", day)
        soup = page(client, f"/claims/main/?as_of={day}")
        verdicts = [
            found["parts"][0]["verdict"],
            found["rebuttals"][0]["counterclaim"]["verdict"],
            found["answers"][0]["claim"]["verdict"],
        ]
        shown = soup.main.select(".parts .rating, .linked .rating, .rebuttal .rating")
        open_ones = [rating for rating in shown if "Open" in text(rating)]
        return [bool(v) for v in verdicts], len(open_ones)

    # On the page also its whole.
    assert beside("2022-01-08") == ([False] * 3, 4)
    assert beside("2022-01-09") == ([True] * 3, 0)


# --- What could be known ---


@pytest.fixture
def world(db):
    """A claim with something of each kind: dated by then, later, and one cannot tell."""
    claim = ClaimFactory(slug="promise", context="What it is about.")
    by_then = transcript(slug="by-then", title="By then", date=DAY)
    later = transcript(slug="later", title="Later", date=dt.date(2022, 1, 8))
    undated = transcript(slug="undated", title="Undated", date=None, date_precision="")
    for snapshot in (by_then, later, undated):
        AppearanceFactory(claim=claim, passage=passage(snapshot), claimant=SpeakerFactory())
        RebuttalFactory(claim=claim, passage=passage(snapshot, "The Alliance never promised that."))
    AppearanceFactory(
        claim=claim,
        passage=passage(undated, "Nobody did"),
        claimant=SpeakerFactory(slug="early", name="An early claimant"),
        said_on=dt.date(1999, 1, 1),
    )
    copy = SourceFactory(slug="copy", title="A copy", date=DAY)
    copy.derived_from, copy.derivation = by_then.source, "reprint"
    copy.save()
    for source, available_on in [
        (by_then.source, None),
        (copy, None),
        (SourceFactory(slug="kept-secret", date=dt.date(1990, 1, 1)), dt.date(2022, 1, 8)),
        (SourceFactory(slug="leaked", date=dt.date(2022, 2, 1)), DAY),
        (SourceFactory(slug="december", date=dt.date(2021, 12, 1), date_precision="month"), None),
        (SourceFactory(slug="january", date=dt.date(2022, 1, 1), date_precision="month"), None),
        (SourceFactory(slug="last-year", date=dt.date(2021, 1, 1), date_precision="year"), None),
        (SourceFactory(slug="this-year", date=dt.date(2022, 1, 1), date_precision="year"), None),
        (SourceFactory(slug="next-year", date=dt.date(2023, 1, 1), date_precision="year"), None),
        (SourceFactory(slug="no-date", date=None, date_precision=""), None),
    ]:
        EvidenceFactory(claim=claim, source=source, available_on=available_on)
    for name, reviewed_on in [("Early", DAY), ("Late", dt.date(2022, 1, 8)), ("Undated", None)]:
        ExternalReviewFactory(claim=claim, publisher_name=name, reviewed_on=reviewed_on)
    SearchFactory(claim=claim, place="Then", searched_on=DAY)
    SearchFactory(claim=claim, place="Afterwards", searched_on=dt.date(2022, 1, 8))
    published(claim)
    return claim


def slugs(rows):
    return sorted(row["source"]["slug"] for row in rows)


def test_evidence_is_known_later_or_one_cannot_tell(client, world):
    found = api(client, "promise", "2022-01-07")

    assert slugs(found["evidence"]) == ["by-then", "copy", "december", "last-year", "leaked"]
    assert slugs(found["later"]["evidence"]) == ["kept-secret", "next-year"]
    assert slugs(found["uncertain"]["evidence"]) == ["january", "no-date", "this-year"]
    # The copy counts with its original.
    assert found["counts"] == {
        "appearances": 2,
        "rebuttals": 1,
        "evidence": {"supports": 4, "refutes": 0, "mixed": 0, "context": 0},
    }
    assert [row["place"] for row in found["searches"]] == ["Then"]
    assert [row["place"] for row in found["later"]["searches"]] == ["Afterwards"]
    for rows, name in ((found, "Early"), (found["later"], "Late"), (found["uncertain"], "Undated")):
        assert [row["publisher"]["name"] for row in rows["external_reviews"]] == [name]
    assert [row["passage"]["transcript"] for row in found["rebuttals"]] == ["by-then"]
    assert [row["passage"]["transcript"] for row in found["later"]["rebuttals"]] == ["later"]
    assert [row["passage"]["transcript"] for row in found["uncertain"]["rebuttals"]] == ["undated"]
    # What somebody is known to have said counts from that day, whatever became of the record.
    assert len(found["claimants"]) == 2
    assert "early" in {row["slug"] for row in found["claimants"]}


def test_nothing_is_lost_and_nothing_is_there_twice(client, world):
    now, then = api(client, "promise"), api(client, "promise", "2022-01-07")

    for kind in DATED:
        rows = then[kind] + then["later"][kind] + then["uncertain"][kind]
        assert sorted(map(str, rows)) == sorted(map(str, now[kind])), kind
    dated = {*DATED, "claimants", "counts", "as_of", "later", "uncertain"}
    assert {k: v for k, v in then.items() if k not in dated} == {
        k: v for k, v in now.items() if k not in dated
    }


def test_without_a_day_the_answer_has_no_word_of_it(client, world):
    assert not {"as_of", "later", "uncertain"} & api(client, "promise").keys()


def test_as_of_today_nothing_but_the_undated_is_apart(client, world):
    today = dt.datetime.now(dt.UTC).date()
    now, then = api(client, "promise"), api(client, "promise", str(today))

    assert not any(then["later"].values())
    assert slugs(then["uncertain"]["evidence"]) == ["no-date"]
    assert then["verdict"] == now["verdict"]


def test_fields_are_left_out_as_ever_and_nothing_of_now_is_expanded_into_it(client, world):
    path = "/api/v1/claims/promise/?as_of=2022-01-07"
    some = client.get(f"{path}&fields=as_of,counts.rebuttals,later.evidence.source.slug").json()
    refused = client.get(f"{path}&expand=parts")

    assert some == {
        "as_of": "2022-01-07",
        "counts": {"rebuttals": 1},
        "later": {
            "evidence": [{"source": {"slug": "kept-secret"}}, {"source": {"slug": "next-year"}}]
        },
    }
    assert refused.status_code == 400
    assert "as of now" in str(refused.json()["errors"]["expand"])
    assert client.get("/api/v1/claims/promise/?expand=parts").status_code == 200


def test_the_answer_is_as_described(client, world):
    schema = client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()
    path = "/api/v1/claims/{slug}/"
    parameters = {one["name"]: one for one in schema["paths"][path]["get"]["parameters"]}

    assert parameters["as_of"]["schema"] == {"type": "string", "format": "date"}
    answer_of(schema, path).validate(api(client, "promise", "2022-01-07"))


# --- The page ---


def headings(soup):
    return [text(h) for h in soup.main.find_all("h2")]


def cited(section):
    return [text(cite) for cite in section.select("cite")]


def test_the_page_keeps_then_apart_from_later(client, world):
    soup = page(client, "/claims/promise/?as_of=2022-01-07")
    known = soup.find(id="evidence").parent
    later, uncertain = soup.find(id="later").parent, soup.find(id="uncertain").parent

    assert "As of 7 January 2022" in text(soup.select_one(".notice"))
    assert soup.select_one(".notice a")["href"] == "/claims/promise/"
    assert sorted(link["href"] for link in known.select(".evidence-source a")) == [
        f"/sources/{slug}/" for slug in ("by-then", "copy", "december", "last-year", "leaked")
    ]
    assert [link["href"] for link in later.select(".evidence-source a")] == [
        "/sources/kept-secret/",
        "/sources/next-year/",
    ]
    assert "Public since 8 January 2022 ." in text(later)
    assert "Public since 2023 ." in text(later)
    assert {link["href"] for link in uncertain.select(".evidence-source a")} == {
        "/sources/january/",
        "/sources/no-date/",
        "/sources/this-year/",
    }
    assert "When it became public is not known." in text(uncertain)
    assert "Late, 8 January 2022 :" in text(later)
    assert "Undated:" in text(uncertain)
    assert "Early" in text(soup.find(id="others").parent)
    assert text(later).count(": Later") == 2  # the appearance and the rebuttal, as rows of a table
    assert "Cite or share this page" not in headings(soup)
    assert text(soup.find(id="timeline").parent).count("By then") == 3
    assert "Afterwards" not in text(soup.find(id="searched").parent)


def test_the_verdict_of_then_stands_beside_that_of_now(client, judged):
    def finding(day):
        return text(page(client, f"/claims/judged/?as_of={day}").select_one(".finding"))

    assert "had published no verdict" in finding("2022-01-07")
    assert "Finding 1." in finding("2022-01-09")
    assert "Today there is no verdict in force." in finding("2022-01-09")
    assert "was withdrawn on 12 January 2022" in finding("2022-01-12")
    verdict = VerdictFactory(
        claim=judged, rating=RatingFactory(slug="true"), reason="error", note="Checked anew."
    )
    verdict.submit(by=verdict.author, at=at(13))
    verdict.approve(by=editor(), at=at(14))
    assert "In force today: True Version 3 , 14 January 2022" in finding("2022-01-09")
    assert "The same verdict is in force today." in finding("2022-01-14")
    assert "Finding 2." not in finding("2022-01-09")


def test_search_engines_are_shown_the_page_of_now_alone(client, judged):
    plain = page(client, "/claims/judged/")
    soup = page(client, "/claims/judged/?as_of=2022-01-09")

    assert plain.find("meta", {"name": "robots"}) is None
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex, follow"
    assert soup.find("link", rel="canonical")["href"] == plain.find("link", rel="canonical")["href"]
    assert soup.find("script", type="application/ld+json") is None
    assert soup.find("meta", property="og:image") == plain.find("meta", property="og:image")
    assert "As of 9 January 2022" in soup.title.text


def test_a_form_leads_there_and_no_link_does(client, judged):
    soup = page(client, "/claims/judged/")
    form = soup.find("input", {"name": "as_of"}).find_parent("form")

    assert form["action"] == "/claims/judged/"
    assert form.find("label")["for"] == form.find("input")["id"]
    assert "as_of" not in "".join(link["href"] for link in soup.find_all(href=True))
    # What a browser sends of a form that nobody filled in asks for now.
    assert headings(page(client, "/claims/judged/?as_of=")) == headings(soup)
    assert page(client, "/claims/judged/?as_of=").find("meta", {"name": "robots"}) is None


@pytest.mark.parametrize("language", ["de", "ru", "uk"])
def test_it_is_there_in_every_language(client, world, language):
    soup = page(client, f"/{language}/claims/promise/?as_of=2022-01-07")

    assert soup.html["lang"] == language
    assert soup.select_one(".notice a")["href"] == f"/{language}/claims/promise/"
    assert soup.find("time", datetime="2022-01-07")
    assert len(soup.find(id="later").parent.select(".evidence-source a")) == 2


@pytest.mark.parametrize(
    "question", ["as_of=soon", "as_of=2999-01-01", "as_of=2022-01-07&as_of=2022-01-08"]
)
def test_what_is_no_past_day_is_refused_by_name(client, judged, question):
    answer = client.get(f"/api/v1/claims/judged/?{question}")
    listed = client.get(f"/api/v1/verdicts/?{question}")

    assert "“as_of”" in text(page(client, f"/claims/judged/?{question}", 400).main)
    for refused in (answer, listed):
        assert refused.status_code == 400
        assert "as_of" in str(refused.json())
    assert client.get("/api/v1/claims/judged/?as_of=").status_code == 400


def test_other_parameters_of_a_page_are_passed_over_as_ever(client, judged):
    assert headings(page(client, "/claims/judged/?from=elsewhere&as_of=2022-01-09"))


def test_a_retired_claim_leads_on_to_the_same_day(client, judged):
    retired = published(ClaimFactory(slug="retired"))
    retired.merge_into(judged, by=editor())
    path, end = "/claims/retired/", "?as_of=2022-01-09"

    assert client.get(path + end)["Location"] == f"/claims/judged/{end}"
    assert client.get(path)["Location"] == "/claims/judged/"
    assert client.get(f"/api/v1{path}{end}")["Location"].endswith(f"/api/v1/claims/judged/{end}")


# --- Drafts, and what it costs ---


def test_a_draft_changes_nothing_as_of_any_day(client, world):
    approved(claim=world, at=at(7))
    days = ("1998-01-01", "2022-01-07", "2022-01-08")

    def everything():
        return [
            (api(client, "promise", day), str(page(client, f"/claims/promise/?as_of={day}")))
            for day in days
        ]

    before = everything()
    EvidenceFactory(claim=world, source=SourceFactory(date=dt.date(1997, 1, 1)), summary="A draft.")
    EvidenceFactory(claim=world, available_on=DAY, summary="A draft.")
    old = SnapshotFactory(text="An old speech.", source__date=dt.date(1990, 1, 1))
    AppearanceFactory(claim=world, passage=passage(old, "An old speech."))
    RebuttalFactory(claim=world, passage=passage(old, "An old speech."))
    SearchFactory(claim=world, searched_on=dt.date(1990, 1, 1))
    approved(claim=ClaimFactory(), at=at(7))
    VerdictFactory(claim=world, reason="error", note="A draft.")

    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 5])
def test_a_day_costs_no_query(client, n):
    claim = build(n).claim
    counted = []
    for path in (f"/claims/{claim.slug}/", f"/api/v1/claims/{claim.slug}/"):
        for question in ("", "?as_of=2022-01-07", "?as_of=0001-01-01"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path + question).status_code == 200
            counted.append(len(queries))

    assert counted == [QUERIES["claim"]] * 6


# --- The seed: what could be known of the dead of a war on the day of the briefing ---


@pytest.fixture
def seeded(db):
    call_command("load_seeds", verbosity=0)


def test_the_count_of_late_january_was_not_known_on_the_7th(client, seeded):
    found = api(client, COUNTED, "2022-01-07")
    soup = page(client, f"/claims/{COUNTED}/?as_of=2022-01-07")
    later = soup.find(id="later").parent

    assert found["verdict"] is None
    assert found["verdicts"] == found["evidence"] == found["searches"] == []
    assert found["counts"]["evidence"] == dict.fromkeys(
        ["supports", "refutes", "mixed", "context"], 0
    )
    assert slugs(found["later"]["evidence"]) == [OHCHR]
    assert found["later"]["evidence"][0]["available_on"] == "2022-01-27"
    assert not any(found["uncertain"].values())
    assert len(found["appearances"]) == 1  # the briefing is of that very day
    for word in (OHCHR, "14,200", "casualties", "27 January 2022"):
        assert word in str(later)
    assert "Public since 27 January 2022 ." in text(later)
    later.decompose()
    for word in (OHCHR, "14,200", "14,400", "OHCHR", "27 January"):
        assert word not in str(soup.main)


def test_the_count_was_known_from_its_day_on_and_each_version_in_its_time(client, seeded):
    def stand(day):
        found = api(client, COUNTED, day)
        return (found["verdict"] or {"version": None})["version"], slugs(found["evidence"])

    assert stand("2022-01-26") == (None, [])
    assert stand("2022-01-27") == (None, [OHCHR])
    assert stand("2026-11-19") == (None, [OHCHR])
    assert stand("2026-11-20") == (1, [OHCHR])
    assert stand("2026-11-21") == (1, [OHCHR])
    assert stand("2026-11-22") == (2, [OHCHR])


def test_as_of_a_day_long_before_everything_came_later(client, seeded):
    for claim in Claim.objects.published():
        found = api(client, claim.slug, "0001-01-01")
        assert found["verdict"] is None
        assert not any(found[kind] for kind in found["later"])
    assert not client.get("/api/v1/verdicts/", {"as_of": "0001-01-01"}).json()["results"]
    today = dt.datetime.now(dt.UTC).date()
    in_force = client.get("/api/v1/verdicts/", {"as_of": str(today), "page_size": 200}).json()
    assert len(in_force["results"]) == Verdict.objects.published().in_force().count()
