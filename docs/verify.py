"""Shows offline that what a claim quotes stands in archived bytes: python3 verify.py claim.json *.warc.gz

claim.json is what a Counterclaim site's API says of a claim (/api/v1/claims/<slug>/), each WARC file what it
keeps of an edition that the claim quotes; a folder stands for the WARC files in it. `--source SLUG` checks
what is quoted from that source alone. Exits with 0 if every quotation was found, otherwise with 1. Python 3.9
or later, nothing else. docs/verifying.md says what this proves and what it does not.
"""

import argparse
import ast
import base64
import hashlib
import html
import html.parser
import json
import pathlib
import re
import sys
import unicodedata
import zlib

MOST = 1 << 29  # bytes that a file, or a body in it, may grow to when it is unpacked
PLAIN = ("text/plain", "text/markdown", "text/x-markdown")
PAGES = ("text/html", "application/xhtml+xml")
CAPTIONS = ("text/vtt", "application/x-subrip")


class Wrong(Exception):
    """What is wrong, in a sentence."""


# --- WARC files (ISO 28500:2017, WARC 1.1) ---


class Record:
    """A record of a WARC file: its headers (names in lower case), its block, and the `payload` in it."""

    def __init__(self, file, headers, block):
        self.file, self.headers, self.block = file, headers, block
        self.kind = headers.get("warc-type", "")
        self.id = headers.get("warc-record-id", "")
        self.refers_to = headers.get("warc-refers-to", "")
        self.media_type = bare(headers.get("content-type", ""))
        self.charset = charset_of(headers.get("content-type", ""))
        self.http, self.payload = {}, block
        if headers.get("content-type", "").replace(" ", "").startswith("application/http"):
            head, _, self.payload = block.partition(b"\r\n\r\n")
            self.http = fields(head.split(b"\r\n")[1:])
            self.media_type = bare(self.http.get("content-type", ""))
            self.charset = charset_of(self.http.get("content-type", ""))

    def __str__(self):
        return f"{self.file}: the {self.kind or 'nameless'} record {self.id}"

    def body(self):
        """The payload with its codings undone; None where Python alone cannot undo them."""
        data = self.payload
        if self.http.get("transfer-encoding", "").lower() == "chunked":
            data = dechunked(data, self)
        codings = [one.strip().lower() for one in self.http.get("content-encoding", "").split(",")]
        for coding in reversed([one for one in codings if one not in ("", "identity")]):
            if coding in ("gzip", "x-gzip"):
                data = unpacked(data, str(self))
            elif coding == "deflate":
                data = inflated(data, self)
            else:
                return None
        return data


def bare(value):
    return value.partition(";")[0].strip().lower()


def charset_of(value):
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", value, re.IGNORECASE)
    return found[1] if found else ""


def fields(lines):
    """Headers by name, in lower case; of several with one name, all with commas between."""
    told = {}
    for line in lines:
        name, _, value = line.decode("utf-8", "replace").partition(":")
        name, value = name.strip().lower(), value.strip()
        told[name] = f"{told[name]}, {value}" if name in told else value
    return told


def unpacked(data, what):
    """Undo gzip, member by member."""
    told, size = [], 0
    while data:
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(data, MOST - size + 1)
        except zlib.error as error:
            raise Wrong(f"{what}: its compression (gzip) is damaged.") from error
        size += len(part)
        if size > MOST:
            raise Wrong(f"{what}: unpacked, it has more than {MOST:,} bytes.")
        if not member.eof:
            raise Wrong(f"{what}: it is cut short within its compression (gzip).")
        told.append(part)
        data = member.unused_data
    return b"".join(told)


def inflated(data, record):
    for wbits in (15, -15):  # as the standard has it, and as many servers do
        stream = zlib.decompressobj(wbits=wbits)
        try:
            told = stream.decompress(data, MOST)
        except zlib.error:
            continue
        if stream.eof:
            return told
    raise Wrong(f"{record}: the compression of its body (deflate) is damaged.")


def dechunked(data, record):
    told, place = [], 0
    while True:
        line, found, _ = data[place : place + 100].partition(b"\r\n")
        size = re.match(rb"[0-9a-fA-F]+", line)
        if not found or not size:
            raise Wrong(f"{record}: its body is not in the pieces (chunked) that it speaks of.")
        place, length = place + len(line) + 2, int(size[0], 16)
        if not length:
            return b"".join(told)
        told.append(data[place : place + length])
        place += length + 2


def read(path):
    """The records of a WARC file, each held against the digests that it gives of itself."""
    name = path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Wrong(f"{name}: it cannot be read ({error.strerror}).") from error
    if data[:2] == b"\x1f\x8b":
        data = unpacked(data, name)
    records, place = [], 0
    while data[place : place + 4].strip():
        if not re.match(rb"WARC/1\.[01]\r\n", data[place : place + 10]):
            raise Wrong(f"{name}: at byte {place} there is no record of WARC 1.1.")
        end = data.find(b"\r\n\r\n", place)
        if end < 0:
            raise Wrong(f"{name}: it is cut short within the headers of a record.")
        headers = fields(data[place:end].split(b"\r\n")[1:])
        length, start = headers.get("content-length", ""), end + 4
        if not length.isdigit():
            raise Wrong(f"{name}: the record {headers.get('warc-record-id')} has no length.")
        record = Record(name, headers, data[start : start + int(length)])
        if len(record.block) < int(length):
            raise Wrong(
                f"{record} is cut short: it says {int(length):,} bytes and has {len(record.block):,}."
            )
        for said, part in (("block", record.block), ("payload", record.payload)):
            digest = headers.get(f"warc-{said}-digest", "")
            if digest and not matches(digest, part):
                raise Wrong(f"{record} was changed: its {said} has another digest than it says.")
        records.append(record)
        place = start + int(length) + 4
    if not records:
        raise Wrong(f"{name}: there is no record in it.")
    return records


