"""A page that was archived to do harm, as a reader's browser meets what this site gives out of it."""

from __future__ import annotations

import contextlib
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.browser.conftest import ROOT, empty_database, served

pytestmark = pytest.mark.browser

# Each of these asks something of a foreign host, or runs, in a browser that opens the page itself.
HOSTILE = """<!doctype html><html onload="hit('onload')"><head><base href="{foreign}/base/">
<title>Innocent</title></title><script>hit('title')</script>
<meta http-equiv="refresh" content="0;url={foreign}/refresh">
<meta http-equiv="Content-Security-Policy" content="default-src *">
<link rel="stylesheet" href="{foreign}/style.css"><link rel="icon" href="{foreign}/icon.png">
<link rel="preload" as="image" href="{foreign}/preload.png"><link rel="prefetch" href="{foreign}/prefetch">
<link rel="preconnect" href="{foreign}"><link rel="dns-prefetch" href="{foreign}">
<link rel="modulepreload" href="{foreign}/module.js"><link rel="manifest" href="{foreign}/manifest.json">
<script type="importmap">{{"imports": {{"x": "{foreign}/import.js"}}}}</script>
<script type="module">import "x"</script><script src="{foreign}/script.js"></script>
<script>function hit(what) {{ document.title = 'HIT'; new Image().src = '{foreign}/' + what }}</script>
<script>hit('script')</script>
<style>@import "{foreign}/import.css"; body {{ background: url({foreign}/background.png) }}</style></head>
<body onload="hit('body')" background="{foreign}/body.png" style="background: url({foreign}/inline.png)">
<h1 onclick="hit('click')" onmouseover="hit('over')">Words of the page</h1>
<form id="f" action="{foreign}/form" method="post"><input name="q" autofocus onfocus="hit('focus')">
<button formaction="{foreign}/button">Send</button></form><script>f.submit()</script>
<iframe src="{foreign}/frame"></iframe><iframe srcdoc="<script>parent.hit('srcdoc')</script>"></iframe>
<object data="{foreign}/object"></object><embed src="{foreign}/embed"><portal src="{foreign}/portal"></portal>
<svg xmlns="http://www.w3.org/2000/svg" onload="hit('svg')"><script>hit('svgscript')</script>
<image href="{foreign}/svg.png"/><use href="{foreign}/use.svg#x"/><animate onbegin="hit('begin')"/></svg>
<math><mtext><img src="{foreign}/math.png" onerror="hit('math')"></mtext></math>
<a href="javascript:hit('link')" ping="{foreign}/ping">A link</a>
<a href="{foreign}/away" target="_top">Away</a>
<img src="{foreign}/image.png" onerror="hit('error')" srcset="{foreign}/set.png 2x">
<video src="{foreign}/video" poster="{foreign}/poster.png" autoplay></video>
<audio src="{foreign}/audio"></audio>
<p title="<img src={foreign}/attribute.png onerror=hit('attribute')>">Before
<!-- > <img src={foreign}/c.png> -->
&lt;script&gt;hit('escaped')&lt;/script&gt; <<img src={foreign}/doubled.png>script>hit('doubled')</script></p>
<noscript><img src="{foreign}/noscript.png"></noscript><template><img src="{foreign}/template.png"></template>
<textarea></textarea><img src="{foreign}/textarea.png"></textarea><xmp><img src="{foreign}/xmp.png"></xmp>
<details open ontoggle="hit('toggle')"><summary>More</summary>Last words</details>
<meta http-equiv="refresh" content="1;url=javascript:hit('late')"></body></html>"""

KEEP = """
import sys
from django.db import transaction
from django.utils import timezone
from sources import store
from sources.archiving import warc
from sources.models import Capture, Snapshot, Source
from django.contrib.auth import get_user_model
data = sys.stdin.buffer.read()
by = get_user_model().objects.first()
source = Source.objects.create(slug="hostile", title="A hostile page", kind="article",
    url="https://hostile.example/", published_at=timezone.now(), published_by=by)
with transaction.atomic():
    snapshot = Snapshot.objects.keep(source, data, text="Words of the page\\n", media_type="text/html")
capture = Capture.objects.create(source=source, snapshot=snapshot, url=source.url, occasion="desk",
    ended_at=timezone.now(), outcome="new", sha256=snapshot.sha256, size=len(data))
file = warc.compose(snapshot)
store.put_file(capture.warc_path, file)
Capture.objects.update(warc_sha256=store.digest(file), warc_size=len(file))
"""


@pytest.fixture
def foreign() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that is not the site's, and what it is asked: connections too."""
    asked: list[str] = []

    class Server(http.server.ThreadingHTTPServer):
        def get_request(self):
            found = super().get_request()
            asked.append("a connection")
            return found

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *args):
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}", asked
        server.shutdown()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the site of these tests is, and the environment of commands on it."""
    folder = tmp_path_factory.mktemp("hostile")
    with empty_database("hostile", folder) as database, served(database, folder / "static") as site:
        yield site, os.environ | {"DATABASE_URL": database, "ARCHIVE_ROOT": str(folder / "archive")}


@pytest.fixture
def asked(place, foreign) -> list[str]:
    """What the foreign host is asked, with the page in the archive of the site that is being served."""
    address, asked = foreign
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", KEEP],
        input=HOSTILE.format(foreign=address).encode(),
        cwd=ROOT,
        env=place[1],
        check=True,
    )
    return asked


def test_a_hostile_page_runs_nothing_and_asks_nothing_of_anybody(browser, place, foreign, asked):
    site, _ = place
    context = browser.new_context(base_url=site)
    page = context.new_page()
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    kept = f"{site}/sources/hostile/editions/1/"

    # That it would if it could, or this would prove nothing.
    page.set_content(HOSTILE.format(foreign=foreign[0]))
    page.wait_for_timeout(1500)
    assert {"/style.css", "/script.js", "/frame"} <= set(asked)
    page.close()
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    for listed in (asked, requests, complaints):
        listed.clear()

    for name in ("view", ""):
        response = page.goto(f"{kept}{name}")
        assert response.status == 200
        page.wait_for_timeout(1500)
        assert page.url == f"{kept}{name}"
    page.goto(f"{kept}view")
    page.get_by_text("Words of the page").hover()
    page.get_by_text("Words of the page").click()
    page.get_by_text("A link").click()
    page.get_by_text("Last words").click()
    page.wait_for_timeout(1500)

    assert page.title() == "Archived: A hostile page, edition 1"
    assert page.url == f"{kept}view"
    assert (
        page.locator("a, form, input, img, iframe, script, style, link, svg, object").count() == 0
    )
    # Nothing was loaded but what was gone to, and what the page of the edition is made of.
    assert all(url.startswith(f"{site}/") for url in requests), requests
    assert [url for url in requests if url.endswith("view")] == [f"{kept}view"] * 2
    assert complaints == []
    assert asked == []

    for name in ("bytes", "text", "snapshot.warc.gz"):
        with page.expect_download() as download, contextlib.suppress(Exception):
            page.goto(f"{kept}{name}")
        assert download.value.suggested_filename.startswith("hostile-edition-1")
        assert page.url == f"{kept}view"
    assert asked == []
    context.close()
