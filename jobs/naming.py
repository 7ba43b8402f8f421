"""What the admin calls the jobs of a task, and the page about what they are given.

    @task
    @called("Deliver an event", page="admin:claims_delivery_change")
    def deliver(delivery: int) -> None: …

It hangs on the function, as the policy of retries does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Name:
    words: str
    page: str = (
        ""  # the name of an address that takes the arguments of the job; empty: there is none
    )


def called(words: str, *, page: str = "") -> Callable[[F], F]:
    """Below `@task`."""

    def mark(function: F) -> F:
        function.called = Name(words, page)  # type: ignore[attr-defined]
        return function

    return mark


def name_of(task: Any) -> Name:
    """What `task` is called, or the name of its function in words."""
    words = task.func.__name__.replace("_", " ").capitalize()
    return getattr(task.func, "called", Name(words))
