"""How fast the annotate screen is: a transcript of 50,000 words with 500 marks, in Chromium.

    .venv/bin/python benchmarks/annotate.py [--words N] [--marks N] [--loads N] [--selections N]

Makes the transcript (the same each time), serves it as in production (granian, a temporary SQLite file, the
collected static files), and prints a table: first paint, the server's part of it, and what the scripts need
from the end of a selection until the panel stands filled (`script`), and until it is painted (`frame`).
BROWSER_PATH names the browser; else chromium on the PATH.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

NAME, PASSWORD = "bench", "only-for-this-benchmark"
SYLLABLES = (
    "al an be co de en fa go ha in jo ka li mo na or pe qui ra se ti un ve wa xe yo zu".split()
)
MEASURE = """async (places) => {
  const root = document.querySelector("[data-text]");
  const carriers = [...root.querySelectorAll("[data-words] [data-start]")];
  const times = [];
  let begun = 0;
  let done = null;
  document.addEventListener("annotate:selected", () => done?.(performance.now() - begun));
  for (const [where, length] of places) {
    const carrier = carriers[Math.floor(where * carriers.length)];
    const walker = document.createTreeWalker(carrier, NodeFilter.SHOW_TEXT);
    const node = walker.nextNode();
    const range = document.createRange();
    const from = Math.floor(node.data.length * where / 2);
    range.setStart(node, from);
    range.setEnd(node, Math.max(from + 1, Math.min(node.data.length, from + length)));
    if (!range.toString().trim()) continue;
    carrier.scrollIntoView({ block: "center", behavior: "instant" });
    await new Promise((next) => { requestAnimationFrame(() => setTimeout(next, 30)); });
    getSelection().removeAllRanges();
    root.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    getSelection().addRange(range);
    const script = new Promise((heard) => { done = heard; });
    begun = performance.now();
    document.dispatchEvent(new PointerEvent("pointerup"));
    const took = await script;
    await new Promise((next) => { requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = next;
      channel.port2.postMessage(null);
    }); });
    times.push([took, performance.now() - begun]);
  }
  return times;
}"""


def sentence(random_: random.Random) -> str:
    words = [
        "".join(random_.choices(SYLLABLES, k=random_.randint(1, 3)))
        for _ in range(random_.randint(6, 24))
    ]
    if random_.random() < 0.3:
        words[1:1] = ["claims", "that", str(random_.randint(2, 99)), "percent"]
    return f"{' '.join(words).capitalize()}."


def transcript(words: int) -> tuple[str, list[tuple[int, str, int, int]]]:
    """Return a text of at least `words` words, and its turns: position, label, start, end."""
    random_ = random.Random(50_000)
    text, turns, count = "Remarks made for measuring\n\n", [], 0
    while count < words:
        label = ("MR. ROE", "MS. DOE", "QUESTION")[len(turns) % 3]
        paragraphs = [
            " ".join(sentence(random_) for _ in range(random_.randint(1, 5)))
            for _ in range(random_.randint(1, 4))
        ]
        said = "\n\n".join(paragraphs)
        start = len(text) + len(label) + 2
        text += f"{label}: {said}\n\n"
        turns.append((len(turns) + 1, label, start, start + len(said)))
        count += len(said.split())
    return text, turns


def fill(words: int, marks: int) -> tuple[Any, int]:
    """Store the transcript, its marks and a researcher; return the snapshot and how many turns it has."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.db import transaction

    from claims.models import Appearance, Claim, Evidence, Rebuttal
    from sources.models import Passage, Snapshot, Source, Speaker, Turn

    text, turns = transcript(words)
    random_ = random.Random(500)
    with transaction.atomic():
        user = get_user_model().objects.create_user(NAME, password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name="researcher"))
        source = Source.objects.create(
            slug="measured", title="Remarks made for measuring", kind="transcript"
        )
        content = text.encode()
        snapshot = Snapshot.objects.create(
            source=source,
            edition=1,
            text=text,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        speakers = [
            Speaker.objects.create(slug=f"speaker-{n}", name=name)
            for n, name in enumerate(("Mr. Roe", "Ms. Doe"))
        ]
        for position, label, start, end in turns:
            Turn.objects.create(
                snapshot=snapshot,
                position=position,
                label=label,
                speaker=None if label == "QUESTION" else speakers[position % 2],
                role="question" if label == "QUESTION" else "statement",
                start=start,
                end=end,
            )
        claims = [
            Claim.objects.create(slug=f"claim-{n}", text=sentence(random_), selection="document")
            for n in range(200)
        ]
        for number in range(marks):
            _, _, first, last = random_.choice(turns)
            start = random_.randrange(first, max(first + 1, last - 20))
            passage = Passage.objects.mark(
                snapshot, start=start, end=min(last, start + random_.randint(20, 300))
            )
            claim = random_.choice(claims)
            kind = number % 3
            if kind == 0:
                Appearance.objects.create(claim=claim, passage=passage, claimant=speakers[0])
            elif kind == 1:
                Rebuttal.objects.create(
                    claim=claim, passage=passage, speaker=speakers[1], summary="It is not so."
                )
            else:
                Evidence.objects.create(
                    claim=claim,
                    passage=passage,
                    source=source,
                    direction="supports",
                    summary="It says so.",
                    locator=str(number),
                )
    return snapshot, len(turns)


def serve(port: int) -> subprocess.Popen[bytes]:
    granian = Path(sys.executable).with_name("granian")
    options = "--interface wsgi --host 127.0.0.1 --blocking-threads 1 --no-ws --log-level warning"
    server = subprocess.Popen(
        [granian, *options.split(), "--port", str(port), "config.wsgi:application"], cwd=ROOT
    )
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5)
            return server
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise SystemExit("The server did not start.")


