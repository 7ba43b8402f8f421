"""PDF and Word files, made here, so that what is in them is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
from fpdf import FPDF

Page = Sequence[str]  # its paragraphs, in which "\n" ends a line


def pdf(
    pages: Iterable[Page],
    *,
    head: str = "",
    foot: str = "",
    user_password: str | None = None,
) -> bytes:
    """A PDF; `{n}` in `head` and `foot` is the number of the page."""
    file = FPDF()
    file.set_auto_page_break(False)
    file.set_font("helvetica", size=11)
    if user_password is not None:
        file.set_encryption(owner_password="owner", user_password=user_password)
    for number, paragraphs in enumerate(pages, start=1):
        file.add_page()
        for line, height in ((head, 8), (foot, 285)):
            if line:
                file.set_y(height)
                file.cell(0, 5, line.format(n=number))
        file.set_y(25)
        for paragraph in paragraphs:
            file.multi_cell(0, 5, paragraph, align="L", new_x="LMARGIN", new_y="NEXT")
            file.ln(5)
    return bytes(file.output())


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved(document)


def saved(document: object) -> bytes:
    target = BytesIO()
    document.save(target)  # type: ignore[attr-defined]
    return target.getvalue()


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    """The Word file `data` with one part put in, or in the place of the one of that name."""
    target = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, part)
    return target.getvalue()


def part(data: bytes, name: str) -> str:
    with ZipFile(BytesIO(data)) as file:
        return file.read(name).decode()
