"""What is answered where nothing can be found: one shape, and the parameter at fault by its name."""

import pytest

from tests.claims.google.asking import ADDRESS

pytestmark = pytest.mark.django_db


def refused(response, status):
    """The message, after a look at the shape."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/json; charset=UTF-8"
    body = response.json()
    assert list(body) == ["error"]
    error = body["error"]
    assert set(error) - {"details"} == {"code", "message", "status"}
    assert error["code"] == status
    return error


@pytest.mark.parametrize(
    ("asked", "faults"),
    [
        ("", {"query": "Give words to look for, or reviewPublisherSiteFilter."}),
        ("query=", {"query": "Give words to look for, or reviewPublisherSiteFilter."}),
        (
            "query=%20&languageCode=en",
            {"query": "Give words to look for, or reviewPublisherSiteFilter."},
        ),
        (
            "query=a&foo=1&bar=2",
            {"foo": "There is no such parameter.", "bar": "There is no such parameter."},
        ),
        ("query=a&query=b", {"query": "Give this parameter once."}),
        ("pageSize=1&query=b&page_size=2", {"page_size": "Give this parameter once."}),
        ("query=a&callback=f", {"callback": "There is no such parameter."}),
        ("query=a&alt=media", {"alt": "The answer is JSON; no other format is served."}),
        ("query=a&alt=proto", {"alt": "The answer is JSON; no other format is served."}),
        ("query=a&$.xgafv=3", {"$.xgafv": "Give 1 or 2."}),
        ("query=a&prettyPrint=yes", {"prettyPrint": "Give true or false."}),
        ("query=a&prettyPrint=", {"prettyPrint": "Give true or false."}),
        (
            "query=a&languageCode=englisch",
            {"languageCode": "Give a BCP 47 language tag: en, en-US, sr-Latn."},
        ),
        (
            "query=a&languageCode=en_US",
            {"languageCode": "Give a BCP 47 language tag: en, en-US, sr-Latn."},
        ),
        *(
            (
                f"reviewPublisherSiteFilter={typed}",
                {"reviewPublisherSiteFilter": "Give the host name of a publisher: example.org."},
            )
            for typed in ("two%20words", "%25", "a%00b", "a@b.example", "x" * 254)
        ),
        *(
            (f"query=a&{name}={value}", {name: "Give a whole number from 0 to 2147483647."})
            for name in ("maxAgeDays", "pageSize", "offset")
            for value in ("-1", "x", "1.0", "", "2147483648", "9" * 400, "%D9%A3")
        ),
        (
            "query=a&pageSize=x&offset=y",
            dict.fromkeys(("pageSize", "offset"), "Give a whole number from 0 to 2147483647."),
        ),
        (
            "query=a&pageToken=CAo",
            {
                "pageToken": "This is not a token of this question. "
                "Send the other parameters as before, or none."
            },
        ),
        ("query=a&fields=claims/words", {"fields": "There is no field “words” there."}),
    ],
)
def test_a_wrong_parameter_is_named(client, asked, faults):
    error = refused(client.get(f"{ADDRESS}?{asked}"), 400)

    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [
                {"field": name, "description": why} for name, why in faults.items()
            ],
        }
    ]
    assert error["message"] == " ".join(f"{name}: {why}" for name, why in faults.items())


def test_a_field_mask_in_the_header_is_read_as_strictly(client):
    response = client.get(f"{ADDRESS}?query=a", headers={"X-Goog-FieldMask": "claims/words"})
    assert refused(response, 400)["message"] == "fields: There is no field “words” there."


@pytest.mark.parametrize(
    "path",
    ["/v1alpha1", "/v1alpha1/", "/v1alpha1/claims", "/v1alpha1/claims:search/", "/v1alpha1/claims:find",
     "/v1alpha1/a%0Ab", "/$discovery", "/$discovery/rpc?version=v1alpha1", "/$discovery/rest?version=v1"],
)  # fmt: skip
def test_an_address_that_leads_nowhere(client, path):
    assert refused(client.get(path), 404)["status"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize(
    "path", ["/v1alpha1/claims:imageSearch?imageUri=x", "/v1alpha1/pages", "/v1alpha1/pages/1"]
)
def test_what_google_has_besides_is_said_not_to_be_served(client, path, method):
    assert refused(getattr(client, method)(path), 501)["status"] == "UNIMPLEMENTED"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", [f"{ADDRESS}?query=a", "/$discovery/rest"])
def test_it_is_for_reading(client, path, method):
    client.handler.enforce_csrf_checks = True
    response = getattr(client, method)(path)
    assert refused(response, 405)["status"] == "UNIMPLEMENTED"
    assert response["Allow"] == "GET, HEAD"


def test_what_goes_wrong_here_is_told_in_the_same_shape_and_noted(client, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("claims.google.views.search", fail)
    error = refused(client.get(f"{ADDRESS}?query=a"), 500)

    assert error["status"] == "INTERNAL"
    assert "secret" not in str(error)
    assert "a secret of ours" in caplog.text


def test_more_parameters_than_django_reads(client):
    asked = "&".join(f"p{i}" for i in range(20_000))
    assert refused(client.get(f"{ADDRESS}?{asked}"), 400)["message"] == (
        "The request cannot be understood."
    )
