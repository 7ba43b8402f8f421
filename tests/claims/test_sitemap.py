"""The sitemap and robots.txt: which pages there are, when each last changed, what is not to be fetched."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from claims.models import Claim, Verdict
from claims.views import sitemaps
from sources.models import Source, Speaker
from tests.claims.knowledge_base import build
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RebuttalFactory,
    SourceFactory,
    SpeakerFactory,
    TopicFactory,
    approved,
    editor,
    passage,
    published,
    transcript,
    withdrawn,
)

pytestmark = pytest.mark.django_db

SITE = "https://facts.example.org"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}link"
# https://www.w3.org/TR/NOTE-datetime, as far as seconds.
W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


@pytest.fixture(autouse=True)
def _elsewhere(settings):
    settings.SITE_URL = SITE


def fetch(client, path="/sitemap.xml"):
    response = client.get(path, headers={"host": "localhost"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def changes(client):
    """When each page last changed, by its path; the sitemap is held against the protocol on the way."""
    root = fetch(client)
    assert root.tag == f"{NAMESPACE}urlset"
    found = {}
    for url in root:
        assert [child.tag for child in url if child.tag != XHTML] in (
            [f"{NAMESPACE}loc", f"{NAMESPACE}lastmod"],
            [f"{NAMESPACE}loc"],
        )
        address, changed = url[0].text, url.findtext(f"{NAMESPACE}lastmod")
        assert url.tag == f"{NAMESPACE}url"
        assert address.startswith(f"{SITE}/")
        assert len(address) < 2048
        assert changed is None or W3C.fullmatch(changed)
        path = address.removeprefix(SITE)
        assert {(link.get("hreflang"), link.get("href")) for link in url.findall(XHTML)} == {
            ("en-gb", f"{SITE}{path}"),
            ("de", f"{SITE}/de{path}"),
            ("ru", f"{SITE}/ru{path}"),
            ("uk", f"{SITE}/uk{path}"),
        }
        assert path not in found
        found[path] = changed and dt.datetime.fromisoformat(changed)
    return found


def test_it_lists_each_page_once(client):
    base = build()
    listed = changes(client)

    plain = (
        "home claims speakers sources topics corrections methodology parity about limits".split()
    )
    expected = {reverse(name) for name in plain}
    for manager in (type(base.claim), type(base.claimant), type(base.source), type(base.topic)):
        expected |= {row.get_absolute_url() for row in manager.objects.published()}
    sources = Source.objects.published()
    expected |= {s.get_transcript_url() for s in sources.filter(snapshots__passages__isnull=False)}
    assert set(listed) == expected
    base.claim.refresh_from_db()
    assert listed[base.claim.get_absolute_url()] == base.claim.updated_at.replace(microsecond=0)
    assert None not in listed.values()


def test_of_a_site_without_any_claim_nobody_knows_when_it_changed(client):
    assert set(changes(client).values()) == {None}


def test_it_leaves_out_what_is_retired(client):
    kept = published(ClaimFactory(slug="kept"))
    retired = published(ClaimFactory(slug="retired"))
    retired.duplicate_of = kept
    retired.save()

    assert [path for path in changes(client) if "/claims/" in path] == ["/claims/", "/claims/kept/"]


@pytest.fixture
def long_ago(monkeypatch):
    """A claim with all that hangs on it; nothing of it has changed for long."""
    claim = ClaimFactory(slug="promise")
    topic = TopicFactory(slug="alliance")
    claim.topics.add(topic)
    snapshot = transcript(slug="speech")
    AppearanceFactory(
        claim=claim, passage=passage(snapshot), claimant=SpeakerFactory(slug="moscow")
    )
    rebuttal = RebuttalFactory(
        claim=claim,
        passage=passage(snapshot, "The Alliance never promised that."),
        speaker=SpeakerFactory(slug="doe"),
    )
    CitationFactory(rebuttal=rebuttal, source=SourceFactory(slug="invoked"))
    EvidenceFactory(claim=claim, source=SourceFactory(slug="record"))
    approved(claim=claim, reason="first")
    past = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
    Claim.objects.update(updated_at=past)
    Source.objects.update(updated_at=past)
    for model in (Speaker, type(topic)):
        model.history.update(history_date=past)
    return claim


def moved(client, before):
    after = changes(client)
    assert after.keys() == before.keys()
    return {path for path in after if after[path] != before[path]}


NUMBERS = "/limits/ /methodology/parity/".split()
ALL = "/ /claims/ /speakers/ /sources/ /topics/".split() + NUMBERS


def test_pages_change_with_the_claims_on_them(client, long_ago):
    before = changes(client)
    long_ago.touch()

    assert moved(client, before) == {
        *ALL,
        "/claims/promise/",
        "/speakers/moscow/",
        "/speakers/doe/",
        "/sources/speech/",
        "/sources/invoked/",
        "/sources/record/",
        "/topics/alliance/",
        "/transcripts/speech/",
    }


def test_a_speaker_changes_by_itself_and_with_its_spellings(client, long_ago):
    before = changes(client)
    speaker = Speaker.objects.get(slug="moscow")
    speaker.names.create(name="MOSCOW")

    assert moved(client, before) == {"/speakers/", "/speakers/moscow/", *NUMBERS}
    before = changes(client)
    other = Speaker.objects.get(slug="doe")
    other.description = "A secretary"
    other.save()
    other.history.filter(history_type="~").update(
        history_date=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    )

    assert moved(client, before) == {"/speakers/", "/speakers/doe/", *NUMBERS}


def test_a_source_changes_with_what_is_derived_from_it(client, long_ago):
    before = changes(client)
    record = Source.objects.get(slug="record")
    # Public, and yet on no claim: past the rules, to see it alone.
    copy = SourceFactory(slug="copy", derived_from=record, derivation="reprint")
    copy.publish(by=editor())

    after = changes(client)
    assert {path for path in before if after[path] != before[path]} == {
        "/sources/",
        "/sources/record/",
        *NUMBERS,
    }


def test_the_log_and_the_scale_change_with_verdicts(client, long_ago):
    at = dt.datetime(2031, 5, 1, tzinfo=dt.UTC)
    before = changes(client)
    assert before["/corrections/"] is None

    approved(claim=long_ago, reason="error", note="A letter was overlooked.", at=at)
    after = changes(client)
    assert after["/corrections/"] == after["/methodology/"] == after["/about/"] == at

    later = at + dt.timedelta(days=1)
    newest = Verdict.objects.in_force().get()
    withdrawn(newest, why="It is forged.", at=later, by=newest.reviewer)
    assert changes(client)["/corrections/"] == changes(client)["/methodology/"] == later


def test_what_one_file_cannot_take_is_in_several_that_it_lists(client, monkeypatch):
    base = build()
    whole = set(changes(client))
    monkeypatch.setattr(sitemaps, "FILE", 10)

    index = fetch(client)
    assert index.tag == f"{NAMESPACE}sitemapindex"
    files = [entry.findtext(f"{NAMESPACE}loc") for entry in index]
    assert all(W3C.fullmatch(entry.findtext(f"{NAMESPACE}lastmod")) for entry in index)
    assert files == [f"{SITE}/sitemap.xml?p={n}" for n in range(1, -(-len(whole) // 10) + 1)]
    found = []
    for file in files:
        urls = fetch(client, file.removeprefix(SITE))
        assert 0 < len(urls) <= 10
        found += [url[0].text.removeprefix(SITE) for url in urls]
    assert sorted(found) == sorted(whole)
    assert base.claim.get_absolute_url() in found
    assert client.get(f"/sitemap.xml?p={len(files) + 1}").status_code == 404
    assert client.get("/sitemap.xml?p=x").status_code == 400


def test_the_files_stay_within_the_protocol():
    assert sitemaps.FILE <= 50_000


@pytest.mark.parametrize("path", ["/sitemap.xml", "/robots.txt"])
def test_they_are_read_and_not_written_to(client, path):
    for method in (client.post, client.put, client.delete):
        assert method(path).status_code == 405
    assert client.head(path).status_code == 200


def test_robots_names_the_sitemap_and_what_is_not_to_be_fetched(client):
    response = client.get("/robots.txt", headers={"host": "localhost"})

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/?",
        "Disallow: /match/?",
        "Disallow: /de/search/?",
        "Disallow: /de/match/?",
        "Disallow: /ru/search/?",
        "Disallow: /ru/match/?",
        "Disallow: /uk/search/?",
        "Disallow: /uk/match/?",
        "Disallow: /healthz",
        "Disallow: /readyz",
        "",
        f"Sitemap: {SITE}/sitemap.xml",
    ]
