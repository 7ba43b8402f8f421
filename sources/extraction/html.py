"""A transcript that was published as a web page: Beautiful Soup and the standard library's parser.

An extractor of "main content" such as trafilatura (see `article`) guesses what matters, and a speaker's
label in bold is easily lost.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from sources.parsing import TranscriptError

MAX_TAGS = 200_000  # no page a person reads has more; a tree of millions takes minutes

_TAGS = "html|head|body|div|p|h[1-6]|article|main|section|table|span|br|b|strong|ul|ol|meta|title"
_HTML_OPENING = re.compile(
    rf"\s*(?:<\?xml[^>]{{0,200}}\?>\s*|<!--.{{0,2000}}?-->\s*)*"
    rf"(?:<!DOCTYPE\s+html|<(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>)",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)

# The standard library's parser takes quadratic time over unclosed tags and comments. They are taken
# out first: scripts and comments up to their end or the document's, and a "<" that opens no tag of
# a sane length becomes the text that a browser would show.
_UNSEEN = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_LOOSE = re.compile(
    r"""<(?!/?[a-z](?:(?:[^<>"']{1,2000}+|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,60}+>|[^<>]{0,300}>))""",
    re.IGNORECASE,
)
_DROPPED = frozenset(
    """script style noscript template nav footer aside form button select svg math iframe object
    head audio video canvas dialog menu""".split()
)
_NAVIGATION = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|navlinks|breadcrumbs?|menu|pagination|share|sharing"
    r"|social|cookie|skip-link|sr-only)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details div dl dt fieldset figcaption
    figure h1 h2 h3 h4 h5 h6 header hgroup hr html li main ol p pre section summary table tbody
    tfoot thead tr ul""".split()
)


def is_html(text: str) -> bool:
    """By content: it opens with a tag of HTML and goes on with more than that one."""
    if not _HTML_OPENING.match(text):
        return False
    return sum(1 for _ in zip(range(2), _HTML_TAG.finditer(text), strict=False)) > 1


def read(markup: str) -> str:
    """Readable text: one paragraph for each block, blank lines between, navigation left out."""
    markup = _LOOSE.sub("&lt;", _UNSEEN.sub("", markup))
    refuse_too_many_tags(markup)
    soup = BeautifulSoup(markup, "html.parser")
    root: Tag = soup
    for name in ("main", "article"):
        part = soup.find(name)
        if isinstance(part, Tag) and len(part.get_text()) * 2 > len(soup.get_text()):
            root = part
            break
    text = "".join(_pieces(root))
    lines = (line.strip() for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    title = soup.title.get_text() if soup.title else ""
    title = " ".join(title.split())
    if title and not soup.find("h1"):
        text = f"{title}\n\n{text}"  # the only place where such a page prints its title
    return text + "\n" if text else ""


def refuse_too_many_tags(markup: str) -> None:
    tags = markup.count("<")
    if tags > MAX_TAGS:
        raise TranscriptError(f"The page has {tags:,} HTML tags; at most {MAX_TAGS:,} are read.")


def _pieces(root: Tag) -> list[str]:
    """The text below `root`, iteratively: a hostile page may nest deeper than Python recurses."""
    pieces: list[str] = []
    waiting: list[PageElement | str] = [root]
    preformatted = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, str) and not isinstance(node, NavigableString):
            preformatted -= node == "\f"
            pieces.append("\n\n")
        elif isinstance(node, PreformattedString):
            continue  # comments, declarations, processing instructions
        elif isinstance(node, NavigableString):
            words = str(node) if preformatted else re.sub(r"[ \t\n\r\f]+", " ", node)
            if not preformatted and pieces and pieces[-1].endswith((" ", "\n")):
                words = words.removeprefix(" ")  # white space collapses across tags as well
            if words:
                pieces.append(words)
        elif isinstance(node, Tag):
            if node.name in _DROPPED or _is_navigation(node):
                continue
            if node.name == "br":
                pieces.append("\n")
            elif node.name in {"td", "th"}:
                pieces.append(" ")
            block = node.name in _BLOCKS
            if block:
                pieces.append("\n\n")
                preformatted += node.name == "pre"
                waiting.append("\f" if node.name == "pre" else "\n")
            waiting.extend(reversed(node.contents))
    return pieces


def _is_navigation(tag: Tag) -> bool:
    names = tag.get("class")
    listed = " ".join(names) if isinstance(names, list) else str(names or "")
    if tag.get("role") == "navigation" or tag.get("hidden") is not None:
        return True
    return bool(listed and _NAVIGATION.search(listed))
