"""The editions that the public may see, and their pages."""

from __future__ import annotations

import datetime as dt

import pytest

from claims.querysets import public_copies, public_editions
from sources import store
from sources.archiving import warc
from sources.models import Capture, Snapshot, Source
from tests.factories import (
    AppearanceFactory,
    SnapshotFactory,
    SourceFactory,
    editor,
    passage,
    published,
    transcript,
)

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)


def captured(snapshot: Snapshot, /, **fields) -> Capture:
    """A visit to the address of its source that found these bytes, if nothing else is said."""
    values = {
        "source": snapshot.source,
        "snapshot": snapshot,
        "url": snapshot.source.url,
        "final_url": snapshot.source.url,
        "occasion": "desk",
        "ended_at": AT,
        "outcome": "new",
        "status": 200,
        "media_type": snapshot.media_type,
        "sha256": snapshot.sha256,
    }
    return Capture.objects.create(**(values | fields))


def public_source(**fields):
    source = SourceFactory(**fields)
    source.publish(by=editor(), at=AT)
    return source


def test_what_is_quoted_or_was_captured_for_a_published_source_is_public_and_nothing_else():
    quoted = transcript(slug="quoted")
    published(AppearanceFactory(passage=passage(quoted)).claim)
    SnapshotFactory(source=quoted.source, edition=2, text="A file, handed in; nobody quotes it.")
    AppearanceFactory(passage=passage(transcript(slug="quoted-by-a-draft")))
    archived = SnapshotFactory(source=public_source(slug="archived"), text="Archived.")
    captured(archived)
    captured(SnapshotFactory(source__slug="draft", text="Of a draft."))
    handed_in = SnapshotFactory(source=public_source(slug="handed-in"), text="The same words.")
    captured(handed_in, outcome="same", sha256=store.keep(b"<p>The same words."))
    captured(archived, outcome="failed", snapshot=None, sha256="", reason="Nobody answered.")

    def told(rows):
        return sorted(rows.values_list("source__slug", "edition"))

    assert told(public_copies()) == [("archived", 1), ("quoted", 1)]
    assert told(public_editions()) == [("quoted", 1)]


def kept_edition(data=b"<h1>Words</h1><p>Said here.", *, media_type="text/html", **fields):
    """A page as the archive keeps it, of a published Source."""
    source = public_source(**{"slug": "page", "title": "A page"} | fields)
    snapshot = Snapshot.objects.keep(
        source, data, text="Words\n\nSaid here.\n", media_type=media_type, retrieved_at=AT
    )
    file = b"a WARC file"
    capture = captured(snapshot, warc_sha256=store.digest(file), size=len(data))
    store.put_file(capture.warc_path, file)
    return snapshot


FILES = ("bytes", "text", "view", "snapshot.warc.gz")


def test_the_page_of_an_edition_tells_where_from_and_when(client):
    snapshot = kept_edition()
    Capture.objects.update(final_url="https://archive.example/elsewhere")

    page = client.get("/sources/page/editions/1/").content.decode()

    for told in (
        snapshot.sha256,
        snapshot.text_sha256,
        store.digest(b"a WARC file"),
        "2 January 2026, 03:04 UTC",
        "https://archive.example/elsewhere",
        "27 bytes",
        "text/html",
        "Said here.",
        *(f"/sources/page/editions/1/{name}" for name in FILES),
    ):
        assert told in page, told


def test_a_download_is_no_page_of_this_site(client):
    snapshot = kept_edition()
    found = {}
    for name in FILES:
        response = client.get(f"/sources/page/editions/1/{name}")
        assert response.status_code == 200
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
        assert "allow" not in response["Content-Security-Policy"]
        etag = response["ETag"]
        body = b"".join(response) if response.streaming else response.content
        found[name] = (response["Content-Type"], response.get("Content-Disposition"), body)
        again = client.get(f"/sources/page/editions/1/{name}", headers={"if-none-match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Content-Security-Policy"] == response["Content-Security-Policy"]
        assert client.post(f"/sources/page/editions/1/{name}").status_code == 405
    assert found["bytes"] == (
        "application/octet-stream",
        'attachment; filename="page-edition-1.bin"',
        snapshot.content,
    )
    assert found["text"][1:] == (
        'attachment; filename="page-edition-1-text.txt"',
        snapshot.text.encode(),
    )
    assert found["snapshot.warc.gz"] == (
        "application/warc",
        'attachment; filename="page-edition-1.warc.gz"',
        b"a WARC file",
    )
    assert found["view"][1] is None
    assert b"<h1>Words</h1><p>Said here." in found["view"][2]


@pytest.mark.parametrize(
    ("rendition", "said"),
    [
        ("original", "In the original wording."),
        ("human-translation", "As rendered in a translation;"),
        ("machine-translation", "As rendered in a machine translation;"),
        ("unknown", "It is not known whether this is the original wording."),
    ],
)
def test_an_archived_page_says_whether_its_words_are_the_speakers_own(client, rendition, said):
    snapshot = kept_edition()
    before = client.get("/sources/page/editions/1/view")
    Source.objects.filter(pk=snapshot.source_id).update(rendition=rendition)

    answer = client.get("/sources/page/editions/1/view", headers={"if-none-match": before["ETag"]})

    if answer.status_code == 304:
        answer = before
    assert said in answer.content.decode()


def test_an_edition_that_was_handed_in_has_a_warc_file_too(client):
    quoted = transcript(slug="quoted")
    published(AppearanceFactory(passage=passage(quoted)).claim)

    response = client.get("/sources/quoted/editions/1/snapshot.warc.gz")

    data = b"".join(response)
    assert data == warc.compose(quoted)
    assert int(response["Content-Length"]) == len(data)
    assert "handed in" in client.get("/sources/quoted/editions/1/").content.decode()
    assert client.get("/sources/quoted/editions/1/view").status_code == 404


@pytest.mark.parametrize("kind", ["source", "unquoted", "none"])
def test_what_is_not_public_is_nowhere(client, kind):
    snapshot = kept_edition()
    number = 1
    if kind == "source":
        Source.objects.filter(pk=snapshot.source_id).update(published_at=None, published_by=None)
    else:
        number = 2
    if kind == "unquoted":
        SnapshotFactory(source=snapshot.source, edition=2, text="XYZZY", media_type="text/html")

    for name in ("", *FILES):
        answer = client.get(f"/sources/page/editions/{number}/{name}")
        assert answer.status_code == 404, name
        assert b"XYZZY" not in answer.content
    verified = client.get("/sources/page/verify/")
    assert verified.status_code == (404 if kind == "source" else 200)
    assert verified.content.decode().count("/editions/2/") == 0


def test_what_the_archive_has_lost_is_not_served_as_if_it_were_there(client):
    snapshot = kept_edition()
    client.get("/sources/page/verify/")
    store.put_file(store.path(snapshot.sha256), b"Something else.")

    for name in ("bytes", "view"):
        answer = client.get(f"/sources/page/editions/1/{name}")
        assert answer.status_code == 503
        assert b"Something" not in answer.content
        assert "ETag" not in answer or answer["ETag"] != f'"{snapshot.sha256}"'
    store.storage().delete(store.path(snapshot.sha256))
    assert client.get("/sources/page/editions/1/bytes").status_code == 503
