"""Bytes of a retrieved document -> its text. Plain text and Markdown stay exactly as they are.

HTML is read with Beautiful Soup and the standard library's parser: an extractor of "main content"
such as trafilatura guesses what matters, and a speaker's label in bold is easily lost.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from sources.parsing import TranscriptError

MAX_BYTES = 5 * 1024 * 1024
MAX_TAGS = 200_000  # no page a person reads has more; a tree of millions takes minutes


@dataclass(frozen=True)
class ExtractedText:
    """The text of a document and what it was taken from."""

    text: str
    media_type: str  # text/plain, text/markdown or text/html


_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Tab, line feed, form feed and carriage return are the controls that text files do hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_TAGS = "html|head|body|div|p|h[1-6]|article|main|section|table|span|br|b|strong|ul|ol|meta|title"
_HTML_OPENING = re.compile(
    rf"\s*(?:<\?xml[^>]{{0,200}}\?>\s*|<!--.{{0,2000}}?-->\s*)*"
    rf"(?:<!DOCTYPE\s+html|<(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>)",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_BYTES_REPR = re.compile(r"^[^\S\n]*+(b(?:'[^\n]*'|\"[^\n]*\"))[^\S\n]*$", re.MULTILINE)

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


def extract_text(data: bytes, *, filename: str = "") -> ExtractedText:
    """The text of `data`: UTF-8 without byte order mark, lines ending in "\\n".

    Plain text and Markdown are otherwise kept character for character, so that offsets into the
    text hold; HTML (recognised by its content) becomes paragraphs separated by blank lines.

    Raises `TranscriptError` for an empty file, a file over `MAX_BYTES`, bytes that are no UTF-8,
    and control characters such as NUL, which PostgreSQL cannot store.
    """
    if len(data) > MAX_BYTES:
        raise TranscriptError(
            f"The file is too large: {len(data):,} bytes; at most {MAX_BYTES:,} bytes are read."
        )
    text = _decode(data)
    undone = _undo_bytes_repr(text)
    if _is_html(undone):
        text, media_type = _html_text(undone), "text/html"
    else:
        text = undone
        markdown = filename.lower().endswith((".md", ".markdown"))
        media_type = "text/markdown" if markdown else "text/plain"
    _refuse_controls(text)
    if not text.strip():
        raise TranscriptError("The file is empty: it holds no text.")
    return ExtractedText(text, media_type)


def _decode(data: bytes) -> str:
    if not data.strip():
        raise TranscriptError("The file is empty: it holds no text.")
    if data.startswith(_UTF16):
        raise TranscriptError("The file is UTF-16, not UTF-8: save it as UTF-8 and try again.")
    if b"\x00" in data:
        raise TranscriptError(
            f"The file is not text: it holds a NUL byte at offset {data.index(0)}."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TranscriptError(
            f"The file is not valid UTF-8: byte 0x{data[error.start]:02x} at byte offset "
            f"{error.start}."
        ) from error
    text = _unify_lines(text.removeprefix("\ufeff"))
    _refuse_controls(text)
    return text


def _unify_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_controls(text: str) -> None:
    control = _CONTROL.search(text)
    if control:
        raise TranscriptError(
            f"The file is not text: it holds the control character U+{ord(control.group()):04X} "
            f"at character {control.start()}."
        )


def _undo_bytes_repr(text: str) -> str:
    """Undo a scraper's `str(response.content)`: a body printed as b'…\\xc2\\xa0\\n…'.

    Only where such lines make up most of the document; a transcript may well quote one.
    """
    found = list(_BYTES_REPR.finditer(text))
    if not found or sum(len(match.group()) for match in found) * 2 <= len(text):
        return text
    return _unify_lines(_BYTES_REPR.sub(_bytes_of, text))


def _bytes_of(match: re.Match[str]) -> str:
    try:
        value = ast.literal_eval(match.group(1))
        return value.decode("utf-8") if isinstance(value, bytes) else match.group()
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return match.group()  # only looks like one; UnicodeDecodeError is a ValueError


def _is_html(text: str) -> bool:
    """By content: it opens with a tag of HTML and goes on with more than that one."""
    if not _HTML_OPENING.match(text):
        return False
    return sum(1 for _ in zip(range(2), _HTML_TAG.finditer(text), strict=False)) > 1


def _html_text(markup: str) -> str:
    """Readable text: one paragraph for each block, blank lines between, navigation left out."""
    markup = _LOOSE.sub("&lt;", _UNSEEN.sub("", markup))
    tags = markup.count("<")
    if tags > MAX_TAGS:
        raise TranscriptError(f"The page has {tags:,} HTML tags; at most {MAX_TAGS:,} are read.")
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
