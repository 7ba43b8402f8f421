"""A walk over every public address that can be reached from the home page, as a search engine takes it.

It follows links, forms without their fields, and what a page loads; not links marked `nofollow`, nor those
of a page whose robots tag says so, since filters combine without end; nor the desk and other hosts.
"""

from __future__ import annotations

import gzip
import http.client
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup

APART = ("/admin/", "/api/")  # the desk, which takes a sign-in; the API, which has tests of its own
CSS_AND_SCRIPT = "link[rel=stylesheet][href], script[src], link[rel=icon][href]"


@dataclass
class Answer:
    """What one address answered; `weight` is how many bytes its body had on the wire."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    weight: int
    soup: BeautifulSoup | None = None  # of a page
    links: set[tuple[str, str]] = field(default_factory=set)  # path with its query, fragment
    loads: set[str] = field(default_factory=set)  # what a browser fetches to show the page

    @property
    def is_page(self) -> bool:
        return self.soup is not None

    @property
    def robots(self) -> str:
        tag = self.soup.find("meta", {"name": "robots"}) if self.soup else None
        return tag["content"] if tag else ""

    @property
    def language(self) -> str:
        return self.soup.html["lang"] if self.soup else ""


class Crawler:
    def __init__(self, site: str) -> None:
        self.site = site
        self.connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
        self.answers: dict[str, Answer] = {}

    def close(self) -> None:
        self.connection.close()

    def crawl(self, start: str = "/") -> dict[str, Answer]:
        """Ask for every address, each once; return the answers by path with query."""
        waiting = deque([start])
        while waiting:
            path = waiting.popleft()
            if path in self.answers:
                continue
            answer = self.answers[path] = self.ask(path)
            waiting.extend(sorted(self._onward(answer) - self.answers.keys()))
        return self.answers

    def ask(self, path: str) -> Answer:
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = self.connection.getresponse()
        raw = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = gzip.decompress(raw) if headers.get("content-encoding") == "gzip" else raw
        answer = Answer(path, response.status, headers, body, len(raw))
        if headers.get("content-type", "").startswith("text/html"):
            answer.soup = BeautifulSoup(body, "html.parser")
            self._read(answer)
        return answer

    def _read(self, answer: Answer) -> None:
        soup = answer.soup
        assert soup is not None
        for link in soup.select("a[href], link[rel=canonical][href], link[rel=alternate][href]"):
            if "nofollow" not in (link.get("rel") or []):
                self._note(answer, link["href"])
        for form in soup.select("form[action]"):
            # Where a form is sent by POST, the place is one in what it is answered with.
            sent = form.get("method", "").lower() == "post"
            self._note(answer, urldefrag(form["action"])[0] if sent else form["action"])
        for image in soup.select("meta[property='og:image']"):
            self._note(answer, image["content"])
        for loaded in soup.select(CSS_AND_SCRIPT):
            name = "src" if loaded.name == "script" else "href"
            answer.loads.add(self._note(answer, loaded[name]))
        for image in soup.select("img[src], iframe[src]"):
            answer.loads.add(self._note(answer, image["src"]))

    def _note(self, answer: Answer, link: str) -> str:
        address, fragment = urldefrag(urljoin(self.site + answer.path, link))
        if not address.startswith(self.site):
            return address
        path = address.removeprefix(self.site) or "/"
        answer.links.add((path, fragment.partition(":~:")[0]))
        return path

    def _onward(self, answer: Answer) -> set[str]:
        follows = "nofollow" not in answer.robots
        wanted = {path for path, _ in answer.links} if follows else answer.loads
        return {path for path in wanted if path.startswith("/") and not path.startswith(APART)}
