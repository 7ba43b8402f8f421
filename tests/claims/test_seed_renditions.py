"""No page, API answer, card or feed quotes the seed without saying that it is a translation of a translation.

The seed's text is English made by machine from Russian: shown as the speaker's words, it would misquote him.
A quotation is a run of WORDS words of the seed, whatever the case and the marks between, that the desk has
not used in words of its own (claims, headlines, summaries, titles). Wherever such a run stands, the rendition
has to be said in the same place:

* HTML: in the nearest figure, list item, table row, definition or article around it; or once, outside of
  these, on a page that is about the text as a whole (transcript, edition).
* JSON: in the nearest object around it that has a `rendition`, whose chain leads to the original; in JSON-LD
  in the `description` of the work.
* CSV: in the same row. Feeds: in the same entry.

The document itself, as bytes, text or WARC, is no quotation of it.
"""

import csv
import json
import re
from io import StringIO

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import transaction
from django.utils.html import escape

from claims.cards import claim_picture
from claims.models import Claim, Evidence, ExternalReview, Rebuttal, Search, Topic, Verdict
from claims.models.rebuttal import Citation
from claims.public_pages import public_pages
from claims.querysets import public_copies, public_passages
from sources.models import Snapshot, Source, Speaker
from tests.claims.world import RESOURCES

pytestmark = pytest.mark.django_db

