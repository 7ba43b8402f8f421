"""Google's own client, as it is installed, held against this site: over a socket, to this machine alone."""

from __future__ import annotations

import datetime as dt

import google_auth_httplib2
import httplib2
import pytest
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from rest_framework_api_key.models import APIKey

from tests.claims.google.asking import review
from tests.factories import ClaimFactory, approved

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture
def site(live_server, settings):
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture(params=["its own description", "our description"])
def service(site, request):
    """What a client makes of Google's description, which it carries with it, and of ours."""
    if request.param == "its own description":
        where = {"static_discovery": True, "client_options": {"api_endpoint": site}}
    else:
        where = {
            "static_discovery": False,
            "discoveryServiceUrl": f"{site}/$discovery/rest?version={{apiVersion}}",
            "cache_discovery": False,
        }
    with build("factchecktools", "v1alpha1", credentials=AnonymousCredentials(), **where) as client:
        yield client


def test_three_pages_to_the_end(service):
    for i in range(25):
        claim = approved(claim=ClaimFactory(text=f"Harbour {i}"), headline=f"Finding {i}.").claim
    review(claim, title="Theirs.")
    request = service.claims().search(query="harbour", languageCode="en-GB", maxAgeDays=30)
    found, sizes = [], []
    while request is not None:
        answer = request.execute()
        sizes.append(len(answer["claims"]))
        found += [entry["claimReview"][0]["title"] for entry in answer["claims"]]
        request = service.claims().search_next(request, answer)
    assert sizes == [10, 10, 5]
    # The newest first: what was approved last, and what another reviewed long ago.
    assert found == [f"Finding {i}." for i in reversed(range(25))]


def test_every_parameter_that_the_client_knows(service):
    for i in range(3):
        review(ClaimFactory(text=f"Harbour {i}"), title=f"{i}", reviewed_on=dt.date(2022, 1, 1 + i))
    asked = {
        "query": "harbour",
        "languageCode": "en",
        "reviewPublisherSiteFilter": "facts.example",
        "maxAgeDays": 36_500,
        "pageSize": 1,
        "offset": 1,
        "fields": "claims/claimReview/title,nextPageToken",
        "prettyPrint": False,
        "quotaUser": "reader",
        "x__xgafv": "2",
        "alt": "json",
    }
    first = service.claims().search(**asked)
    answer = first.execute()
    assert set(answer) == {"claims", "nextPageToken"}
    assert answer["claims"] == [{"claimReview": [{"title": "1"}]}]
    last = service.claims().search_next(first, answer).execute()
    assert last == {"claims": [{"claimReview": [{"title": "0"}]}]}
    assert service.claims().search_next(first, last) is None


def test_nothing_found(service):
    request = service.claims().search(query="xyzzy")
    answer = request.execute()
    assert answer == {}
    assert service.claims().search_next(request, answer) is None


def test_the_client_reads_our_refusals(service):
    with pytest.raises(HttpError) as refusal:
        service.claims().search().execute()
    assert refusal.value.status_code == 400
    assert refusal.value.reason == ("query: Give words to look for, or reviewPublisherSiteFilter.")
    assert refusal.value.error_details[0]["fieldViolations"][0]["field"] == "query"


def test_what_is_not_served_is_not_in_our_description(site):
    its_own = build(
        "factchecktools",
        "v1alpha1",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": site},
        static_discovery=True,
    )
    with its_own, pytest.raises(HttpError) as refusal:
        its_own.claims().imageSearch(imageUri="https://example.org/a.png").execute()
    assert refusal.value.status_code == 501
    ours = build(
        "factchecktools",
        "v1alpha1",
        credentials=AnonymousCredentials(),
        discoveryServiceUrl=f"{site}/$discovery/rest?version=v1alpha1",
        cache_discovery=False,
    )
    with ours:
        assert not hasattr(ours.claims(), "imageSearch")
        assert not hasattr(ours, "pages")


def test_an_authorised_client_is_answered_like_any_other(site):
    approved(claim=ClaimFactory(text="The harbour."))
    http = google_auth_httplib2.AuthorizedHttp(AnonymousCredentials(), http=httplib2.Http())
    with build("factchecktools", "v1alpha1", http=http, static_discovery=True,
               client_options={"api_endpoint": site}) as service:  # fmt: skip
        answer = service.claims().search(query="harbour").execute()
    assert [claim["text"] for claim in answer["claims"]] == ["The harbour."]


def test_a_developer_s_key_is_one_of_ours(site):
    _, key = APIKey.objects.create_key(name="A newsroom")
    described = f"{site}/$discovery/rest?version={{apiVersion}}"
    ways = [
        {"static_discovery": True, "client_options": {"api_endpoint": site}},
        {"discoveryServiceUrl": described, "cache_discovery": False},
    ]
    for where in ways:
        with build("factchecktools", "v1alpha1", developerKey=key, **where) as service:
            assert service.claims().search(query="harbour").execute() == {}
    with (
        build("factchecktools", "v1alpha1", developerKey="AIza", **ways[0]) as service,
        pytest.raises(HttpError) as refusal,
    ):
        service.claims().search(query="harbour").execute()
    assert refusal.value.status_code == 400
    assert refusal.value.reason == "key: This API key is not valid, or not any more."
