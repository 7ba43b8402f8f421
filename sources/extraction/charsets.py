"""Bytes -> characters. What a person hands over has to be UTF-8, or HTML that names its charset; what is
fetched is read as its server, the page itself or, at last, its letters say."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from sources.parsing import TranscriptError

_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
# HTML, section "Determining the character encoding": a page names it in its first 1024 bytes.
_META = re.compile(
    rb"""<meta\b[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})"""
    rb"""|<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""",
    re.IGNORECASE,
)
# The encodings of https://encoding.spec.whatwg.org/ by Python's names. What else Python can decode is
# either no encoding of pages or takes ages (idna, punycode).
_KNOWN = re.compile(
    r"utf-8|utf-16(-[lb]e)?|cp125\d|cp866|cp874|iso8859-\d{1,2}|koi8-[ru]|mac-(roman|cyrillic)|gbk|gb18030"
    r"|gb2312|big5|big5hkscs|euc_jp|shift_jis|cp932|iso2022_jp|euc_kr|cp949|tis-620"
)
# By the same standard these names mean the larger sets that Windows made of them.
_LARGER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gbk", "shift_jis": "cp932", "euc_kr": "cp949", "utf-16": "utf-16-le",
}  # fmt: skip
_SAMPLE = 64 * 1024  # the letters of so much say what they are


def decode_uploaded(data: bytes, *, is_page: bool) -> str:
    """The characters of a file that a person hands over. Raises TranscriptError, which names the byte."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TranscriptError("The file is UTF-16, not UTF-8: save it as UTF-8 and try again.")
    if b"\x00" in data:
        raise TranscriptError(
            f"The file is not text: it holds a NUL byte at offset {data.index(0)}."
        )
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        declared = declared_in(data) if is_page else ""
        text = _strictly(data, declared) if declared not in {"", "utf-8"} else None
        if text is not None:
            return text
        raise TranscriptError(
            f"The file is not valid UTF-8: byte 0x{data[error.start]:02x} at byte offset "
            f"{error.start}."
        ) from error


def decode_fetched(data: bytes, *, charset: str) -> tuple[str, str]:
    """The characters of what a server sent, and a note where its charset was not simply what was said.

    A byte order mark goes before `charset` (of the HTTP header), and that before what the page says of
    itself; without either it is UTF-8, and otherwise what the letters look like. Raises TranscriptError.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), ""
    said = {"its server": known(charset), "the page": declared_in(data)}
    for name in [*said.values(), "utf-8"]:
        text = _strictly(data, name)
        if text is not None:
            wrong = [who for who, other in said.items() if other and other != name]
            return text, f"Read as {name}, though {wrong[0]} says otherwise." if wrong else ""
    for name in filter(None, [*said.values(), "utf-8"]):
        # A page of which a few bytes are broken is what it says, but for these.
        text = data.decode(name, "replace")
        if text.count("\ufffd") * 500 <= len(text):
            return text, f"Read as {name}; a few characters are broken and shown as \ufffd."
    if b"\x00" in data:
        raise TranscriptError(
            f"The file is not text: it holds a NUL byte at offset {data.index(0)}."
        )
    best = from_bytes(data[:_SAMPLE]).best()
    guessed = known(best.encoding) if best else ""
    if not guessed:
        raise TranscriptError(
            "The file is not text, or nothing says in what charset it is written."
        )
    note = f"Nothing that is true says in what charset it is written: read as {guessed}, by its letters."
    return data.decode(guessed, "replace"), note


def declared_in(data: bytes) -> str:
    """The charset that a page names, as Python calls it; "" for none, or one that is not known."""
    found = _META.search(data[:4096])
    name = known((found[1] or found[2]).decode("ascii")) if found else ""
    # What could be read so far has ASCII in single bytes, whatever it says.
    return "utf-8" if name.startswith("utf-16") else name


def known(charset: str) -> str:
    """Python's name of the encoding that the web means by `charset`, or ""."""
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    name = _LARGER.get(name, name)
    return name if _KNOWN.fullmatch(name) else ""


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name) if name else None
    except ValueError:
        return None