WORDS = 6
# That it is none of the speaker's words, and by way of what it came from them.
SAID = {
    "": ("as rendered in a machine translation", "from this text back to its origin"),
    "/de": (
        "in einer maschinellen übersetzung wiedergegeben",
        "von diesem text zurück zu seinem ursprung",
    ),
}
OWN = (Claim, Verdict, Evidence, Rebuttal, Citation, Search, Topic, Source, Speaker, ExternalReview)
# What holds several things: a run from one into the next is none.
PARTED = ("html", "body", "main", "section", "header", "footer", "nav", "ul", "ol", "dl", "table")
AROUND = ("figure", "li", "tr", "dd", "article")


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup, django_db_blocker):
    """The seeds, loaded once for all tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_seeds", stdout=StringIO())
        yield
        transaction.set_rollback(True)


def runs(text):
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1)}


@pytest.fixture
def quoted():
    """The runs of words by which a quotation of the seed is known."""
    own = set()
    for model in OWN:
        for row in model.objects.values():
            for value in row.values():
                own |= runs(value) if isinstance(value, str) else set()
    found = runs(Snapshot.objects.get().text) - own
    assert len(found) > 3_000
    return found


def in_html(markup, quoted, said):
    """The quotations in a page beside which the rendition is not said."""
    soup = BeautifulSoup(markup, "html.parser")
    for meta in soup.find_all("meta", content=True):
        if runs(meta["content"]) & quoted:
            yield f"meta: {meta['content'][:80]}"
    for script in soup.find_all("script"):
        script.extract()
    of_the_page = any(not told.find_parent(AROUND) for told in soup.find_all(class_="rendition"))
    for element in soup.find_all(True):
        if element.name in PARTED or not runs(element.get_text(" ")) & quoted:
            continue
        if any(
            runs(child.get_text(" ")) & quoted for child in element.find_all(True, recursive=False)
        ):
            continue  # one of those below it has the words
        around = element.find_parent(AROUND) if element.name not in AROUND else element
        place = soup if of_the_page else around
        beside = " ".join(place.get_text(" ").split()).casefold() if place else ""
        if not all(words in beside for words in said):
            yield f"{element.name}: {element.get_text(' ')[:80]}"


def in_json(value, quoted, said=False):
    """The quotations in an answer of the API, or in JSON-LD, beside which the rendition is not said."""
    if isinstance(value, dict):
        rendition = value.get("rendition")
        if isinstance(rendition, dict):
            kinds = [step["kind"] for step in rendition["chain"]]
            said = kinds[0] == "machine-translation" and kinds[-1] == "original" and len(kinds) == 3
        said = said or "machine translation" in str(value.get("description", ""))
        for one in value.values():
            yield from in_json(one, quoted, said)
    elif isinstance(value, list):
        for one in value:
            yield from in_json(one, quoted, said)
    elif isinstance(value, str) and runs(value) & quoted and not said:
        yield value[:80]


def in_text(text, quoted):
    entries = re.split(r"<entry>", text)
    for entry in entries:
        if runs(re.sub(r"<[^>]+>|&lt;.*?&gt;", " ", entry)) & quoted and (
            "machine translation" not in entry.casefold()
        ):
            yield entry[:80]


def addresses():
    """Every public address that shows words, the document itself excepted."""
    for entry in public_pages():
        yield entry.path
        yield f"/de{entry.path}"
    for claim in Claim.objects.published():
        path = claim.get_absolute_url()
        yield from (f"{path}embed/", f"{path}history/", f"{path}?as_of=2026-11-26")
        yield from (f"{path}claimreview.jsonld", f"{path}citation.json", f"{path}citation.bib")
        yield f"/oembed?url=http://testserver{path}"
    for copy in public_copies().select_related("source"):
        source = copy.source.get_absolute_url()
        yield from (f"{source}editions/{copy.edition}/", f"{source}verify/")
        yield f"/de{source}editions/{copy.edition}/"
        yield f"{copy.source.get_transcript_url()}?beside=&edition={copy.edition}".replace(
            "beside=&", ""
        )
    for passage in public_passages():
        asked = re.findall(r"[^\W\d_]+", passage.exact)[:5]
        yield f"/search/?q={'+'.join(asked)}"
    for resource in RESOURCES:
        for form in ("json", "csv", "jsonld"):
            yield f"/api/v1/{resource}/?page_size=200&format={form}"
    for resource, model in (("claims", Claim), ("sources", Source), ("speakers", Speaker)):
        yield from (f"/api/v1/{resource}/{row.slug}/" for row in model.objects.published())
    yield f"/api/v1/transcripts/{Source.objects.get(snapshots__isnull=False).slug}/"
    yield "/v1alpha1/claims:search?query=nato&languageCode=en"
    yield "/v1alpha1/claims:search?query=russia"
    yield from ("/feeds/verdicts.atom", "/feeds/corrections.atom", "/data/claimreview.jsonld")
    for speaker in Speaker.objects.published():
        yield f"/feeds/speakers/{speaker.slug}.atom"


def unsaid(kind, body, quoted, language=""):
    if "html" in kind:
        return list(in_html(body, quoted, SAID[language]))
    if "json" in kind:
        return list(in_json(json.loads(body), quoted))
    if "csv" in kind:
        rows = (" ".join(row) for row in csv.reader(StringIO(body)))
        return [row[:80] for row in rows if runs(row) & quoted and "machine-translation" not in row]
    return list(in_text(body, quoted))


def test_nothing_quotes_the_seed_without_its_rendition(client, quoted):
    faults, n_quoting = {}, 0
    for address in dict.fromkeys(addresses()):
        answer = client.get(address, headers={"accept": "*/*"})
        if answer.status_code in (400, 404, 406):
            lacking = ("format=", ".jsonld", "/citation.", "/embed/", "oembed")  # of an open claim
            assert any(part in address for part in lacking), (address, answer.status_code)
            continue
        assert answer.status_code == 200, (address, answer.status_code)
        body = answer.getvalue().decode()
        n_quoting += bool(runs(body) & quoted)
        language = "/de" if address.startswith("/de/") else ""
        if found := unsaid(answer["Content-Type"], body, quoted, language):
            faults[address] = found[:3]
    assert faults == {}
    assert n_quoting > 100


def test_no_card_quotes_it(quoted):
    for claim in Claim.objects.published():
        card = claim_picture(Claim.objects.read(claim.slug))
        assert not runs(str(vars(card) if hasattr(card, "__dict__") else card)) & quoted


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("<main><ul><li><q>{}</q></li><li>{}</li></ul></main>", "text/html"),
        ("<main><p>{}</p><figure>{}</figure></main>", "text/html"),  # said elsewhere on the page
        ("<main><figure>{} As rendered in a machine translation</figure></main>", "text/html"),
        ('<html><head><meta name="description" content="{}"></head></html>', "text/html"),
        ('{{"passage": {{"exact": "{}"}}, "other": "{}"}}', "application/json"),
        (
            '{{"exact": "{}", "rendition": {{"chain": [{{"kind": "machine-translation"}}]}}, "x": "{}"}}',
            "application/json",
        ),
        ("<feed><entry>{}</entry><entry>{}</entry></feed>", "application/atom+xml"),
    ],
)
def test_one_that_did_would_be_found(planted, kind, quoted):
    words = next(p.exact for p in public_passages() if runs(p.exact) & quoted)
    body = planted.format(escape(" ".join(words.split())), " ".join(SAID[""]))

    assert unsaid(kind, body, quoted)
