"""Citations in a rationale: how they are written in Markdown, and which ones a text holds. Pure functions.

A citation of what has a page here is a link without a host, /sources/north-atlantic-treaty-1949/. A
published verdict never changes: with a host in it, it would be wrong for ever once the site moves, and
in every copy of the data that is served elsewhere. Whoever reads the rationale from the API resolves it
as any relative reference, against the address of the verdict beside it (RFC 3986, section 5). Feeds and
JSON-LD carry no rationale.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False})

# What could begin Markdown inside a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&!])")


def markdown_link(words: str, address: str) -> str:
    """Return the Markdown of a link to `address`, an absolute path, that reads `words` to the letter."""
    return f"[{escaped(words)}]({address})"


def markdown_citation(title: str, address: str, locator: str = "") -> str:
    """Return the Markdown of a citation: the linked title and, if any, the locator behind it."""
    return markdown_link(title, address) + (f", {escaped(locator)}" if locator else "")


def escaped(text: str) -> str:
    """`text` as Markdown that reads like it; of one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def cited_paths(rationale: str, *, site: str) -> list[str]:
    """Return the paths on this site that the links of `rationale` (Markdown) lead to, in order, each
    once. `site` is its own address, https://facts.example.org: a link that names it counts, too."""
    found: dict[str, None] = {}
    own = urlsplit(site).netloc
    for block in _MARKDOWN.parse(rationale):
        for token in block.children or ():
            if token.type != "link_open":
                continue
            parts = urlsplit(str(token.attrs["href"]))
            if parts.path.startswith("/") and parts.netloc in ("", own):
                found[unquote(parts.path)] = None
    return list(found)


def plain_words(rationale: str) -> str:
    """Return what `rationale` (Markdown) reads, without its marks and addresses, in one line."""
    blocks = [
        "".join(" " if token.type.endswith("break") else token.content for token in block.children)
        if block.children is not None
        else block.content
        for block in _MARKDOWN.parse(rationale)
    ]
    return " ".join(" ".join(blocks).split())
