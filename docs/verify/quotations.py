"""Quotations"""

import ast
import html
import html.parser
import re
import unicodedata

from editions import find
from terms import CAPTIONS, PAGES, PLAIN, Wrong


def check(passage, found, records):
    """Hold a passage against the files; return what was shown. Raises Wrong."""
    start, end, exact = passage.get("start"), passage.get("end"), passage.get("exact")
    if not (type(start) is int and type(end) is int and isinstance(exact, str) and exact.strip()):
        raise Wrong("it does not say which words stand where (exact, start, end).")
    edition, text = find(passage, found, records)
    if text[start:end] != exact or start < 0:
        place = text.find(exact)
        if place >= 0:
            raise Wrong(
                f"its words stand at {place}–{place + len(exact)} of the text, and not, as it says, at "
                f"{start}–{end}."
            )
        there = text[start:end][:200]
        raise Wrong(f"its words are not those of the text, which reads “{there}” there.")
    before, after = passage.get("prefix") or "", passage.get("suffix") or ""
    if not text[:start].endswith(before):
        raise Wrong(f"“{before}” does not stand before its words (prefix).")
    if not text[end:].startswith(after):
        raise Wrong(f"“{after}” does not stand after its words (suffix).")
    return in_bytes(exact, edition)


def in_bytes(exact, edition):
    """Look for the words in the bytes themselves, line by line, whatever the white space. Raises Wrong."""
    told = "bytes and text have the published digests, and the words stand in the text"
    media_type, how = edition.record.media_type, ""
    if edition.by_conversion:
        how = " (with the compression undone by whoever wrote the file: Python cannot undo it)"
    if media_type not in PLAIN + PAGES + CAPTIONS:
        return f"{told}; this program cannot look into {media_type or 'such bytes'}{how}."
    markup = undone(decoded(edition.data, edition.record.charset))
    readings = [markup]
    if media_type in CAPTIONS:
        lines = [one for one in markup.splitlines() if "-->" not in one and not one.isdigit()]
        readings = [html.unescape(re.sub(r"<[^>]*>", "", "\n".join(lines)))]
    elif media_type in PAGES or markup.lstrip().startswith("<"):
        readings = [words_of(markup, NEVER), words_of(markup, NEVER | APART)]
    readings = [folded(reading) for reading in readings]
    for line in exact.splitlines():
        if not stands(line, readings):
            if media_type in CAPTIONS:
                return f"{told}; captions were put together otherwise than here{how}."
            words = line.strip()[:200]
            raise Wrong(f"its words stand in the text, but not in the bytes: “{words}”.")
    return f"{told}, and in the bytes{how}."


def stands(line, readings):
    """Whether the words of a line stand in one of the readings; a list or a table may have been written with
    signs between its parts (- and |), which then stand there one by one."""
    if any(folded(line) in reading for reading in readings):
        return True
    parts = [folded(part) for part in re.split(r"(?:^|(?<=\s))[-|](?=\s|$)", line)]
    return len(parts) > 1 and any(all(part in reading for part in parts) for reading in readings)


def decoded(data, charset):
    named = re.search(
        rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]+)", data[:4096], re.IGNORECASE
    )
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    names = [name for mark, name in marks if data.startswith(mark)]
    names += [charset, named[1].decode("ascii") if named else "", "utf-8", "windows-1252"]
    for name in filter(None, names):
        if name.lower() in ("latin-1", "latin1", "iso-8859-1", "iso8859-1", "ascii", "us-ascii"):
            name = "windows-1252"  # as browsers have it
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("utf-8", "replace")


def undone(text):
    """A scraper's `str(response.content)` (b'…\\xc2\\xa0\\n…'), where most of the text is such lines."""
    printed = re.compile(r"^[ \t]*(b(?:'[^\n]*'|\"[^\n]*\"))[ \t]*\r?$", re.MULTILINE)
    if sum(len(one.group()) for one in printed.finditer(text)) * 2 <= len(text):
        return text

    def bytes_of(one):
        try:
            return ast.literal_eval(one.group(1)).decode("utf-8")
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return one.group()

    return printed.sub(bytes_of, text)


def folded(text):
    """Without white space and signs that are not seen, composed: what two readings of one page share."""
    seen = re.sub("[\\s\u00ad\u200b\u200c\u200d\u2060\ufeff\x00-\x1f]+", "", text)
    return unicodedata.normalize("NFC", seen)


NEVER = frozenset("script style template".split())
APART = frozenset(
    """noscript nav footer aside form button select svg math iframe object head audio video canvas
    dialog menu""".split()
)
EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Words(html.parser.HTMLParser):
    def __init__(self, dropped):
        super().__init__(convert_charrefs=True)
        self.dropped, self.within, self.told = dropped, [], []

    def handle_starttag(self, tag, attrs):
        if tag in self.dropped and tag not in EMPTY:
            self.within.append(tag)

    def handle_endtag(self, tag):
        if tag in self.within:
            while self.within.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.within:
            self.told.append(data)


def words_of(markup, dropped):
    parser = Words(dropped)
    parser.feed(markup)
    parser.close()
    return "".join(parser.told)
