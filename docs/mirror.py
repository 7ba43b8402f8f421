"""Keeps a copy of what a Counterclaim site publishes: python3 mirror.py https://facts.example.org copy/

The copy is a folder with a file for each row: copy/claims/<slug>.json, copy/sources/<slug>.json, … Run it
once, or for ever with `--every 60`; it goes on where it stopped. Python 3.11, nothing else.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

RESOURCES = "claims ratings sources speakers topics transcripts".split()


def read(url, key=None):
    """The JSON at `url`; None where there is nothing any more, or another row in its place."""
    request = urllib.request.Request(
        url, headers={"User-Agent": "mirror.py", "Accept": "application/json"}
    )
    if key:
        request.add_header("Authorization", f"Api-Key {key}")
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                moved = urllib.parse.urlsplit(answer.url).path != urllib.parse.urlsplit(url).path
                return None if moved else json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            if error.code not in (429, 503):
                raise
            time.sleep(int(error.headers.get("Retry-After", "5")))


def write(path, text):
    """Whole or not at all: whoever reads the copy never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def follow(site, folder, key=None):
    """Bring the copy up to date. Returns the number of changes that were followed."""
    folder, followed = pathlib.Path(folder), 0
    place = folder / "cursor"
    while True:
        since = place.read_text().strip() if place.exists() else ""
        query = f"?since={urllib.parse.quote(since)}" if since else ""
        try:
            page = read(f"{site}/api/v1/changes/{query}", key)
        except urllib.error.HTTPError as error:
            if error.code != 410:
                raise
            # The site was made anew, and this is a copy of the old one.
            place.unlink()
            for resource in RESOURCES:
                shutil.rmtree(folder / resource, ignore_errors=True)
            continue
        if page is None:
            raise ValueError(f"{site} has no /api/v1/changes/: give the address without a path.")
        # Of a row that changed several times only what it is now counts.
        rows = {(event["resource"], event["key"]): event["api_url"] for event in page["results"]}
        for (resource, slug), url in rows.items():
            row, file = read(url, key), folder / resource / f"{slug}.json"
            if row is None:
                file.unlink(missing_ok=True)
            else:
                write(file, json.dumps(row, ensure_ascii=False, indent=1))
        # Last: if this run stops half-way, the next one fetches the same rows again, which does no harm.
        if page["cursor"]:
            write(place, page["cursor"])
        followed += len(page["results"])
        if not page["next"]:
            return followed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", help="https://facts.example.org")
    parser.add_argument("folder", help="where the copy is, or will be: a folder of its own")
    parser.add_argument("--key", help="an API key, for higher limits")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever")
    given = parser.parse_args()
    while True:
        try:
            number = follow(given.site.rstrip("/"), given.folder, given.key)
            print(f"Changes followed: {number}", file=sys.stderr)
        except (
            OSError,
            ValueError,
        ) as error:  # the network, the site, its answer: maybe not next time
            print(f"Not this time: {error}", file=sys.stderr)
            if given.every is None:
                sys.exit(1)
        if given.every is None:
            break
        time.sleep(given.every)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
