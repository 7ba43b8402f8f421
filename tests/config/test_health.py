"""A load balancer's questions are answered, and honestly."""

import logging

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory


def test_healthz_answers_without_the_database(client):
    # No django_db mark: a query would fail this test.
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_asks_the_database_once(client, django_assert_num_queries):
    # SELECT 1
    with django_assert_num_queries(1):
        response = client.get("/readyz")

    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_says_503_and_why_when_the_database_does_not_answer(client, monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise OperationalError("connection to server at db.internal, user desk, failed")

    monkeypatch.setattr(connection, "cursor", refuse)
    # Django's own loggers do not propagate in production; this one is the project's.
    with caplog.at_level(logging.ERROR, logger="config.health"):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith("The database does not answer (OperationalError).")
    assert "db.internal" not in response.content.decode(), "details are for the log only"
    assert "db.internal" in caplog.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading_is_allowed(client, path):
    assert client.post(path).status_code == 405


def test_application_of_the_production_server_answers():
    from config.wsgi import application  # as the server imports it: by itself

    response = application.get_response(RequestFactory().get("/healthz"))

    assert response.content == b"ok\n"
