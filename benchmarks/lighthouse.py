"""What Lighthouse says of the readers' pages: a phone's processor and network, in headless Chromium.

    .venv/bin/python benchmarks/lighthouse.py [--desktop] [--runs N] [--out DIR] [PATH …]

Serves the seed knowledge base as in production (granian, a temporary SQLite file, the collected static
files), asks Lighthouse (npm, Node 20 or newer; installed into build/lighthouse if it is not there) for each
page, and prints a table: the four scores, first and largest contentful paint, layout shift, blocking time,
and what came over the wire. Of several runs, the one with the median performance. Exits with 1 where a score
is below 100. BROWSER_PATH names the browser; else chromium on the PATH.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

VERSION = "12"
TRIES = 3
TRANSCRIPT = "statement-by-secretary-of-state-anthony-blinken-during-press-release-2022-01-07"
PATHS = [
    "/",
    "/claims/nato-promised-not-to-admit-eastern-european-countries/",
    f"/transcripts/{TRANSCRIPT}/",
    "/claims/",
    "/search/",
]
SCORES = {"performance": "perf", "accessibility": "a11y", "best-practices": "best", "seo": "SEO"}
METRICS = {
    "first-contentful-paint": "FCP ms",
    "largest-contentful-paint": "LCP ms",
    "cumulative-layout-shift": "CLS",
    "total-blocking-time": "TBT ms",
    "total-byte-weight": "kB",
}
CHROME = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


def lighthouse() -> Path:
    """Where Lighthouse is, installed if need be."""
    npm = ROOT / "build" / "lighthouse"
    program = npm / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm.mkdir(parents=True, exist_ok=True)
        quiet = "--silent --no-save --no-fund --no-audit --ignore-scripts".split()
        subprocess.run(["npm", "install", *quiet, f"lighthouse@{VERSION}"], cwd=npm, check=True)
    return program


def measure(program: Path, address: str, *, desktop: bool, out: Path) -> dict[str, Any]:
    """One run of Lighthouse on one page: its report."""
    browser = os.environ.get("BROWSER_PATH") or shutil.which("chromium")
    if not browser:
        sys.exit("No browser: install Debian's chromium, or name one in BROWSER_PATH.")
    command = [
        program, address, "--quiet", "--output=json", f"--output-path={out}",
        f"--only-categories={','.join(SCORES)}", f"--chrome-flags={CHROME}",
        *(["--preset=desktop"] if desktop else []),
    ]  # fmt: skip
    for left in reversed(range(TRIES)):
        done = subprocess.run(command, env=os.environ | {"CHROME_PATH": browser})
        # On a busy machine it now and then misses the beginning of the load, and says so.
        if done.returncode == 0:
            break
        if not left:
            sys.exit(f"Lighthouse could not load {address}.")
    return json.loads(out.read_text())


def told(report: dict[str, Any]) -> tuple[list[int], list[float]]:
    scores = [round(100 * (report["categories"][name]["score"] or 0)) for name in SCORES]
    values = [report["audits"][name]["numericValue"] for name in METRICS]
    values[-1] /= 1000
    return scores, values


def failures(report: dict[str, Any]) -> list[str]:
    """The audits that cost a score, in Lighthouse's words."""
    counted = {
        ref["id"]
        for category in report["categories"].values()
        for ref in category["auditRefs"]
        if ref["weight"]
    }
    audits = (report["audits"][name] for name in sorted(counted))
    return [
        f"{audit['id']}: {audit['title']} {audit.get('displayValue', '')}".rstrip()
        for audit in audits
        if audit["score"] is not None and audit["score"] < 0.9
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", default=PATHS, metavar="PATH")
    parser.add_argument("--desktop", action="store_true", help="a desktop instead of a phone")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--out", type=Path, help="keep the whole reports in this folder")
    asked = parser.parse_args()
    program = lighthouse()
    worst = 100
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        out = asked.out or folder
        out.mkdir(parents=True, exist_ok=True)
        from tests.browser.conftest import served

        with served(f"sqlite:///{folder / 'site.sqlite3'}", folder / "static") as site:
            print(f"| page | {' | '.join([*SCORES.values(), *METRICS.values()])} |")
            print("| --- |" + " ---: |" * (len(SCORES) + len(METRICS)))
            for number, path in enumerate(asked.paths):
                reports = [
                    measure(
                        program,
                        site + path,
                        desktop=asked.desktop,
                        out=out / f"{number}-{run}.json",
                    )
                    for run in range(asked.runs)
                ]
                middle = median(told(report)[0][0] for report in reports)
                report = min(reports, key=lambda r: abs(told(r)[0][0] - middle))
                scores, values = told(report)
                worst = min(worst, *scores)
                numbers = [f"{value:.3f}" if value < 1 else f"{value:.0f}" for value in values]
                print(f"| `{path}` | {' | '.join([*map(str, scores), *numbers])} |", flush=True)
                for failure in failures(report):
                    print(f"    {failure}", file=sys.stderr)
    return 0 if worst == 100 else 1


if __name__ == "__main__":
    sys.exit(main())
