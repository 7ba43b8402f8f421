"""Says which claims the lines of a file make that were checked already. docs/matching.md."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from claims.search.matching import Match, Matched, match

AT_ONCE = 50  # lines


class Command(BaseCommand):
    help = (
        "Says for each line of the standard input which claims it makes, in whatever words: "
        "manage.py match < FILE"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=3, help="claims for each line at most (3)")
        parser.add_argument(
            "--drafts", action="store_true", help="also claims that only the desk sees"
        )
        parser.add_argument("--json", action="store_true", help="an object of JSON for each line")

    def handle(self, *, limit: int, drafts: bool, json: bool, **options: Any) -> None:
        lines = (line.rstrip("\n") for line in sys.stdin)
        asked: Iterator[str] = (line for line in lines if line.strip())
        while texts := list(islice(asked, AT_ONCE)):
            for found in match(texts, limit=max(1, limit), drafts=drafts):
                self.stdout.write(as_json(found) if json else as_text(found))


def as_json(found: Matched) -> str:
    return json.dumps(
        {
            "text": found.text,
            "engine": found.engine,
            "instead": found.instead,
            "none": found.none,
            "candidates": [
                {
                    "slug": one.claim.slug,
                    "claim": one.claim.text,
                    "rating": rating(one),
                    "probability": one.probability,
                    "same": one.same,
                    "why": str(one.reasons),
                }
                for one in found.matches
            ],
        },
        ensure_ascii=False,
    )


def as_text(found: Matched) -> str:
    lines = [found.text]
    lines += [f"  (“{word}” was read as “{read}”)" for word, read in found.instead.items()]
    for one in found.matches:
        offered = "the same claim" if one.same else "perhaps"
        lines += [
            f"  {one.probability:.0%}, {offered}: {one.claim.text} [{rating(one)}]",
            f"      {one.reasons}",
            f"      {settings.SITE_URL}{one.claim.get_absolute_url()}",
        ]
    if found.none:
        lines.append("  none")
    if found.engine == "lexical":
        lines.append("  (compared by words alone)")
    return "\n".join(lines)


def rating(one: Match) -> str:
    """The rating of the verdict in force, in words."""
    verdict = one.claim.verdict
    return verdict.rating.label if verdict else "no verdict"
