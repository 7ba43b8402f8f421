"""How answers travel: what caches may keep, what is compressed, in which language."""

import gzip
import re

import pytest
from django.template import engines
from django.urls import reverse

from tests.claims.knowledge_base import build
from tests.factories import RatingFactory, approved, editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def base():
    return build()


def addresses(base):
    pages = base.pages | base.machines
    return [*pages.values(), "/de/", "/about/", "/limits/", "/api/v1/claims/", "/api/v1/schema/"]


def test_whoever_kept_a_public_answer_asks_whether_it_still_stands(client, base):
    for path in addresses(base):
        response = client.get(path)
        assert response.status_code == 200, path
        assert response["Cache-Control"] == "public, no-cache", path
        again = client.get(path, headers={"if-none-match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again["ETag"] == response["ETag"]
        assert again["Cache-Control"] == "public, no-cache"
        assert client.get(path, headers={"if-none-match": '"another"'}).status_code == 200, path


def test_a_correction_is_seen_at_once(client, base):
    paths = [
        base.claim.get_absolute_url(),
        "/feeds/corrections.atom",
        base.machines["claim_card"],
        base.machines["claim_bibtex"],
    ]
    kept = {path: client.get(path)["ETag"] for path in paths}
    approved(
        claim=base.claim,
        reason="error",
        note="A letter was overlooked.",
        rating=RatingFactory(slug="true"),
    )

    for path, etag in kept.items():
        assert client.get(path, headers={"if-none-match": etag}).status_code == 200, path


def test_answers_depend_on_nobody_who_asks(client, base):
    for path in addresses(base):
        assert client.get(path).get("Vary", "") in (
            "",
            "Accept-Encoding",
            "Accept, Accept-Encoding, origin",
            "Accept-Encoding, origin",
        )
        assert not client.get(path).cookies, path
    path = base.claim.get_absolute_url()
    anonymous = client.get(path).content
    client.force_login(editor())
    signed_in = client.get(path, headers={"accept-language": "de"})
    assert signed_in.content == anonymous
    assert (signed_in["Content-Language"], signed_in["Cache-Control"]) == (
        "en-gb",
        "public, no-cache",
    )
    assert client.get(f"/de{path}")["Content-Language"] == "de"


def test_what_is_not_there_is_not_kept_either(client):
    assert client.get("/claims/nothing/")["Cache-Control"] == "public, no-cache"


def test_last_modified_is_that_of_the_newest_entry(client, base):
    response = client.get("/feeds/verdicts.atom")
    since = {"if-modified-since": response["Last-Modified"]}

    assert client.get("/feeds/verdicts.atom", headers=since).status_code == 304
    old = {"if-modified-since": "Sat, 01 Jan 2022 00:00:00 GMT"}
    assert client.get("/feeds/verdicts.atom", headers=old).status_code == 200


def test_public_answers_are_compressed_and_still_known_again(client, base):
    path = base.claim.get_absolute_url()
    plain = client.get(path)
    packed = client.get(path, headers={"accept-encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert packed["ETag"] == f"W/{plain['ETag']}"
    for etag in (packed["ETag"], plain["ETag"]):
        for encoding in ("gzip", "identity"):
            again = client.get(path, headers={"if-none-match": etag, "accept-encoding": encoding})
            assert again.status_code == 304
            assert again["Vary"] == "Accept-Encoding"


def test_pictures_are_not_compressed_twice(client, base):
    response = client.get(base.machines["claim_card"], headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "name", ["admin:login", "admin:index", "admin:claims_claim_changelist", "admin:jsi18n"]
)
def test_of_the_desk_nothing_is_kept_and_nothing_compressed(client, base, name):
    if name != "admin:login":
        client.force_login(editor())
    response = client.get(reverse(name), headers={"accept-encoding": "gzip"})

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "public" not in response["Cache-Control"]
    assert "ETag" not in response
    assert "Content-Encoding" not in response


def test_a_redirect_of_the_desk_is_not_kept_either(client):
    response = client.get("/admin/")

    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]


def test_what_depends_on_a_session_is_kept_by_nobody(client, base, monkeypatch):
    def nosy(request):
        request.user.is_authenticated  # noqa: B018 -- reading it is what asks the session
        return {}

    client.force_login(editor())
    engine = engines["django"].engine
    processors = (*engine.template_context_processors, nosy)
    monkeypatch.setitem(vars(engine), "template_context_processors", processors)
    response = client.get("/methodology/")

    assert "Cookie" in response["Vary"]
    assert re.search(r"no-store.*private|private.*no-store", response["Cache-Control"])
    assert "ETag" not in response


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_asks_anew(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]
