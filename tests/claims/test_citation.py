"""How a claim is cited: as text, CSL-JSON and BibTeX, read back by programs that read them."""

import datetime as dt
import json

import bibtexparser
import jsonschema
import pytest
from bibtexparser.middlewares import LatexDecodingMiddleware

from claims.citation import cite
from claims.models import Claim
from tests.claims.reading import page
from tests.factories import ClaimFactory, RatingFactory, approved, published

pytestmark = pytest.mark.django_db

SITE = "https://facts.example.org"
# What of the schema of CSL-JSON (https://github.com/citation-style-language/schema) a citation here has.
CSL = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": [
            "id",
            "type",
            "genre",
            "title",
            "author",
            "publisher",
            "issued",
            "language",
            "URL",
        ],
        "properties": {
            "id": {"type": "string", "pattern": "^[\\w-]+$"},
            "type": {"const": "webpage"},
            "genre": {"const": "Fact-check"},
            "title": {"type": "string"},
            "author": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["literal"],
                    "properties": {"literal": {"type": "string"}},
                    "additionalProperties": False,
                },
            },
            "publisher": {"type": "string"},
            "issued": {
                "type": "object",
                "required": ["date-parts"],
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1,
                        "items": {
                            "type": "array",
                            "minItems": 3,
                            "maxItems": 3,
                            "items": {"type": "integer"},
                        },
                    }
                },
                "additionalProperties": False,
            },
            "language": {"type": "string"},
            "URL": {"type": "string", "pattern": f"^{SITE}/"},
            "version": {"type": "string", "pattern": "^[1-9]"},
            "note": {"type": "string"},
        },
    },
}
HOSTILE = r"50% of all \emph it cost $3 & #1_x ~ 2 “is” – не так"


@pytest.fixture(autouse=True)
def _publisher(settings):
    settings.SITE_URL = SITE
    settings.PUBLISHER_NAME = "Facts & Figures"


def moment(day):
    return dt.datetime(2022, 3, day, tzinfo=dt.UTC)


@pytest.fixture
def claim():
    claim = ClaimFactory(slug="promise", text="There was a promise.")
    approved(claim=claim, at=moment(1))
    approved(claim=claim, at=moment(4), reason="error", note="x", rating=RatingFactory(slug="true"))
    return claim


def csl_of(client, slug="promise"):
    response = client.get(f"/claims/{slug}/citation.json", headers={"host": "localhost"})
    assert response["Content-Type"] == "application/vnd.citationstyles.csl+json"
    assert response["Content-Disposition"] == f'inline; filename="{slug}.json"'
    found = json.loads(response.content)
    jsonschema.validate(found, CSL)
    return found[0]


