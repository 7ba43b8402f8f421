"""Editions"""

from terms import Wrong
from warc import sha256


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
