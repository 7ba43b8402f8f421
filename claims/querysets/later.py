"""Ways to ask what became of quoted words in later editions of their texts."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Case, Exists, JSONField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse

from sources.token_alignment import Tokens

from .edition import public_copies, public_passages

ANNOTATING = ("Appearance", "Rebuttal", "Evidence")


@dataclass(frozen=True)
class Later:
    """That quoted words read otherwise in a later edition that the public sees, the newest: `finding` is
    changed, ambiguous (not certain which they are) or orphaned (not found), as computed, or as decided."""

    slug: str
    quoted_edition: int
    edition: int
    retrieved_at: dt.datetime
    finding: str

    def get_absolute_url(self) -> str:
        """Where the two editions are compared."""
        path = reverse("edition_changes", args=[self.slug, self.edition])
        return f"{path}?against={self.quoted_edition}"


def _later(found: dict[str, Any]) -> Later | None:
    """The Later of what the database says; None where the words are still the same."""
    if found["decided"]:
        now = found["now"]
        if now is not None and Tokens(now).words == Tokens(found["cited"]).words:
            return None
        finding = "orphaned" if now is None else "changed"
    else:
        finding = found["finding"]
    if finding in ("found", "moved"):
        return None
    at = dt.datetime.fromisoformat(found["retrieved_at"])
    return Later(
        slug=found["slug"],
        quoted_edition=found["quoted_edition"],
        edition=found["edition"],
        retrieved_at=at if at.tzinfo else at.replace(tzinfo=dt.UTC),
        finding=finding,
    )


class LaterField(JSONField):
    """A Later, or None."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        return _later(json.loads(value) if isinstance(value, str) else value)


TOLD = JSONObject(
    slug="snapshot__source__slug",
    quoted_edition="passage__snapshot__edition",
    edition="snapshot__edition",
    retrieved_at="snapshot__retrieved_at",
    finding="finding",
    decided=Case(When(decided_at__isnull=False, then=Value(1)), default=Value(0)),
    now="counterpart__exact",
    cited="passage__exact",
)


def _in_public() -> Any:
    """The Relocations in editions that the public sees, of published Sources; the newest edition first."""
    return (
        apps.get_model("sources", "Relocation")
        .objects.filter(
            snapshot__in=public_copies().order_by().values("pk"),
            snapshot__source__published_at__isnull=False,
        )
        .order_by("-snapshot__edition")
    )


@cache
def later_reading() -> Subquery:
    """SQL expression: what there is to tell of the passage of an annotation (Later or None), where it was
    retrieved after the verdict in force on the claim was published. Made once."""
    verdicts = apps.get_model("claims", "Verdict").objects.in_force()
    rested = verdicts.filter(claim=OuterRef(OuterRef("claim"))).values("published_at")
    newest = _in_public().filter(
        passage=OuterRef("passage"), snapshot__retrieved_at__gt=Subquery(rested[:1])
    )
    return Subquery(newest.values(told=TOLD)[:1], output_field=LaterField())


def passages_read_otherwise(source: Any) -> list[Any]:
    """The Passages that the public reads of `source`, each with its `later`, that read otherwise in the
    newest edition in which they were looked for. One query."""
    newest = _in_public().filter(passage=OuterRef("pk"))
    rows = (
        public_passages()
        .filter(snapshot__source=source)
        .annotate(later=Subquery(newest.values(told=TOLD)[:1], output_field=LaterField()))
        .select_related("snapshot__source")
        .defer("snapshot__text")
        .order_by("snapshot__edition", "start", "end")
    )
    return [row for row in rows if row.later]


def weighty() -> Q:
    """The condition on Relocations that a public annotation on the passage belongs to a claim with a verdict
    in force: what they find is a task."""
    verdicts = apps.get_model("claims", "Verdict").objects.in_force()
    anywhere = Q()
    for name in ANNOTATING:
        rows = (
            apps.get_model("claims", name).objects.published().filter(passage=OuterRef("passage"))
        )
        anywhere |= Q(Exists(rows.filter(claim__in=verdicts.order_by().values("claim"))))
    return anywhere


def relocation_tasks() -> Any:
    """The Relocations that somebody has to decide on because a verdict in force rests on the words; the
    longest open first. Without the texts."""
    rows = apps.get_model("sources", "Relocation").objects.open().newest().filter(weighty())
    return (
        rows.select_related("passage__snapshot", "snapshot__source")
        .defer("passage__snapshot__text", "snapshot__text")
        .order_by("found_at", "pk")
    )
