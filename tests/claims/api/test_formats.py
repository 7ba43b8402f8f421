"""The forms of an answer: by `Accept`, and never one that was not asked for."""

from __future__ import annotations

import csv
import io
import re

import pytest

from claims.api.formats import cell
from claims.models import Claim
from sources.models import Speaker
from tests import factories
from tests.claims.problems import problem, wrong
from tests.claims.test_api import another
from tests.claims.world import RESOURCES, drafts, published_world

pytestmark = pytest.mark.django_db

API = "/api/v1"
SITE = "http://testserver"
CSV = {"accept": "text/csv"}
LD = {"accept": "application/ld+json"}


@pytest.fixture
def world():
    return published_world()


def table(client, path, **parameters):
    answer = client.get(f"{API}/{path}", parameters, headers=CSV)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/ld+json", "application/ld+json"),
        ("text/html, application/json;q=0.1, text/csv;q=0.2", "text/csv"),
        ("application/*;q=0.1, text/*;q=0.9", "text/csv"),
        ("application/json;q=0, text/csv", "text/csv"),
        ("application/ld+json, application/json;q=0.9", "application/ld+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_a_list_comes_as_it_is_preferred(client, world, accept, kind):
    answer = client.get(f"{API}/claims/", headers={} if accept is None else {"accept": accept})

    assert answer.status_code == 200
    assert answer["Content-Type"].partition(";")[0] == kind
    assert "Accept" in answer["Vary"].split(", ")


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_there_is_not_is_refused_and_said(client, world, resource):
    row = client.get(f"{API}/{resource}/").json()["results"][0]["api_url"]
    has_json_ld = resource in {"claims", "speakers", "sources", "topics"}
    forms = ["application/json", *(["application/ld+json"] * has_json_ld), "text/csv"]

    for accept in ("text/html", "image/png", "application/json;q=0"):
        answer = client.get(f"{API}/{resource}/", headers={"accept": accept})
        assert problem(answer, 406) == f"This address answers in {' or '.join(forms)}."
        assert "Accept" in answer["Vary"]
    assert client.get(f"{API}/{resource}/", headers=LD).status_code == (200 if has_json_ld else 406)
    for headers in (CSV, LD):
        assert problem(client.get(row, headers=headers), 406)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("json", "application/json"), ("csv", "text/csv"), ("jsonld", "application/ld+json")],
)
def test_an_address_alone_can_name_the_form(client, world, name, kind):
    for accept in ("text/html", "image/png", "text/csv", ""):  # a link, a spreadsheet: as they like
        answer = client.get(f"{API}/claims/?format={name}", headers={"accept": accept})

        assert answer.status_code == 200
        assert answer["Content-Type"].partition(";")[0] == kind
        assert answer.content == client.get(f"{API}/claims/", headers={"accept": kind}).content or (
            name == "jsonld"  # which says its own address
        )
    pages = client.get(f"{API}/speakers/?page_size=1&format={name}")
    assert f"format={name}" in pages["Link"]


def test_a_form_that_is_not_offered_by_that_name_is_refused(client, world):
    lists = "This address answers in json or jsonld or csv."
    for name in ("", "JSON", "xml", "api"):
        assert wrong(client.get(f"{API}/claims/?format={name}")) == {"format": [lists]}
    few = {"format": ["This address answers in json or csv."]}
    assert wrong(client.get(f"{API}/verdicts/?format=jsonld")) == few
    only = {"format": ["This address answers in json."]}
    for path in ("claims/promise/", "changes/"):
        assert client.get(f"{API}/{path}?format=json").status_code == 200
        assert wrong(client.get(f"{API}/{path}?format=csv")) == only
    twice = {"format": ["Give this parameter once."]}
    assert wrong(client.get(f"{API}/claims/?format=csv&format=json")) == twice


# --- CSV ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_table_says_what_the_list_says(client, world, resource):
    rows = client.get(f"{API}/{resource}/").json()["results"]

    found = table(client, f"{resource}/")

    assert len(found) == len(rows)
    for in_table, row in zip(found, rows, strict=True):
        assert in_table == {path: flat(row, path.split(".")) for path in in_table}
        assert {path.split(".")[0] for path in in_table} == set(row)


def flat(value, path):
    if isinstance(value, list):
        return " | ".join(flat(one, path) for one in value)
    if value is None:
        return ""
    return flat(value[path[0]], path[1:]) if path else str(value)


def test_a_table_has_a_name_to_be_saved_by(client, world):
    for path, name in (("claims/?format=csv", "claims"), ("verdicts/?format=csv", "verdicts")):
        named = f'inline; filename="{name}.csv"'
        assert client.get(f"{API}/{path}")["Content-Disposition"] == named
    for path in ("claims/", "claims/?format=jsonld", "claims/?format=csv&nonsense=1"):
        assert "Content-Disposition" not in client.get(f"{API}/{path}")


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ("text,slug", ["text", "slug"]),
        ("verdict.rating.slug,slug,verdict.version", None),
        ("text,claimants,slug", ["text", "claimants.slug", "claimants.name", "slug"]),
    ],
)
def test_columns_stand_in_the_order_asked_for(client, world, fields, columns):
    assert list(table(client, "claims/", fields=fields)[0]) == (columns or fields.split(","))


def test_columns_do_not_depend_on_the_rows(client, world):
    whole = list(table(client, "claims/")[0])
    assert whole[:9] == [
        *("slug", "url", "api_url", "text", "kind", "language", "topics"),
        *("claimants.slug", "claimants.name"),
    ]
    assert "verdict.rating.slug" in whole
    assert list(table(client, "claims/", has_verdict="false")[0]) == whole
    nothing = client.get(f"{API}/claims/?year=1900", headers=CSV).content.decode()
    assert nothing.strip().split(",") == whole


