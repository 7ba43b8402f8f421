"""Who asks the API and how often: limits, keys, and what every answer says of itself."""

from __future__ import annotations

import datetime as dt
import gzip
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework_api_key.models import APIKey

from claims.api import VERSION
from claims.api.deprecation import DEPRECATED, Deprecated
from claims.models import Claim
from config import api_access
from tests import factories
from tests.claims.problems import problem
from tests.claims.world import RESOURCES, published_world

pytestmark = pytest.mark.django_db

CLAIMS = "/api/v1/claims/"
NOW = dt.datetime(2026, 3, 1, 12, 0, 20, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def limits(settings, time_machine):
    time_machine.move_to(NOW, tick=False)
    settings.API_LIMIT_ANONYMOUS = 3
    settings.API_LIMIT_WITH_KEY = 5


@pytest.fixture
def key():
    return APIKey.objects.create_key(name="Mirror")[1]


# --- Limits ---------------------------------------------------------------------------------------


def test_every_answer_says_what_is_left(client, limits):
    first = client.get(CLAIMS)

    assert first["RateLimit-Policy"] == '"anonymous";q=3;w=60'
    assert first["RateLimit"] == '"anonymous";r=2;t=40'
    kept = client.get(CLAIMS, headers={"if-none-match": first["ETag"]})
    assert (kept.status_code, kept["RateLimit"]) == (304, '"anonymous";r=1;t=40')
    nothing = client.get("/api/v1/nothing/")
    assert (nothing.status_code, nothing["RateLimit"]) == (404, '"anonymous";r=0;t=40')


def test_who_asks_too_often_is_told_when_to_go_on(client, limits, time_machine):
    for _ in range(3):
        assert client.get(CLAIMS).status_code == 200

    answer = client.get(CLAIMS)

    assert problem(answer, 429) == "3 requests a minute are answered: go on in 40 seconds."
    assert answer["Retry-After"] == "40"
    assert answer["RateLimit"] == '"anonymous";r=0;t=40'
    assert answer["Cache-Control"] == "no-store"
    time_machine.move_to(NOW + dt.timedelta(seconds=40), tick=False)
    assert client.get(CLAIMS)["RateLimit"] == '"anonymous";r=2;t=60'


def test_each_address_has_a_limit_of_its_own_and_nobody_makes_one_up(limits, settings):
    def ask(**headers):
        return Client().get(CLAIMS, **headers).status_code

    for n in range(3):
        assert ask(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") == 200
    assert ask(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.9") == 429
    assert ask(REMOTE_ADDR="192.0.2.2") == 200
    for n in range(3):
        assert ask(REMOTE_ADDR=f"2001:db8::{n + 1}") == 200
    assert ask(REMOTE_ADDR="2001:db8::ffff") == 429  # the same customer
    settings.TRUST_X_FORWARDED_FOR = 1
    assert ask(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.9") == 200


def test_only_the_api_counts(client, limits):
    for path in ("/", "/claims/", "/healthz", "/feeds/verdicts.atom"):
        answer = client.get(path)
        assert "RateLimit" not in answer
        assert "API-Version" not in answer
    assert client.get(CLAIMS)["RateLimit"] == '"anonymous";r=2;t=40'


class Broken:
    def add(self, *args, **kwargs):
        raise ConnectionError("There is no Redis at 127.0.0.1.")


def test_without_a_cache_requests_are_let_through_and_that_is_logged(
    client, limits, monkeypatch, caplog
):
    monkeypatch.setattr(api_access, "cache", Broken())

    for _ in range(5):
        answer = client.get(CLAIMS)
        assert answer.status_code == 200
    assert "RateLimit" not in answer
    assert answer["RateLimit-Policy"] == '"anonymous";q=3;w=60'
    assert "the cache cannot be used" in caplog.text


def test_the_processes_count_together(client, limits, settings, tmp_path):
    """As it is set up without Redis: files, which any process of the site reads."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(tmp_path),
        }
    }
    assert client.get(CLAIMS)["RateLimit"] == '"anonymous";r=2;t=40'
    assert list(tmp_path.iterdir())
    assert client.get(CLAIMS)["RateLimit"] == '"anonymous";r=1;t=40'


def test_who_asks_has_one_entry_in_the_cache_however_long(
    client, limits, settings, tmp_path, time_machine
):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(tmp_path),
        }
    }
    for minute in range(4):
        time_machine.move_to(NOW + dt.timedelta(minutes=minute), tick=False)
        for left in (2, 1, 0):
            assert client.get(CLAIMS)["RateLimit"] == f'"anonymous";r={left};t=40'
        assert client.get(CLAIMS).status_code == 429

    assert len(list(tmp_path.iterdir())) == 1


# --- Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "scheme"),
    [("authorization", "Api-Key "), ("authorization", "bearer "), ("x-api-key", "")],
)
def test_a_key_raises_the_limit_and_changes_no_answer(client, limits, key, header, scheme):
    plain = client.get(CLAIMS)
    sent = {header: f"{scheme}{key}"}

    answer = client.get(CLAIMS, headers=sent)

    assert answer["RateLimit-Policy"] == '"key";q=5;w=60'
    assert answer["RateLimit"] == '"key";r=4;t=40'
    assert (answer.content, answer["ETag"]) == (plain.content, plain["ETag"])
    assert plain["Cache-Control"] == "public, no-cache"
    assert answer["Cache-Control"] == "private, no-cache"
    kept = client.get(CLAIMS, headers={**sent, "if-none-match": plain["ETag"]})
    assert (kept.status_code, kept["Cache-Control"]) == (304, "private, no-cache")
    for _ in range(3):
        assert client.get(CLAIMS, headers=sent).status_code == 200
    refused = client.get(CLAIMS, headers=sent)
    assert (refused.status_code, refused["RateLimit"]) == (429, '"key";r=0;t=40')
    assert client.get(CLAIMS).status_code == 200  # the address has its own


def test_a_key_that_is_none_is_refused_and_counted_by_address(client, limits, key):
    for wrong in ("x", key[:-1] + ("a" if key[-1] != "a" else "b"), "\0" * 41):
        answer = client.get(CLAIMS, headers={"x-api-key": wrong})
        assert problem(answer, 401) == "This API key is not valid, or not any more."
        assert answer["WWW-Authenticate"] == 'Api-Key realm="API", Bearer realm="API"'
        assert answer["Cache-Control"] == "no-store"
        assert '"anonymous"' in answer["RateLimit"]
    assert client.get(CLAIMS, headers={"x-api-key": "x"}).status_code == 429


def test_a_key_that_is_revoked_or_expired_is_refused(client, key):
    sent = {"authorization": f"Api-Key {key}"}
    assert client.get(CLAIMS, headers=sent).status_code == 200
    APIKey.objects.update(expiry_date=NOW - dt.timedelta(days=9999))
    assert client.get(CLAIMS, headers=sent).status_code == 401
    APIKey.objects.update(expiry_date=None, revoked=True)
    assert client.get(CLAIMS, headers=sent).status_code == 401
    assert client.get(CLAIMS, headers={"authorization": f"Bearer {key}"}).status_code == 401
    assert client.get(CLAIMS, headers={"authorization": "Basic YTpi"}).status_code == 200


def test_a_key_costs_one_query_and_none_nothing(client, key, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/api/v1/", headers={"x-api-key": key})
    with django_assert_num_queries(0):
        client.get("/api/v1/")
        client.get("/api/v1/", headers={"x-api-key": "x"})


def test_the_desk_shows_a_key_once_and_keeps_its_hash(client):
    client.force_login(factories.editor())
    add = reverse("admin:rest_framework_api_key_apikey_add")

    shown = client.post(add, {"name": "<b>Mirror"}, follow=True).content.decode()

    made = APIKey.objects.get()
    # Alone: nothing sticks to it that would be copied with it.
    (key,) = re.findall(rf"<br><code>({made.prefix}\.[a-zA-Z0-9]{{32}})</code></li>", shown)
    assert "The key of &lt;b&gt;Mirror is shown this once" in shown
    assert Client().get(CLAIMS, headers={"x-api-key": key}).status_code == 200
    secret = key.partition(".")[2]
    assert all(secret not in str(value) for value in vars(made).values())
    for page in ("changelist", "change"):
        args = [made.pk] if page == "change" else []
        html = client.get(reverse(f"admin:rest_framework_api_key_apikey_{page}", args=args))
        assert html.status_code == 200
        assert secret not in html.content.decode()


def test_no_key_expires_before_it_is_made(client, key):
    client.force_login(factories.editor())
    add = reverse("admin:rest_framework_api_key_apikey_add")
    past = {"name": "Late", "expiry_date": "2020-01-01T00:00"}

    answer = client.post(add, past)

    assert "This time is past." in answer.content.decode()
    assert not APIKey.objects.filter(name="Late").exists()
    assert client.post(add, past | {"expiry_date": "2999-01-01T00:00"}).status_code == 302
    # One that has expired since may be renamed.
    APIKey.objects.filter(name="Late").update(expiry_date=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    change = reverse(
        "admin:rest_framework_api_key_apikey_change", args=[APIKey.objects.get(name="Late").pk]
    )
    assert client.post(change, past | {"name": "Renamed"}).status_code == 302
    assert APIKey.objects.filter(name="Renamed").exists()


def test_the_desk_calls_keys_keys(client):
    client.force_login(factories.editor())

    index = client.get("/admin/").content.decode()

    assert "API keys" in index
    assert "API Key Permissions" not in index


def test_a_key_that_is_revoked_at_the_desk_is_so_for_good(client, key):
    client.force_login(factories.editor())
    made = APIKey.objects.get()
    change = reverse("admin:rest_framework_api_key_apikey_change", args=[made.pk])
    client.post(change, {"name": "Mirror", "revoked": "on"})
    assert Client().get(CLAIMS, headers={"x-api-key": key}).status_code == 401

    client.post(change, {"name": "Mirror"})

    assert Client().get(CLAIMS, headers={"x-api-key": key}).status_code == 401


# --- Conditional requests -------------------------------------------------------------------------


def test_whether_an_answer_still_stands_costs_its_headers(client):
    world = published_world()
    paths = [f"/api/v1/{resource}/" for resource in RESOURCES]
    paths += [client.get(path).json()["results"][0]["api_url"] for path in paths]
    paths += ["/api/v1/", "/api/v1/schema/", "/api/v1/docs/", f"{CLAIMS}?fields=slug"]
    for path in paths:
        plain = client.get(path)
        packed = client.get(path, headers={"accept-encoding": "gzip"})
        assert "Last-Modified" not in plain  # whatever is linked changes an answer, too
        if "Content-Encoding" in packed:
            assert gzip.decompress(packed.content) == plain.content
            assert packed["ETag"] == f"W/{plain['ETag']}"
        for etag in {plain["ETag"], packed["ETag"]}:
            for encoding in ("gzip", "identity"):
                asked = {"if-none-match": etag, "accept-encoding": encoding}
                for method in (client.get, client.head):
                    kept = method(path, headers=asked)
                    assert (kept.status_code, kept.content) == (304, b""), path
                    assert kept["Cache-Control"] == "public, no-cache"
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Type", "Content-Length", "Vary", "Cache-Control"):
            assert head[name] == plain[name], (path, name)
        assert client.get(path, headers={"if-none-match": '"another"'}).status_code == 200
    kept = {path: client.get(path)["ETag"] for path in ("/api/v1/verdicts/", f"{CLAIMS}promise/")}
    factories.withdrawn(world.verdict, why="The memo was forged.")
    for path, etag in kept.items():
        assert client.get(path, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("accept", ["text/csv", "application/ld+json"])
def test_each_form_has_its_own_tag(client, accept):
    published_world()
    plain = client.get(CLAIMS)
    other = client.get(CLAIMS, headers={"accept": accept})

    assert other["ETag"] != plain["ETag"]
    both = {"accept": accept, "if-none-match": other["ETag"]}
    assert client.get(CLAIMS, headers=both).status_code == 304
    assert client.get(CLAIMS, headers=both | {"if-none-match": plain["ETag"]}).status_code == 200


# --- Other sites ----------------------------------------------------------------------------------

ORIGIN = {"origin": "https://newsroom.example"}
OPEN = [
    *("/api/v1/claims/", "/api/v1/nothing/", "/api/v1/schema/", "/oembed"),
    *("/feeds/verdicts.atom", "/feeds/topics/x.atom"),
    *("/claims/promise/citation.json", "/claims/promise/citation.bib"),
]


@pytest.mark.parametrize("path", OPEN)
def test_pages_of_other_sites_may_read(client, path):
    answer = client.get(path, headers=ORIGIN)

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    exposed = answer["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "Link"} <= set(exposed)
    assert {"Deprecation", "Sunset"} <= set(exposed)


def test_also_what_is_refused_and_what_still_stands(client, limits):
    etag = client.get(CLAIMS)["ETag"]
    answers = [
        client.get(CLAIMS, headers=ORIGIN | {"if-none-match": etag}),
        client.get(CLAIMS, headers=ORIGIN | {"x-api-key": "x"}),
        client.get(CLAIMS, headers=ORIGIN),
    ]

    assert [answer.status_code for answer in answers] == [304, 401, 429]
    for answer in answers:
        assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [*OPEN, "/v1alpha1/claims:search", "/$discovery/rest", "/data/x.csv", "/claims/x/y.jsonld"],
)
def test_a_browser_may_ask_before(client, path):
    headers = ORIGIN | {
        "access-control-request-method": "GET",
        "access-control-request-headers": "x-api-key,if-none-match,content-type",
    }
    answer = client.options(path, headers=headers)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
    assert set(answer["Access-Control-Allow-Headers"].split(", ")) == {
        *("accept", "authorization", "cache-control", "content-type", "if-none-match", "range"),
        *("x-api-key", "x-goog-api-key", "x-goog-fieldmask"),
    }


@pytest.mark.parametrize(
    "path", ["/", "/claims/", "/claims/promise/", "/admin/login/", "/healthz", "/apiary/"]
)
def test_nothing_else_is_for_other_sites(client, path):
    for answer in (
        client.get(path, headers=ORIGIN),
        client.options(path, headers=ORIGIN | {"access-control-request-method": "GET"}),
    ):
        assert "Access-Control-Allow-Origin" not in answer


# --- Errors, version, what will go ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v2/claims/", "/api/", "/api/x/y/"])
def test_what_is_not_there_is_a_problem_wherever(client, path):
    assert problem(client.get(path), 404) == "There is nothing at this address."


def test_a_failure_of_ours_is_a_problem_too(client, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("A secret of ours.")

    monkeypatch.setattr("claims.api.viewsets.TopicViewSet.list", fails)
    client.raise_request_exception = False
    answer = client.get("/api/v1/topics/")

    assert problem(answer, 500) == "The request cannot be answered."
    assert b"secret" not in answer.content
    assert answer["API-Version"] == VERSION


def test_a_host_that_is_not_ours_is_a_problem(client):
    assert problem(client.get(CLAIMS, headers={"host": "evil.example"}), 400)


def test_every_answer_names_the_version(client):
    for path in (CLAIMS, "/api/v1/nothing/", "/api/v1/schema/", "/api/v1/docs/", "/api/v1/claims"):
        assert client.get(path)["API-Version"] == VERSION
    schema = client.get("/api/v1/schema/").json()
    assert schema["info"]["version"] == VERSION


SINCE = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
ABOUT = "https://facts.example/api#label"


def declared(monkeypatch, **what):
    one = Deprecated(
        **{"resource": "claims", "since": SINCE, "sunset": SINCE.replace(year=2027), **what},
        about=ABOUT,
    )
    monkeypatch.setattr(api_access, "DEPRECATED", [one])
    monkeypatch.setattr("claims.api.schema.DEPRECATED", [one])


def is_told(answer):
    if "Deprecation" not in answer:
        assert "Sunset" not in answer
        assert "deprecation" not in answer.get("Link", "")
        return False
    assert answer["Deprecation"] == "@1777593600"
    assert answer["Sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
    assert f'<{ABOUT}>; rel="deprecation"; type="text/html"' in answer["Link"]
    return True


def test_nothing_goes_now(client):
    assert DEPRECATED == []
    assert not is_told(client.get(CLAIMS))


def test_a_resource_that_goes_says_so_with_every_answer(client, monkeypatch):
    published_world()
    declared(monkeypatch)

    answer = client.get(f"{CLAIMS}?page_size=1")
    assert is_told(answer)
    assert 'rel="next"' in answer["Link"]
    assert is_told(client.get(f"{CLAIMS}promise/"))
    assert is_told(client.get(CLAIMS, headers={"if-none-match": client.get(CLAIMS)["ETag"]}))
    assert not is_told(client.get("/api/v1/topics/"))
    paths = client.get("/api/v1/schema/").json()["paths"]
    assert {path for path in paths if paths[path]["get"].get("deprecated")} == {
        CLAIMS,
        f"{CLAIMS}{{slug}}/",
    }


def test_a_parameter_that_goes_says_so_where_it_is_used(client, monkeypatch):
    declared(monkeypatch, parameter="year")

    assert is_told(client.get(f"{CLAIMS}?year=1990"))
    assert not is_told(client.get(CLAIMS))
    parameters = client.get("/api/v1/schema/").json()["paths"][CLAIMS]["get"]["parameters"]
    assert [one["name"] for one in parameters if one.get("deprecated")] == ["year"]


def test_a_field_that_goes_says_so_where_it_is_answered(client, monkeypatch):
    declared(monkeypatch, field="verdict.rating")

    for fields in ("verdict", "slug,verdict.rating", "verdict.rating.slug"):
        assert is_told(client.get(CLAIMS, {"fields": fields}))
    assert is_told(client.get(CLAIMS))
    for fields in ("slug", "verdict.headline", "slug,verdict.version"):
        assert not is_told(client.get(CLAIMS, {"fields": fields}))


def test_of_several_that_go_the_first_counts(client, monkeypatch):
    declared(monkeypatch)
    soon = Deprecated("claims", SINCE, SINCE.replace(month=11), "https://facts.example/api#soon")
    monkeypatch.setattr(api_access, "DEPRECATED", [*api_access.DEPRECATED, soon])

    answer = client.get(CLAIMS)

    assert answer["Sunset"] == "Sun, 01 Nov 2026 00:00:00 GMT"
    assert answer["Link"].count('rel="deprecation"') == 2
    assert Claim.objects.count() == 0
