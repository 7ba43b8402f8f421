"""How fast other publishers' reviews are read and imported, and whether memory grows with the file.

    python benchmarks/import_claimreviews.py --megabytes 100
    python benchmarks/import_claimreviews.py --megabytes 100 --form feed
    python benchmarks/import_claimreviews.py --megabytes 10 --import

Writes a file of invented reviews (`lines`: JSON lines; `feed`: one DataFeed in one line) into the folder for
temporary files and deletes it at the end. Reads it, as an import does; with `--import`, imports it too, as a
dry run into the database that DATABASE_URL names, which must be migrated. With `--find`, finds the reviews in
the file and reads nothing in them; with `--seconds`, stops after so long. Prints items, megabytes a second,
and the peak of memory when so much had been read.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from claims.interchange.claim_reviews.finding import Found  # noqa: E402
from claims.interchange.claim_reviews.importing import import_claim_reviews  # noqa: E402
from claims.interchange.claim_reviews.reading import Incoming, read  # noqa: E402
from claims.interchange.claim_reviews.streams import pieces  # noqa: E402
from claims.seeding import role_account  # noqa: E402

MB = 1024 * 1024


def review(number: int) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": f"https://www.reviews.example/{number % 9000}/what-was-said-and-what-is-so-{number}/",
        "claimReviewed": f"Says that in county number {number} the price of milk rose by {number % 97}%.",
        "datePublished": f"20{number % 20:02}-{number % 12 + 1:02}-{number % 28 + 1:02}T10:00:00+01:00",
        "author": {"@type": "Organization", "name": "A desk", "url": "https://www.reviews.example/"},
        "reviewRating": {
            "@type": "Rating", "ratingValue": number % 5 + 1, "bestRating": 5, "worstRating": 1,
            "alternateName": "Mostly false",
        },
        "itemReviewed": {
            "@type": "Claim", "datePublished": "October 22, 2019",
            "author": {"@type": "Person", "name": f"Speaker {number % 1000}"},
            "appearance": [{"@type": "CreativeWork", "url": f"https://posts.example/{number}"}],
        },
        "name": f"No, the price of milk in county number {number} did not rise like that",
    }  # fmt: skip


def write(path: Path, megabytes: int, form: str) -> None:
    with path.open("w") as file:
        number = 0
        if form == "feed":
            file.write(
                '{"@context": "https://schema.org", "@type": "DataFeed", "dataFeedElement": ['
            )
        while file.tell() < megabytes * MB:
            text = "\n".join(json.dumps(review(number + i)) for i in range(1000))
            if form == "feed":
                text = text.replace("\n", ', "item": null}, {"@type": "DataFeedItem", "item": ')
                text = f'{{"@type": "DataFeedItem", "item": {text}}}, '
                text = text.replace(', "item": null}', "}")
            file.write(text + ("" if form == "feed" else "\n"))
            number += 1000
        if form == "feed":
            file.write("null]}")


def peak() -> float:
    """The most memory that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--form", choices=["lines", "feed"], default="lines")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--find", action="store_true", help="only find the reviews")
    parser.add_argument("--import", action="store_true", dest="imports")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.json"
        write(path, options.megabytes, options.form)
        print(
            f"{path.stat().st_size / MB:,.0f} MB as {options.form}; before: {peak():.0f} MB of memory"
        )
        begun, taken, others = time.perf_counter(), 0, 0
        with path.open("rb") as file:
            for _, found in pieces(file):
                is_taken = isinstance(found, Found)
                if is_taken and not options.find:
                    is_taken = isinstance(read(found), Incoming)
                taken += is_taken
                others += not is_taken
                if taken % 100_000 == 1 or time.perf_counter() - begun > options.seconds:
                    print(
                        f"{taken:>11,} items, {file.tell() / MB:6,.0f} MB read: peak {peak():.0f} MB"
                    )
                if time.perf_counter() - begun > options.seconds:
                    break
            done, took = file.tell() / MB, time.perf_counter() - begun
        print(
            f"Read {taken:,} reviews and {others} others in {took:.1f} s: {done / took:.1f} MB/s,"
        )
        print(f"{taken / took:,.0f} reviews/s; peak {peak():.0f} MB of memory")
        if options.imports:
            begun = time.perf_counter()
            with path.open("rb") as file:
                user = role_account("researcher")
                tally = import_claim_reviews(file, by=user, origin="a benchmark", dry_run=True)
            took = time.perf_counter() - begun
            print(
                f"Imported {tally.total:,} (dry run) in {took:.1f} s: {tally.total / took:,.0f}/s;"
            )
            print(f"peak {peak():.0f} MB of memory")


if __name__ == "__main__":
    main()