def bibtex_of(client, slug="promise"):
    response = client.get(f"/claims/{slug}/citation.bib", headers={"host": "localhost"})
    assert response["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert response["Content-Disposition"] == f'inline; filename="{slug}.bib"'
    library = bibtexparser.parse_string(
        response.content.decode(), append_middleware=[LatexDecodingMiddleware()]
    )
    assert not library.failed_blocks
    (entry,) = library.entries
    return entry.entry_type, entry.key, {field.key: field.value for field in entry.fields}


def test_a_claim_is_cited_by_the_version_that_was_read(claim):
    assert cite(Claim.objects.read("promise")) == (
        "Facts & Figures: “There was a promise.” Rating: True. Version 2, 4 March 2022. "
        f"{SITE}/claims/promise/ (last changed on 4 March 2022). "
        f"This version: {SITE}/claims/promise/verdicts/2/"
    )


def test_an_open_claim_is_cited_by_its_page():
    published(ClaimFactory(slug="open", text="There was one."), at=moment(2))
    Claim.objects.update(updated_at=moment(3))

    assert cite(Claim.objects.read("open")) == (
        "Facts & Figures: “There was one.” Open: no verdict. Published on 2 March 2022. "
        f"{SITE}/claims/open/ (last changed on 3 March 2022)."
    )


def test_csl_json(client, claim):
    assert csl_of(client) == {
        "id": "promise-v2",
        "type": "webpage",
        "genre": "Fact-check",
        "title": "“There was a promise.” Rating: True",
        "author": [{"literal": "Facts & Figures"}],
        "publisher": "Facts & Figures",
        "issued": {"date-parts": [[2022, 3, 4]]},
        "language": "en",
        "version": "2",
        "URL": f"{SITE}/claims/promise/verdicts/2/",
        "note": f"The claim and its newest verdict: {SITE}/claims/promise/",
    }


def test_bibtex(client, claim):
    assert bibtex_of(client) == (
        "misc",
        "promise-v2",
        {
            "author": "Facts & Figures",
            "title": "“There was a promise.” Rating: True",
            "year": "2022",
            "month": "mar",
            "date": "2022-03-04",
            "version": "2",
            "url": f"{SITE}/claims/promise/verdicts/2/",
            "language": "en",
            "note": f"The claim and its newest verdict: {SITE}/claims/promise/",
        },
    )


def test_an_open_claim_in_both(client):
    published(ClaimFactory(slug="open", text="There was one.", language="de"), at=moment(2))
    item, (_, key, fields) = csl_of(client, "open"), bibtex_of(client, "open")

    assert item["URL"] == fields["url"] == f"{SITE}/claims/open/"
    assert item["title"] == "“There was one.” Open: no verdict" == fields["title"]
    assert (item["id"], item["language"]) == (key, fields["language"]) == ("open", "de")
    assert {"version", "note"} & (item.keys() | fields.keys()) == set()


def test_what_was_judged_is_cited_however_the_claim_reads_by_now(client, claim):
    Claim.objects.update(text="There was none.")

    assert csl_of(client)["title"] == "“There was a promise.” Rating: True"


def test_no_letter_of_a_claim_is_an_instruction(client):
    approved(claim=ClaimFactory(slug="hostile", text=HOSTILE))
    _, _, fields = bibtex_of(client, "hostile")

    assert fields["title"] == f"“{HOSTILE}” Rating: False"
    assert fields.keys() == set("author title year month date url language version note".split())
    assert csl_of(client, "hostile")["title"] == f"“{HOSTILE}” Rating: False"


def test_braces_end_no_field_and_a_publisher_has_no_given_name(client):
    approved(claim=ClaimFactory(slug="braces", text="} , url = {x} {{ a^b"))
    raw = client.get("/claims/braces/citation.bib").content.decode()
    (entry,) = bibtexparser.parse_string(raw).entries

    assert "  author = {{Facts \\& Figures}}," in raw.splitlines()
    assert raw.count("{") == raw.count("}")
    assert entry["url"] == f"{SITE}/claims/braces/verdicts/1/"
    assert entry["title"] == (
        r"{“\textbraceright{} , url = \textbraceleft{}x\textbraceright{} "
        r"\textbraceleft{}\textbraceleft{} a\textasciicircum{}b” Rating: False}"
    )


def test_the_page_has_the_citation_and_leads_to_both(client, claim):
    soup = page(client, "/de/claims/promise/")

    assert soup.find(class_="cite-text").text == cite(Claim.objects.read("promise"))
    assert {link["href"] for link in soup.select(".cite-links a[href^='/']")} == {
        "/claims/promise/citation.json",
        "/claims/promise/citation.bib",
    }


@pytest.mark.parametrize("name", ["citation.json", "citation.bib"])
def test_a_merged_claim_leads_to_the_citation_of_the_other(client, name, claim):
    retired = published(ClaimFactory(slug="retired"))
    retired.duplicate_of = claim
    retired.save()
    response = client.get(f"/claims/retired/{name}")

    assert (response.status_code, response.url) == (301, f"/claims/promise/{name}")
