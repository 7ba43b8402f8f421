"""What every test has around it."""

from collections.abc import Iterator
from typing import Any

import pytest

from claims import gates

# Thousands of verdicts in these tests rest on no evidence: the gates stand open, for fixtures too, but in
# tests that are marked `gates`.
lacking = gates.lacking
shut = False


def lacking_where_shut(verdict: Any) -> list[gates.Result]:
    return lacking(verdict) if shut else []


gates.lacking = lacking_where_shut


@pytest.fixture(autouse=True)
def gates_shut(request: pytest.FixtureRequest) -> Iterator[None]:
    global shut
    shut = request.node.get_closest_marker("gates") is not None
    yield
    shut = False
