"""WARC files (ISO 28500:2017, WARC 1.1)"""

import base64
import hashlib
import re
import zlib

from terms import MOST, Wrong


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