def test_fields_choose_columns_and_expand_adds_some(client, world):
    (row,) = table(client, "appearances/", fields="claimant.slug,claim", expand="claim.topics")
    assert {"claimant.slug", "claim.topics.name", "claim.counts.rebuttals"} <= row.keys()
    assert "id" not in row
    assert table(
        client,
        "appearances/",
        fields="claimant.kind,claim.topics.name",
        expand="claimant,claim.topics",
    ) == [{"claimant.kind": "state", "claim.topics.name": "Alliance"}]
    assert wrong(client.get(f"{API}/claims/?fields=colour", headers=CSV))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(client, world, text):
    Speaker.objects.filter(slug="doe").update(name=text)

    (row,) = [row for row in table(client, "speakers/") if row["slug"] == "doe"]

    assert row["name"] == f"'{text}"
    assert cell({"a": text.strip("=+-@\t\r")}, ("a",)) == text.strip("=+-@\t\r")


def test_what_would_end_a_cell_is_quoted(client, world):
    text = 'One, "two"\nthree; –4'
    Speaker.objects.filter(slug="doe").update(description=text)

    assert text in [row["description"] for row in table(client, "speakers/")]


def test_pages_are_linked_in_the_header_of_every_form(client, world):
    for headers in (CSV, LD, {}):
        url, seen = f"{API}/speakers/?page_size=1", []
        while url:
            answer = client.get(url, headers=headers)
            header = answer.get("Link", "")
            links = {rel: to for to, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}
            assert links.keys() == ({"next"} if not seen else {"prev"})
            seen.append(answer.content)
            url = links.get("next")
        assert len(set(seen)) == 2
    body = client.get(f"{API}/speakers/?page_size=1")
    assert f'<{body.json()["next"]}>; rel="next"' == body["Link"]
    assert "Link" not in client.get(f"{API}/speakers/")


# --- JSON-LD --------------------------------------------------------------------------------------


def feed(client, path):
    answer = client.get(f"{API}/{path}", headers=LD)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/ld+json"
    said = answer.json()
    assert said.keys() == {"@context", "@type", "url", "dataFeedElement"}
    assert (said["@context"], said["@type"]) == ("https://schema.org", "DataFeed")
    assert said["url"] == f"{SITE}{API}/{path}"
    return said["dataFeedElement"]


def test_claims_are_the_reviews_of_their_verdicts(client, world):
    entries = feed(client, "claims/")

    reviews = [entry["item"][0] for entry in entries]
    assert [(review["@type"], review["url"]) for review in reviews] == [
        ("ClaimReview", f"{SITE}/claims/{slug}/")
        for slug in [
            row["slug"] for row in client.get(f"{API}/claims/?has_verdict=true").json()["results"]
        ]
    ]
    assert len(feed(client, "claims/?topic=alliance")) == 1
    assert feed(client, "claims/?has_verdict=false") == []


def test_speakers_sources_and_topics_are_what_schema_org_calls_them(client, world):
    Speaker.objects.get(slug="doe").names.create(name="SECRETARY DOE")

    assert [entry["item"] for entry in feed(client, "speakers/")] == [
        {
            "@type": "Person",
            "name": "J. Doe",
            "url": f"{SITE}/speakers/doe/",
            "alternateName": ["SECRETARY DOE"],
        },
        {"@type": "Organization", "name": "Moscow", "url": f"{SITE}/speakers/moscow/"},
    ]
    works = {entry["item"]["url"]: entry["item"] for entry in feed(client, "sources/")}
    assert works[f"{SITE}/sources/remarks/"] == {
        "@type": "CreativeWork",
        "url": f"{SITE}/sources/remarks/",
        "name": "Remarks",
        "inLanguage": "en",
        "sameAs": "https://archive.example/remarks",
        "datePublished": "2022-01-07",
        "isBasedOn": f"{SITE}/sources/original/",
        "description": "A machine translation; not the speaker’s own words.",
        "translationOfWork": {
            "@type": "CreativeWork",
            "name": "The original",
            "url": "https://archive.example/original",
            "inLanguage": "en",
        },
    }
    assert [entry["item"] for entry in feed(client, "topics/")] == [
        {"@type": "DefinedTerm", "url": f"{SITE}/topics/alliance/", "name": "Alliance"}
    ]


@pytest.mark.parametrize("name", ["fields", "expand"])
def test_json_ld_is_whole(client, world, name):
    answer = client.get(
        f"{API}/topics/", {name: "slug"} if name == "fields" else {name: "topics"}, headers=LD
    )

    assert list(wrong(answer)) == [name]
    claims = client.get(f"{API}/claims/?fields=slug", headers=LD)
    assert wrong(claims) == {"fields": ["JSON-LD is answered whole: ask for JSON or CSV."]}


@pytest.mark.parametrize("kind", list(drafts(None)))
def test_a_draft_changes_no_form(client, world, kind):
    def everything():
        return [
            client.get(f"{API}/{resource}/", headers=headers).content
            for resource in RESOURCES
            for headers in (CSV, LD)
        ]

    before = everything()
    drafts(world)[kind]()

    assert everything() == before


def test_thirty_rows_cost_no_more_queries_than_one(client, world, django_assert_num_queries):
    queries = {"claims": 4, "speakers": 2, "sources": 2, "topics": 1}
    for resource, number in queries.items():
        with django_assert_num_queries(number):
            feed(client, f"{resource}/")
    for n in range(30):
        another(world, n)
    factories.published(world.claim)
    for resource, number in queries.items():
        with django_assert_num_queries(number):
            assert len(feed(client, f"{resource}/?page_size=200")) > 30
    number = Claim.objects.published().count()
    with django_assert_num_queries(4):
        assert len(table(client, "claims/", page_size=200)) == number
