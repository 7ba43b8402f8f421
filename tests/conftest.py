"""What every test has around it."""

import pytest


@pytest.fixture(autouse=True)
def gates_open(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of verdicts in these tests rest on no evidence. Tests of what gates hold up are marked so."""
    if request.node.get_closest_marker("gates") is None:
        monkeypatch.setattr("claims.gates.unmet", lambda verdict: [])