def browse(address: str, snapshot: int, loads: int, selections: int) -> dict[str, list[float]]:
    """Return milliseconds for each measure."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("BROWSER_PATH") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/admin/login/")
        page.get_by_label("Username").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/**")
        for _ in range(loads):
            page.goto(f"{address}/admin/claims/annotate/{snapshot}/")
            page.locator("[data-annotate][data-suggested]").wait_for(state="attached")
            paint, server, suggested = page.evaluate(
                """() => {
                  const [loaded] = performance.getEntriesByType("navigation");
                  const asked = performance.getEntriesByType("resource")
                    .find((entry) => entry.name.endsWith("/suggestions/"));
                  return [performance.getEntriesByName("first-contentful-paint")[0].startTime,
                    loaded.responseStart - loaded.requestStart, asked.duration];
                }"""
            )
            found.setdefault("first contentful paint", []).append(paint)
            found.setdefault("of it the server, to the first byte", []).append(server)
            found.setdefault("suggestions, asked for after that", []).append(suggested)
        random_ = random.Random(7)
        places = [(random_.random(), random_.randint(10, 200)) for _ in range(selections)]
        for script, frame in page.evaluate(MEASURE, places):
            found.setdefault("selection to panel, script", []).append(script)
            found.setdefault("selection to panel, frame", []).append(frame)
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=50_000)
    parser.add_argument("--marks", type=int, default=500)
    parser.add_argument("--loads", type=int, default=7)
    parser.add_argument("--selections", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        address = f"http://127.0.0.1:{port}"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "SECRET_KEY": "only-for-this-benchmark-" + "0123456789abcdef" * 4,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": address,
            "DATABASE_URL": f"sqlite:///{folder}/measured.sqlite3",
            "STATIC_ROOT": f"{folder}/static",
            "LOG_LEVEL": "ERROR",
        }
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        snapshot, turns = fill(given.words, given.marks)
        connection.close()
        server = serve(port)
        try:
            found = browse(address, snapshot.pk, given.loads, given.selections)
        finally:
            server.terminate()
            server.wait(timeout=20)
    print(f"{given.words:,} words, {turns:,} turns, {given.marks} marks; ", end="")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print("| measure | median | max | n |\n| --- | ---: | ---: | ---: |")
    for name, times in found.items():
        print(f"| {name} | {median(times):.0f} ms | {max(times):.0f} ms | {len(times)} |")


if __name__ == "__main__":
    main()