def matches(digest, data):
    """Whether `digest` (sha256:…, sha1:…; in hexadecimal or base 32) is that of `data`."""
    algorithm, _, value = digest.partition(":")
    try:
        found = hashlib.new(algorithm.strip().lower(), data).digest()
    except ValueError:
        return True  # one that is not known here says nothing, for or against
    value = value.strip()
    return value.lower() == found.hex() or value.rstrip("=") == base64.b32encode(
        found
    ).decode().rstrip("=")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- Editions ---


class Edition:
    """Bytes with the SHA-256 that a claim names, and the text that a WARC file gives of them."""

    def __init__(self, record, data, by_conversion):
        self.record, self.data, self.by_conversion = record, data, by_conversion


def editions(records):
    """Every body in the files, by its SHA-256."""
    found = {}
    by_id = {record.id: record for record in records if record.id}
    for record in records:
        if record.kind in ("response", "resource") and not record.headers.get("warc-truncated"):
            data = record.body()
            if data is not None:
                found.setdefault(sha256(data), []).append(Edition(record, data, False))
        elif record.kind == "conversion":
            # What no part of Python undoes (brotli) is there undone, beside what it was.
            of = by_id.get(record.refers_to)
            if of is not None and of.kind in ("response", "resource") and of.body() is None:
                edition = Edition(record, record.block, True)
                edition.record.charset = edition.record.charset or of.charset
                found.setdefault(sha256(record.block), []).append(edition)
    return found


def find(passage, found, records):
    """The edition that a passage is of, and its text. Raises Wrong."""
    wanted, text_wanted = passage.get("sha256"), passage.get("text_sha256")
    if not wanted or not text_wanted:
        raise Wrong("it does not say of which bytes it is (sha256, text_sha256).")
    texts = [one for one in records if one.kind == "conversion" and one.media_type == "text/plain"]
    same_text = [one for one in texts if sha256(one.block) == text_wanted]
    if wanted not in found:
        if same_text:
            raise Wrong(
                f"{same_text[0].file} has the text, but not the bytes with the published SHA-256 {wanted}: "
                "they were changed, or are missing."
            )
        address = passage.get("warc_url")
        fetch = f" Fetch {address}." if address else ""
        raise Wrong(f"no WARC file given has bytes with the published SHA-256 {wanted}.{fetch}")
    of = {edition.record.id for edition in found[wanted]}
    of_it = [one for one in texts if one.refers_to in of]
    for one in of_it:
        if one in same_text:
            edition = next(each for each in found[wanted] if each.record.id == one.refers_to)
            try:
                return edition, one.block.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Wrong(f"{one} is no UTF-8.") from error
    file = found[wanted][0].record.file
    if of_it:
        raise Wrong(
            f"the text in {file} was changed: its SHA-256 is {sha256(of_it[0].block)}, and the published one "
            f"{text_wanted}."
        )
    raise Wrong(f"{file} has the bytes, but no record (conversion) with the text taken from them.")


# --- Quotations ---


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


# --- The claim ---


def passages(value, where=""):
    """Every quotation in the JSON, with where it stands in it: appearances 1, evidence 3."""
    if isinstance(value, dict):
        if "exact" in value and "start" in value:
            yield where.strip(), value
        for name, part in value.items():
            yield from passages(part, where if name == "passage" else f"{where} {name}")
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from passages(part, f"{where} {number}")


def files(paths):
    for path in paths:
        if path.is_dir():
            yield from sorted(
                one for one in path.iterdir() if one.name.endswith((".warc", ".warc.gz"))
            )
        else:
            yield path


def verify(claim, paths, source=None, say=print):
    """Check every quotation of the claim in the file `claim`. Returns whether all is as it says."""
    try:
        told = json.loads(claim.read_bytes())
    except (OSError, ValueError) as error:
        say(f"WRONG  {claim.name}: it is not the JSON of a claim ({error}).")
        return False
    records, wrong, shown = [], 0, 0
    for path in files(paths):
        try:
            records += read(path)
        except Wrong as error:
            wrong += 1
            say(f"WRONG  {error}")
    try:
        found = editions(records)
    except Wrong as error:
        say(f"WRONG  {error}")
        say("NOT VERIFIED: a WARC file cannot be read.")
        return False
    for where, passage in passages(told):
        if source is not None and passage.get("transcript") != source:
            continue
        name = f"{where} (“{str(passage.get('exact'))[:40]}…”)"
        try:
            say(f"right  {name}: {check(passage, found, records)}")
            shown += 1
        except Wrong as error:
            wrong += 1
            say(f"WRONG  {name}: {error}")
    if wrong:
        say(f"NOT VERIFIED: {wrong} wrong, {shown} right.")
    elif not shown:
        say("NOT VERIFIED: there is no quotation in it to check.")
    else:
        say(f"VERIFIED: all {shown} quotations stand in bytes with the published digests.")
    return shown > 0 and not wrong


def main():
    about, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=more)
    parser.add_argument("claim", type=pathlib.Path, help="the JSON of a claim")
    parser.add_argument("warc", type=pathlib.Path, nargs="*", help="WARC files, or folders of them")
    parser.add_argument("--source", metavar="SLUG", help="only what is quoted from this source")
    told = parser.parse_args()
    sys.exit(0 if verify(told.claim, told.warc, told.source) else 1)


if __name__ == "__main__":
    main()
