"""Word documents (DOCX), read by python-docx: paragraphs, headings and tables in their order."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx.opc.constants import CONTENT_TYPE
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart
from docx.table import Table
from docx.text.paragraph import Paragraph

from sources.parsing import TranscriptError

MAGIC = b"PK\x03\x04"
MAX_UNPACKED = 60 * 1024 * 1024  # of all parts together, pictures too
MAX_PARTS = 5_000
MAX_DEPTH = 10  # of tables in tables
_TRACKED = ("w:ins", "w:del", "w:moveFrom", "w:moveTo")
_WRAPPERS = ("w:sdt", "w:smartTag", "w:customXml", "w:fldSimple")

# A template, or a document with macros, is read as the document that it also is; nothing in it is run.
for _kind in (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    CONTENT_TYPE.WML_DOCUMENT_MAIN.replace("document.main", "template.main"),
):
    PartFactory.part_type_for[_kind] = DocumentPart


def read(data: bytes) -> str:
    """The text of a Word document, a blank line between paragraphs, the cells of a row in one line.

    Macros and all else that is no text are left alone. Raises TranscriptError for what is no such document,
    or unpacks to more than any has.
    """
    _refuse_bomb(data)
    try:
        package: Any = Package.open(BytesIO(data))
        document = package.main_document_part.document
        body = document.element.body
        if body.xpath(f".//*[{' or '.join(f'self::{name}' for name in _TRACKED)}]"):
            raise TranscriptError(
                "The Word file has tracked changes, so that it has more than one wording: accept or "
                "reject them, and save it again."
            )
        for wrapper in body.xpath(f".//*[{' or '.join(f'self::{name}' for name in _WRAPPERS)}]"):
            _unwrap(wrapper)
        blocks = [
            _paragraph(part) if isinstance(part, Paragraph) else _table(part, 0)
            for part in document.iter_inner_content()
        ]
    except TranscriptError:
        raise
    except MemoryError:
        raise
    # python-docx raises what zipfile, lxml or its own attributes run into: KeyError, AttributeError …
    except Exception as error:
        raise TranscriptError("The Word file is broken and cannot be read.") from error
    text = "\n\n".join(block for block in blocks if block.strip())
    if not text.strip():
        raise TranscriptError("The Word file is empty: it holds no text.")
    return text + "\n"


def _refuse_bomb(data: bytes) -> None:
    """No part gives more bytes than the list of parts says: zipfile stops there."""
    try:
        with ZipFile(BytesIO(data)) as parts:
            listed = parts.infolist()
    except (BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise TranscriptError(
            "The file is not text, nor a Word document that can be read."
        ) from error
    if "word/document.xml" not in {part.filename for part in listed}:
        raise TranscriptError(
            "The file is not text, nor a Word document: it is some other archive (ZIP)."
        )
    size = sum(part.file_size for part in listed)
    if size > MAX_UNPACKED or len(listed) > MAX_PARTS:
        raise TranscriptError(
            f"The Word file unpacks to {size:,} bytes in {len(listed):,} parts; at most "
            f"{MAX_UNPACKED:,} bytes in {MAX_PARTS:,} are read."
        )


def _unwrap(wrapper: Any) -> None:
    """Put what a content control or a field holds in its place: python-docx passes over it."""
    held = wrapper.find(qn("w:sdtContent"))
    for part in list(wrapper if held is None else held):
        wrapper.addprevious(part)
    wrapper.getparent().remove(wrapper)


def _paragraph(paragraph: Paragraph) -> str:
    return "\n".join(line.strip() for line in paragraph.text.split("\n")).strip("\n")


def _table(table: Table, depth: int) -> str:
    """One paragraph for each row; a table of one column is a box around paragraphs."""
    if depth > MAX_DEPTH:
        return ""
    rows = []
    for row in table.rows:
        cells: list[str] = []
        seen: list[Any] = []
        for cell in row.cells:
            if any(cell._tc is one for one in seen):  # merged ones come back
                continue
            seen.append(cell._tc)
            parts = [
                _paragraph(part) if isinstance(part, Paragraph) else _table(part, depth + 1)
                for part in cell.iter_inner_content()
            ]
            cells.append("\n\n".join(part for part in parts if part.strip()))
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) > 1:
            filled = [" ".join(cell.split()) for cell in filled]
        rows.append(" ".join(filled) if len(filled) > 1 else "".join(filled))
    return "\n\n".join(row for row in rows if row.strip())
