"""How often a job is tried, and how long it waits in between.

    @task
    @retries(attempts=9, first=10, factor=4, longest=86_400)
    def deliver(delivery_id: int) -> None: …

The policy hangs on the function, so that any implementation of Django's tasks carries it along.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Final(Exception):
    """Raised by a job whose error no further attempt can mend; `raise Final(…) from error`."""


class Later(Exception):
    """Raised by a job whose time has not come: it is put back until then, and this was no attempt."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Not before {until:%Y-%m-%d %H:%M:%S %Z}.")
        self.until = until


@dataclass(frozen=True)
class Retries:
    attempts: int = 5
    first: float = 10  # seconds
    factor: float = 3
    longest: float = 3600  # seconds

    def wait(self, failed: int) -> timedelta:
        """How long to wait after so many failed attempts (1, 2, …). The spread of a quarter either way keeps
        jobs that failed together from coming back together."""
        seconds = min(self.first * self.factor ** (failed - 1), self.longest)
        return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 -- no secret


USUAL = Retries()


def retries(
    *,
    attempts: int = USUAL.attempts,
    first: float = USUAL.first,
    factor: float = USUAL.factor,
    longest: float = USUAL.longest,
) -> Callable[[F], F]:
    """Below `@task`: at most so many attempts, `first` seconds after the first failure, then `factor` times
    as many each time, at most `longest`."""

    def mark(function: F) -> F:
        function.retries = Retries(attempts, first, factor, longest)  # type: ignore[attr-defined]
        return function

    return mark


def retries_of(task: Any) -> Retries:
    """The policy of `task`, or the usual one."""
    return getattr(task.func, "retries", USUAL)
