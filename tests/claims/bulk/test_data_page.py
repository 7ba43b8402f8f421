"""/data/: what there is to download, and the files as they are."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from claims.bulk.exporting import export
from config.settings import data_licence_from_env
from tests.claims.world import published_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_ROOT = tmp_path
    published_world()
    return export(tmp_path).path


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_before_the_first_export_the_page_says_so_and_there_is_no_file(client, settings, tmp_path):
    settings.DATA_ROOT = tmp_path / "not-made"

    assert "Nothing has been exported yet." in client.get("/data/").content.decode()
    assert client.get("/data/claims.ndjson").status_code == 404


def test_the_page_lists_every_file_with_size_and_checksum(
    client, folder, django_assert_num_queries
):
    client.get("/data/")
    with django_assert_num_queries(0):
        page = client.get("/data/").content.decode()

    files = [path for path in folder.iterdir() if path.is_file()]
    assert len(files) == 43
    for path in files:
        assert f'href="/data/{path.name}"' in page, path.name
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page, path.name
    assert "The publisher has not stated under which licence" in page
    assert client.get("/de/data/").status_code == 200


def test_the_licence_is_told_where_one_is_stated(client, settings, folder):
    settings.DATA_LICENCE = "https://licences.example/by/"

    page = client.get("/data/").content.decode()
    package = json.loads((export(folder.parent).path / "datapackage.json").read_bytes())

    assert '<a href="https://licences.example/by/" rel="license">' in page
    assert package["licenses"] == [{"path": "https://licences.example/by/"}]


@pytest.mark.parametrize("value", ["CC BY 4.0", "javascript:alert(1)", "https://a.example b"])
def test_a_licence_without_an_address_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("DATA_LICENCE", value)

    with pytest.raises(ImproperlyConfigured, match="address of a licence"):
        data_licence_from_env()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("claims.csv", "text/csv; charset=utf-8"),
        ("claims.ndjson", "application/x-ndjson; charset=utf-8"),
        ("counterclaim.ttl", "text/turtle; charset=utf-8"),
        ("datapackage.json", "application/json"),
        ("SHA256SUMS", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_given_as_it_is(client, folder, name, media_type):
    data = (folder / name).read_bytes()

    answer = client.get(f"/data/{name}")

    assert (answer.status_code, body(answer)) == (200, data)
    assert answer["Content-Type"] == media_type
    assert answer["Content-Disposition"] == f'inline; filename="{name}"'
    assert answer["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert answer["Cache-Control"] == "public, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/data/{name}", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["ETag"], again.content) == (304, answer["ETag"], b"")
    since = client.get(f"/data/{name}", headers={"If-Modified-Since": answer["Last-Modified"]})
    assert since.status_code == 304
    packed = client.get(f"/data/{name}", headers={"Accept-Encoding": "gzip"})
    assert (body(packed), packed["ETag"]) == (data, answer["ETag"])
    assert not packed.has_header("Content-Encoding")
    assert packed["Content-Length"] == str(len(data))
    assert client.post(f"/data/{name}").status_code == 405


def test_the_bytes_of_a_source_are_run_by_no_browser(client, folder):
    (path,) = (folder / "snapshots").iterdir()

    answer = client.get(f"/data/snapshots/{path.name}", headers={"Accept-Encoding": "gzip"})

    assert body(answer) == path.read_bytes()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{path.name}"'
    assert answer["Content-Length"] == str(path.stat().st_size)
    assert not answer.has_header("Content-Encoding")
    text = client.get(f"/data/texts/{path.name}.txt")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert hashlib.sha256(body(text)).hexdigest() == path.name


def test_what_a_range_is_of_is_never_compressed(client, folder):
    """Chromium, which kept a compressed whole, answers its page an empty 206 out of it."""
    answer = client.get("/data/claims.csv", headers={"Accept-Encoding": "gzip, br"})
    assert answer.streaming
    assert not answer.has_header("Content-Encoding")
    assert answer["Accept-Ranges"] == "bytes"

    part = client.get(
        "/data/claims.csv", headers={"Range": "bytes=0-10", "If-Range": answer["ETag"]}
    )
    assert (part.status_code, body(part)) == (206, body(answer)[:11])


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-9", 0, 10), ("10-", 10, None), ("-7", -7, None), ("5-999999", 5, None), ("0-0", 0, 1)],
)
def test_a_part_is_given(client, folder, asked, start, end):
    data = (folder / "claims.ndjson").read_bytes()

    answer = client.get(
        "/data/claims.ndjson", headers={"Range": f"bytes={asked}", "Accept-Encoding": "gzip"}
    )

    part = data[start:end]
    first = data.index(part) if start == 0 else start % len(data)
    assert answer.status_code == 206
    assert body(answer) == part
    assert answer["Content-Length"] == str(len(part))
    assert answer["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(data)}"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": "bytes=9-1"}, 200),  # no range
        ({"Range": "lines=1-2"}, 200),
        ({"Range": "bytes=0-1,4-5"}, 200),  # several: the whole is as good
        ({"Range": "bytes=0-9", "If-Range": '"other"'}, 200),
        ({"Range": "bytes=99999999-"}, 416),
        ({"Range": "bytes=-0"}, 416),
    ],
)
def test_what_is_no_part_is_not(client, folder, headers, status):
    answer = client.get("/data/claims.ndjson", headers=headers)
    answer.close()

    assert answer.status_code == status
    if status == 416:
        size = (folder / "claims.ndjson").stat().st_size
        assert answer["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "path",
    [
        "../manage.py",
        "%2e%2e/%2e%2e/manage.py",
        "snapshots/",
        "snapshots/../claims.csv",
        "texts/..%2f..%2f.lock",
        f"snapshots/{'0' * 64}",
        f"texts/{'0' * 64}.txt",
        ".lock",
        "current/claims.csv",
        "claims.xlsx",
        "claims.csv/",
        "claims.csv%00",
    ],
)
def test_nothing_else_is_given(client, folder, path):
    (folder.parent / "manage.py").write_text("secret")
    (folder / "secret.txt").write_text("secret")

    assert client.get(f"/data/{path}").status_code == 404
    assert client.get("/data/secret.txt").status_code == 404


def test_what_is_made_as_it_is_asked_for_has_its_address_still(client, folder):
    (folder / "claimreview.jsonld").write_text("{}")

    assert client.get("/data/claimreview.jsonld")["Content-Type"].startswith("application/ld+json")
