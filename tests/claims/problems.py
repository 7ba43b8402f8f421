"""What the API answers when something is wrong: one shape, whatever it is (RFC 9457)."""

from http import HTTPStatus


def problem(answer, status):
    """What the answer says is wrong, in words; with `status`, and in the one shape."""
    said = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, said["status"]) == (status, status)
    assert (said["type"], said["title"]) == ("about:blank", HTTPStatus(status).phrase)
    assert isinstance(said["detail"], str)
    assert said["detail"]
    assert said.keys() - {"errors"} == {"type", "title", "status", "detail"}
    return said["detail"]


def wrong(answer):
    """The parameters that the answer calls wrong, each with why."""
    problem(answer, 400)
    errors = answer.json()["errors"]
    assert all(sentences and isinstance(sentences, list) for sentences in errors.values())
    return errors
