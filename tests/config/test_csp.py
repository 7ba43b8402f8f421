"""Every answer forbids inline and foreign scripts, and being framed."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/admin/login/", "/no-such-page"])
def test_policy_is_sent_with_every_answer(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    assert directives == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_sign_in_page_has_nothing_that_the_policy_would_block(client):
    html = client.get("/admin/login/").content.decode()

    assert "<script>" not in html
    assert "<style" not in html
    assert " style=" not in html
    assert "onclick=" not in html


def test_other_protective_headers(client):
    response = client.get("/healthz")

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
