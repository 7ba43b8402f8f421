"""Word files -> text: what stands in them in its order, and nothing that is hidden or run."""

from __future__ import annotations

import random
import time

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.extraction import docx, extract_text
from sources.parsing import TranscriptError, parse_transcript

from . import documents
from .documents import part, word


def text_of(data: bytes) -> str:
    return extract_text(data, filename="briefing.docx").text


def test_headings_paragraphs_and_tables_in_their_order() -> None:
    document = python_docx.Document()
    document.add_heading("Briefing on the Alliance", 0)
    document.add_paragraph("SECRETARY DOE: Good afternoon.\nMoscow claims that.")
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Year", "Members"
    table.cell(1, 0).merge(table.cell(1, 1)).text = "merged"
    document.add_paragraph("QUESTION: Did anybody ask?")
    extracted = extract_text(documents.saved(document))
    assert extracted.media_type.endswith("wordprocessingml.document")
    assert extracted.text == (
        "Briefing on the Alliance\n\nSECRETARY DOE: Good afternoon.\nMoscow claims that.\n\n"
        "Year Members\n\nmerged\n\nQUESTION: Did anybody ask?\n"
    )
    labels = [turn.label for turn in parse_transcript(extracted.text).turns]
    assert labels == ["SECRETARY DOE", "QUESTION"]


def test_a_table_around_paragraphs_is_no_table() -> None:
    document = python_docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "MR. ROE: One."
    cell.add_paragraph("MS. DOE: Two.")
    assert text_of(documents.saved(document)) == "MR. ROE: One.\n\nMS. DOE: Two.\n"


def test_what_content_controls_and_fields_hold_is_read() -> None:
    data = word("before", "within", "after")
    xml = part(data, "word/document.xml").replace(
        "<w:p><w:r><w:t>within</w:t></w:r></w:p>",
        "<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:fldSimple w:instr='X'><w:r><w:t>within</w:t></w:r>"
        "</w:fldSimple></w:p></w:sdtContent></w:sdt>",
    )
    assert "w:sdt" in xml
    assert (
        text_of(documents.with_part(data, "word/document.xml", xml.encode()))
        == "before\n\nwithin\n\nafter\n"
    )


@pytest.mark.parametrize("mark", ["ins", "del"])
def test_tracked_changes_are_refused_for_there_is_more_than_one_wording(mark: str) -> None:
    data = word("He never promised that.")
    xml = part(data, "word/document.xml")
    changed = xml.replace("<w:r>", f'<w:{mark} w:id="1" w:author="a"><w:r>', 1)
    changed = changed.replace("</w:r>", f"</w:r></w:{mark}>", 1)
    assert changed != xml
    with pytest.raises(TranscriptError, match="tracked changes"):
        text_of(documents.with_part(data, "word/document.xml", changed.encode()))


def test_macros_are_left_alone() -> None:
    data = documents.with_part(word("MR. ROE: Hello."), "word/vbaProject.bin", b"\x00evil")
    types = part(data, "[Content_Types].xml").replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    data = documents.with_part(data, "[Content_Types].xml", types.encode())
    assert extract_text(data, filename="a.docm").text == "MR. ROE: Hello.\n"


def test_an_empty_one_is_refused() -> None:
    with pytest.raises(TranscriptError, match="empty"):
        text_of(word("", "  "))


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"old Word file \(DOC\)"),
        (rb"{\rtf1\ansi MR. X: Hello}", r"Rich text \(RTF\)"),
    ],
)
def test_what_other_programs_write_is_named(opening: bytes, words: str) -> None:
    with pytest.raises(TranscriptError, match=words):
        extract_text(opening + b"\x00" * 100)


# --- hostile files ---------------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = documents.with_part(word("a"), "word/media/image1.png", b"\x00" * (70 * 1024 * 1024))
    assert len(data) < 1024 * 1024
    started = time.monotonic()
    with pytest.raises(TranscriptError, match="unpacks to"):
        docx.read(data)
    assert time.monotonic() - started < 5


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    part_of_many = b"<a/>" * 2_000_000
    data = bytearray(documents.with_part(word("a"), "word/document.xml", part_of_many))
    said = len(part_of_many).to_bytes(4, "little")
    for _ in range(2):  # in the local header and in the directory
        place = data.find(said)
        if place >= 0:
            data[place : place + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(TranscriptError, match="Word"):
        text_of(bytes(data))


def test_entities_are_not_expanded() -> None:
    data = word("word")
    xml = part(data, "word/document.xml")
    start = xml.index("<w:document")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    secret = '<!ENTITY e0 "xxxxxxxxxx"><!ENTITY file SYSTEM "file:///etc/hostname">'
    evil = f"<!DOCTYPE d [{secret}{bomb}]>" + xml[start:].replace(
        ">word<", ">&e11;&file;MR. X: said<"
    )
    try:
        text = text_of(documents.with_part(data, "word/document.xml", evil.encode()))
    except TranscriptError:
        return
    assert "xxx" not in text
    assert len(text) < 100


def test_another_archive_is_no_word_file() -> None:
    from io import BytesIO
    from zipfile import ZipFile

    target = BytesIO()
    with ZipFile(target, "w") as file:
        file.writestr("readme.txt", "hello")
    with pytest.raises(TranscriptError, match="some other archive"):
        extract_text(target.getvalue())


def test_deep_nesting_ends_with_a_sentence() -> None:
    data = word("word")
    xml = part(data, "word/document.xml")
    deep = xml.replace("<w:p>", "<w:tbl><w:tr><w:tc>" * 5_000 + "<w:p>", 1)
    with pytest.raises(TranscriptError, match="Word"):
        text_of(documents.with_part(data, "word/document.xml", deep.encode()))


WHOLE = word("SECRETARY DOE: Good afternoon.", "QUESTION: Did anybody ask?")


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 20), st.booleans())
def test_a_damaged_one_gives_text_or_a_transcript_error(
    chance: random.Random, bites: int, within: bool
) -> None:
    """Damage to the archive, or to the XML that it holds."""
    name = "word/document.xml"
    data = bytearray(part(WHOLE, name).encode() if within else WHOLE)
    for _ in range(bites):
        place = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[place] = chance.randrange(256)
        else:
            del data[place : place + chance.randrange(1, 30)]
    try:
        text = docx.read(documents.with_part(WHOLE, name, bytes(data)) if within else bytes(data))
    except TranscriptError:
        return
    assert text.strip()
