"""docs/verify/ as one file, as a stranger runs it: on what the site gives, and on what is tampered with."""

from __future__ import annotations

import ast
import copy
import datetime as dt
import gzip
import hashlib
import json
import re
import subprocess
import sys
import zlib
from pathlib import Path

import brotlicffi
import pytest
from django.conf import settings
from django.core.management import call_command

from claims.one_file import one_file
from sources.archiving import warc
from sources.extraction import extract_text
from sources.fetching import Exchange

PARTS = settings.BASE_DIR / "docs" / "verify"
PROGRAM = one_file(PARTS)
PROMISE = "nato-promised-not-to-admit-eastern-european-countries"


def exchange(
    data: bytes, media_type: str, *, raw: bytes | None = None, coding: str = ""
) -> Exchange:
    """A page as it is fetched: its bytes, and what went over the wire if that was compressed."""
    headers = [("Content-Type", media_type)]
    if coding:
        headers.append(("Content-Encoding", coding))
    return Exchange(
        url="https://page.example/",
        final_url="https://page.example/",
        started_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        ip="192.0.2.7",
        status=200,
        reason="OK",
        request_headers=[("Host", "page.example")],
        response_headers=headers,
        raw=data if raw is None else raw,
        body=data,
        media_type=media_type,
        charset="",
    )


def run(claim, *files: Path, folder: Path, also: tuple[str, ...] = ()):
    """What the program says of `claim` and the files: whether it accepts them, and its words."""
    path = folder / "claim.json"
    path.write_text(claim if isinstance(claim, str) else json.dumps(claim), encoding="utf-8")
    script = folder / "verify.py"
    script.write_text(PROGRAM, encoding="utf-8")
    # Isolated, without site-packages: nothing but the standard library is there.
    command = [sys.executable, "-I", "-S", script, path, *files, *also]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr == ""
    return done.returncode == 0, done.stdout


