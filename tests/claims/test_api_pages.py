"""Cursor pages: every row once, in order, there and back; and a cursor that is none is named."""

from __future__ import annotations

import base64
import datetime as dt
import json
from itertools import chain
from urllib.parse import parse_qs, urlsplit

import pytest

from claims.models import Claim
from tests import factories
from tests.claims.problems import wrong

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2022, 1, 7, 12, tzinfo=dt.UTC)


@pytest.fixture
def claims():
    """Seven claims: one old, five of one and the same moment, one new."""
    by = factories.editor()
    times = [NOON - dt.timedelta(days=1), *[NOON] * 5, NOON + dt.timedelta(microseconds=1)]
    return [factories.published(by=by, at=at).slug for at in times]


def pages(client, url, way="next"):
    found = []
    while url:
        answer = client.get(url).json()
        found.append([row["slug"] for row in answer["results"]])
        url = answer[way]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("ordering", ["-published_at", "published_at", "-updated_at", "updated_at"])
def test_every_row_once_and_in_order_there_and_back(client, claims, size, ordering):
    expected = claims[::-1] if ordering.startswith("-") else claims
    url = f"/api/v1/claims/?page_size={size}&ordering={ordering}"

    there = pages(client, url)

    assert list(chain(*there)) == expected
    assert [len(page) for page in there[:-1]] == [size] * (len(there) - 1)
    last = client.get(url).json()
    while last["next"]:
        last = client.get(last["next"]).json()
    back = pages(client, last["previous"], "previous")
    assert list(chain(*reversed(back))) == expected[: len(expected) - len(there[-1])]


def test_links_keep_the_question_and_stand_on_the_sites_own_address(client, claims):
    answer = client.get("/api/v1/claims/?kind=factual&page_size=3", HTTP_HOST="localhost").json()

    assert answer["previous"] is None
    parts = urlsplit(answer["next"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "http://testserver/api/v1/claims/"
    query = parse_qs(parts.query)
    assert (query["kind"], query["page_size"]) == (["factual"], ["3"])
    second = client.get(answer["next"]).json()
    assert parse_qs(urlsplit(second["previous"]).query)["kind"] == ["factual"]


def test_a_row_published_meanwhile_moves_no_other(client, claims):
    first = client.get("/api/v1/claims/?page_size=3").json()
    factories.published()

    second = client.get(first["next"]).json()

    rows = [*first["results"], *second["results"]]
    assert [row["slug"] for row in rows] == claims[::-1][:6]


def test_the_last_page_may_have_lost_its_rows(client, claims):
    url = client.get("/api/v1/claims/?page_size=6").json()["next"]
    Claim.objects.filter(slug=claims[0]).update(duplicate_of=Claim.objects.get(slug=claims[1]))

    assert client.get(url).json() == {"next": None, "previous": None, "results": []}


def test_fifty_rows_if_not_told_otherwise_and_two_hundred_at_most(client):
    by = factories.editor()
    for _ in range(51):
        factories.published(by=by)

    assert len(client.get("/api/v1/claims/").json()["results"]) == 50
    assert len(client.get("/api/v1/claims/?page_size=200").json()["results"]) == 51


@pytest.mark.parametrize("resource", ["topics", "speakers", "ratings"])
def test_lists_by_name_and_by_position_have_pages_too(client, resource):
    for n in range(3):
        claim = factories.ClaimFactory()
        claim.topics.add(factories.TopicFactory())
        factories.AppearanceFactory(claim=claim)
        factories.approved(claim=claim, rating=factories.RatingFactory(slug=f"rating-{n}"))

    whole = pages(client, f"/api/v1/{resource}/")

    assert list(chain(*pages(client, f"/api/v1/{resource}/?page_size=1"))) == whole[0]
    assert len(whole[0]) >= 3


@pytest.mark.parametrize(
    "size",
    ["0", "-1", "201", "9" * 5000, "x", "", " 5", "1.0", "1e1", "٥", "5\0", "+5", "0x5", "null"],
)
def test_a_bad_page_size_is_named(client, size):
    answer = client.get("/api/v1/claims/", {"page_size": size})

    assert list(wrong(answer)) == ["page_size"]


def cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


GOOD = ("-published_at", False, NOON.isoformat(), 1)
BAD = {
    "empty": "",
    "no base64": "%%%",
    "cut": cursor(*GOOD)[:-3],
    "not ASCII": "ключ",
    "NUL": "\0",
    "no JSON": base64.urlsafe_b64encode(b"nothing").decode(),
    "no text": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "deep": base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    "a number": base64.urlsafe_b64encode(b"1").decode(),
    "an object": base64.urlsafe_b64encode(b"{}").decode(),
    "too few": cursor(*GOOD[:3]),
    "too many": cursor(*GOOD, 1),
    "other list": cursor("slug", *GOOD[1:]),
    "other order": cursor("published_at", *GOOD[1:]),
    "no ordering": cursor(1, *GOOD[1:]),
    "no flag": cursor(GOOD[0], "x", *GOOD[2:]),
    "no time": cursor(*GOOD[:2], "yesterday", 1),
    "before time": cursor(*GOOD[:2], "0001-01-01T00:00:00+14:00", 1),
    "after time": cursor(*GOOD[:2], "9999-12-31T23:59:59-14:00", 1),
    "NUL time": cursor(*GOOD[:2], "2022\0", 1),
    "half a letter": cursor(*GOOD[:2], "\ud800", 1),
    "null time": cursor(*GOOD[:2], None, 1),
    "no id": cursor(*GOOD[:3], "1"),
    "true id": cursor(*GOOD[:3], True),
    "null id": cursor(*GOOD[:3], None),
    "id 0": cursor(*GOOD[:3], 0),
    "huge id": cursor(*GOOD[:3], 2**63),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_cursor_is_named(client, claims, text):
    answer = client.get("/api/v1/claims/", {"cursor": text})

    assert list(wrong(answer)) == ["cursor"]


@pytest.mark.parametrize("value", ["x", "9" * 30, "9" * 5000, "1.5", ""])
def test_a_bad_position_in_a_cursor_is_named_or_past_the_end(client, value):
    answer = client.get("/api/v1/ratings/", {"cursor": cursor("position", False, value, 1)})

    if answer.status_code == 200:
        assert answer.json()["results"] == []
    else:
        assert list(wrong(answer)) == ["cursor"]


def test_a_cursor_of_a_time_without_offset_is_read_in_utc(client, claims):
    text = cursor("-published_at", False, "2022-01-07T12:00:00", 1)

    answer = client.get("/api/v1/claims/", {"cursor": text})

    assert [row["slug"] for row in answer.json()["results"]] == [claims[0]]