def test_it_needs_nothing_but_the_standard_library():
    found = set()
    for node in ast.walk(ast.parse(PROGRAM, feature_version=(3, 9))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    assert found
    assert found <= sys.stdlib_module_names


def test_its_parts_run_as_the_one_file_does(tmp_path):
    (tmp_path / "verify.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "claim.json").write_text("no JSON", encoding="utf-8")
    told = [
        subprocess.run([sys.executable, program, "claim.json"], cwd=tmp_path, capture_output=True)
        for program in (PARTS, "verify.py")
    ]
    assert told[0].stdout == told[1].stdout != b""
    assert [done.returncode for done in told] == [1, 1]


# --- What the site gives out, on the seeds ---


def changed(file: bytes, kind: str, old: bytes, new: bytes, *, fitting: bool = False) -> bytes:
    """The WARC file with `new` for `old` in the block of its record of that kind; with digests that fit."""
    records = re.split(rb"(?=WARC/1\.1\r\n)", gzip.decompress(file))
    place = next(i for i, record in enumerate(records) if b"WARC-Type: " + kind.encode() in record)
    head, _, block = records[place].partition(b"\r\n\r\n")
    block = block.removesuffix(b"\r\n\r\n")
    assert old in block
    block = block.replace(old, new, 1)
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(block), head)
    if fitting:
        digest = hashlib.sha256(block).hexdigest().encode()
        head = re.sub(rb"sha256:[0-9a-f]{64}(?=\r\n|$)", b"sha256:" + digest, head)
        head = re.sub(
            rb"(WARC-(?:Block|Payload)-Digest: sha256:)[0-9a-f]{64}", rb"\g<1>" + digest, head
        )
    records[place] = head + b"\r\n\r\n" + block + b"\r\n\r\n"
    return gzip.compress(b"".join(records))


def without(file: bytes, kind: str) -> bytes:
    records = re.split(rb"(?=WARC/1\.1\r\n)", gzip.decompress(file))
    kept = [one for one in records if b"WARC-Type: " + kind.encode() not in one]
    assert len(kept) < len(records)
    return gzip.compress(b"".join(kept))


def cut(file: bytes) -> bytes:
    """The last record, which has the text, without its end."""
    return gzip.compress(gzip.decompress(file)[:-500])


def damaged(file: bytes) -> bytes:
    place = len(file) // 2
    return (
        file[:place] + bytes(255 - byte for byte in file[place : place + 64]) + file[place + 64 :]
    )


@pytest.mark.django_db
def test_the_export_of_the_seeds_is_accepted_and_what_was_tampered_with_is_not(
    client, tmp_path, subtests
):
    call_command("load_seeds", verbosity=0)
    claim = client.get(f"/api/v1/claims/{PROMISE}/").json()
    quotations = [*claim["appearances"], *claim["rebuttals"], *claim["evidence"]]
    addresses = sorted({row["passage"]["warc_url"] for row in quotations if row["passage"]})
    files = []
    for number, address in enumerate(addresses):
        answer = client.get(address.removeprefix(settings.SITE_URL))
        assert answer["Content-Type"] == "application/warc"
        files.append(tmp_path / f"{number}.warc.gz")
        files[-1].write_bytes(b"".join(answer))

    accepted, told = run(claim, *files, folder=tmp_path)
    assert accepted, told
    n = sum(1 for row in quotations if row["passage"])
    assert f"VERIFIED: all {n} quotations stand" in told
    assert told.count("right  ") == n
    assert told.count("and in the bytes") == n

    # The same of every claim, with a folder of all files.
    for row in client.get("/api/v1/claims/?page_size=200").json()["results"]:
        detail = client.get(f"/api/v1/claims/{row['slug']}/").json()
        if any(one["passage"] for one in detail["appearances"] + detail["rebuttals"]):
            for one in [*detail["appearances"], *detail["rebuttals"], *detail["evidence"]]:
                if one["passage"] and not (path := tmp_path / one["passage"]["sha256"]).exists():
                    file = client.get(one["passage"]["warc_url"].removeprefix(settings.SITE_URL))
                    (tmp_path / "all").mkdir(exist_ok=True)
                    path.touch()
                    (tmp_path / "all" / f"{path.name}.warc.gz").write_bytes(b"".join(file))
            accepted, told = run(detail, tmp_path / "all", folder=tmp_path)
            assert accepted, (row["slug"], told)

    first = claim["appearances"][0]["passage"]
    words = first["exact"]
    (of_first,) = (
        path for path, address in zip(files, addresses, strict=True) if address == first["warc_url"]
    )
    good = of_first.read_bytes()

    def with_passage(**fields):
        told = copy.deepcopy(claim)
        told["appearances"][0]["passage"].update(fields)
        return told

    start, end = first["start"], first["end"]
    other_text = "Another edition.\n"
    tampered = {
        "the words": (
            with_passage(exact=words.replace("N", "M", 1).replace("e", "a", 1)),
            good,
            "its words are not those of the text, which reads “",
        ),
        "the place": (
            with_passage(start=start + 1, end=end + 1),
            good,
            f"its words stand at {start}–{end} of the text, and not, as it says, at "
            f"{start + 1}–{end + 1}.",
        ),
        "the words before": (
            with_passage(prefix="It is not true that "),
            good,
            "“It is not true that ” does not stand before its words (prefix).",
        ),
        "the words after": (
            with_passage(suffix=" as everybody knows"),
            good,
            "“ as everybody knows” does not stand after its words (suffix).",
        ),
        "the digest of the bytes": (
            with_passage(sha256="0" * 64),
            good,
            f"has the text, but not the bytes with the published SHA-256 {'0' * 64}: they were changed, "
            "or are missing.",
        ),
        "the digest of the text": (
            with_passage(text_sha256="0" * 64),
            good,
            "the text in 0.warc.gz was changed: its SHA-256 is",
        ),
        "the bytes": (
            claim,
            changed(good, "resource", b"Good afternoon", b"Good morning!!"),
            "0.warc.gz: the resource record <urn:uuid:",
        ),
        "the bytes, with digests that fit": (
            claim,
            changed(good, "resource", b"Good afternoon", b"Good morning!!", fitting=True),
            f"has the text, but not the bytes with the published SHA-256 {first['sha256']}: they were",
        ),
        "the text": (
            claim,
            changed(good, "conversion", b"Good afternoon", b"Good morning!!"),
            "0.warc.gz: the conversion record <urn:uuid:",
        ),
        "the text, with digests that fit": (
            claim,
            changed(good, "conversion", b"Good afternoon", b"Good morning!!", fitting=True),
            f"and the published one {first['text_sha256']}.",
        ),
        "a record cut short": (claim, cut(good), "is cut short: it says "),
        "a record left out": (
            claim,
            without(good, "conversion"),
            "0.warc.gz has the bytes, but no record (conversion) with the text taken from them.",
        ),
        "another edition": (
            claim,
            warc.write(exchange(other_text.encode(), "text/plain"), other_text),
            f"no WARC file given has bytes with the published SHA-256 {first['sha256']}. Fetch "
            f"{first['warc_url']}.",
        ),
        "compression": (claim, damaged(good), "0.warc.gz: its compression (gzip) is damaged."),
        "no archive": (claim, b"<html>404", "0.warc.gz: at byte 0 there is no record of WARC 1.1."),
        "no quotation": (
            {"slug": "nothing"},
            good,
            "NOT VERIFIED: there is no quotation in it to check.",
        ),
        "no digests": (
            with_passage(sha256=None),
            good,
            "it does not say of which bytes it is (sha256, text_sha256).",
        ),
        "no claim": ("<html>", good, "claim.json: it is not the JSON of a claim"),
    }
    for what, (said, file, sentence) in tampered.items():
        with subtests.test(what):
            bad = tmp_path / "tampered"
            bad.mkdir(exist_ok=True)
            (bad / "0.warc.gz").write_bytes(file)
            rest = [path for path in files if path is not of_first]
            accepted, told = run(said, bad / "0.warc.gz", *rest, folder=tmp_path)
            assert not accepted
            assert sentence in told, told
            assert told.splitlines()[-1].startswith(("NOT VERIFIED", "WRONG"))


# --- What it reads ---

PAGE = """<!doctype html><html><head><meta charset="windows-1251"><title>Выступление</title>
<script>var x = "Этого не было";</script></head><body><nav>Меню</nav>
<p>Он сказал: «Мы&nbsp;<b>никогда</b> не&#160;обещали
этого».</p><!-- Этого не было --><p>Да.</p></body></html>"""


def claim_of(text: str, data: bytes, exact: str) -> dict:
    start = text.index(exact)
    passage = {
        "exact": exact,
        "start": start,
        "end": start + len(exact),
        "prefix": text[max(start - 32, 0) : start],
        "suffix": text[start + len(exact) :][:32],
        "transcript": "page",
        "sha256": hashlib.sha256(data).hexdigest(),
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    return {"appearances": [{"passage": passage}]}


def deflated(data: bytes, wbits: int) -> bytes:
    made = zlib.compressobj(wbits=wbits)
    return made.compress(data) + made.flush()


CODINGS = {
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "deflate": lambda data: deflated(data, 15),
    "Deflate": lambda data: deflated(data, -15),
    "br": brotlicffi.compress,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_is_read_whatever_its_compression_and_charset(tmp_path, coding):
    data = PAGE.encode("windows-1251")
    text = extract_text(data, media_type="text/html").text
    file = tmp_path / "page.warc.gz"
    answer = exchange(data, "text/html", raw=CODINGS[coding](data), coding=coding)
    file.write_bytes(warc.write(answer, text))
    quoted = next(line for line in text.splitlines() if "никогда" in line)

    accepted, told = run(claim_of(text, data, quoted), file, folder=tmp_path)

    assert accepted, told
    assert ("Python cannot undo it" in told) == (coding == "br")


@pytest.mark.parametrize("hidden", ["var x", "Этого не было"])
def test_words_that_only_the_text_has_are_found_out(tmp_path, hidden):
    data = PAGE.encode("windows-1251")
    text = f"{hidden} и точка.\n"
    file = tmp_path / "page.warc.gz"
    file.write_bytes(warc.write(exchange(data, "text/html"), text))

    accepted, told = run(claim_of(text, data, hidden), file, folder=tmp_path)

    assert not accepted
    assert f"its words stand in the text, but not in the bytes: “{hidden}”." in told


def test_of_what_it_cannot_look_into_it_says_so(tmp_path):
    data, text = b"%PDF-1.7 \x00\xff", "Words of a page.\n"
    file = tmp_path / "page.warc.gz"
    file.write_bytes(warc.write(exchange(data, "application/pdf"), text))

    accepted, told = run(claim_of(text, data, "Words"), file, folder=tmp_path)

    assert accepted
    assert "this program cannot look into application/pdf" in told
    assert "and in the bytes" not in told


def test_one_source_can_be_checked_alone(tmp_path):
    text = "Words of a page.\n"
    claim = claim_of(text, text.encode(), "Words")
    elsewhere = claim_of(text, b"else", "Words")["appearances"][0]
    elsewhere["passage"]["transcript"] = "elsewhere"
    claim["appearances"].append(elsewhere)
    file = tmp_path / "page.warc.gz"
    file.write_bytes(warc.write(exchange(text.encode(), "text/plain"), text))

    assert not run(claim, file, folder=tmp_path)[0]
    assert run(claim, file, folder=tmp_path, also=("--source", "page"))[0]
