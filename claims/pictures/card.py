"""The picture that a shared page is shown with (Open Graph): a claim and its rating, or the site alone.

Pure: the same `Card` gives the same bytes on every machine with the same Pillow.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import astuple, dataclass
from functools import lru_cache
from io import BytesIO

import font_roboto
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
# Part of the address of each picture: raise it when pictures of the same content come out otherwise.
EDITION = 1

MARGIN = 80
HEAD = 96  # the strip with the publisher's name
KICKER_Y = 140
TEXT_Y, TEXT_BOTTOM = 196, 470
RATING_Y = 545  # the middle of the line with the rating
SIZES = (84, 74, 66, 60, 54, 48, 42, 36)  # of the letters of a claim: the first in which it fits
LEADING = 1.22
DOT = 15  # radius

PAPER, INK, SOFT, LINE, BRAND = "#fdfcf9", "#1b1f24", "#565d66", "#dcd6ca", "#17324d"


@dataclass(frozen=True)
class Card:
    """What a picture says: without `text` it is about the site; `rating` is the label in words, `step` its
    place on a scale of `steps`, if it measures truth, or else `glyph` its form; `tone` its colour."""

    publisher: str
    motto: str
    kicker: str = ""
    text: str = ""
    rating: str = ""
    step: int | None = None
    steps: int = 5
    glyph: str = ""
    tone: str = SOFT

    @property
    def digest(self) -> str:
        """What tells this picture from every other one."""
        told = repr((EDITION, *astuple(self)))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def is_drawable(self) -> bool:
        """Whether the font has every letter of it."""
        told = unicodedata.normalize("NFC", self.text + self.rating + self.kicker)
        return all(map(has, told))


@lru_cache(maxsize=64)
def png(card: Card) -> bytes:
    """Return the picture of `card`, 1200 × 630. A claim in letters that the font lacks gets that of the site:
    boxes in the place of letters would say that something is broken."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    if card.text and card.is_drawable:
        _draw_claim(draw, card)
    else:
        _draw_site(draw, card)
    out = BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_claim(draw: ImageDraw.ImageDraw, card: Card) -> None:
    draw.rectangle((0, 0, WIDTH, HEAD), fill=BRAND)
    if all(map(has, card.publisher)):
        name = shortened(card.publisher, font("Medium", 34), WIDTH - 2 * MARGIN)
        draw.text((MARGIN, HEAD // 2), name, "#ffffff", font("Medium", 34), anchor="lm")
    draw.text((MARGIN, KICKER_Y), card.kicker, SOFT, font("Medium", 30), anchor="la")
    size, lines = fitted(card.text)
    for number, line in enumerate(lines):
        y = TEXT_Y + round(number * size * LEADING)
        draw.text((MARGIN, y), line, INK, font("Bold", size), anchor="la")
    draw.line((MARGIN, 490, WIDTH - MARGIN, 490), fill=LINE, width=3)
    draw.rectangle((0, HEAD, 20, HEIGHT), fill=card.tone)
    x = MARGIN
    if card.step is None:
        x = _draw_glyph(draw, card)
    else:
        for step in range(1, card.steps + 1):
            here = step == card.step
            box = (x, RATING_Y - DOT, x + 2 * DOT, RATING_Y + DOT)
            draw.ellipse(box, fill=card.tone if here else None, outline=card.tone, width=4)
            x += 3 * DOT - 3
    label = shortened(card.rating, font("Bold", 48), WIDTH - MARGIN - x - 20)
    draw.text((x + 20, RATING_Y), label, card.tone, font("Bold", 48), anchor="lm")


def _draw_glyph(draw: ImageDraw.ImageDraw, card: Card) -> int:
    """Draw the form of a rating that is no step, and return where it ends."""
    x, y = MARGIN, RATING_Y
    if card.glyph == "⇄":  # which the font lacks
        for dy, tip, back in ((-11, x + 44, x + 28), (11, x, x + 16)):
            draw.line((x, y + dy, x + 44, y + dy), fill=card.tone, width=6)
            draw.polygon(((tip, y + dy), (back, y + dy - 11), (back, y + dy + 11)), fill=card.tone)
        return x + 44
    if card.glyph == "○":
        draw.ellipse((x, y - 19, x + 38, y + 19), outline=card.tone, width=6)
        return x + 38
    draw.text((x, y), card.glyph, card.tone, font("Black", 56), anchor="lm")
    return x + round(font("Black", 56).getlength(card.glyph))


def _draw_site(draw: ImageDraw.ImageDraw, card: Card) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=BRAND)
    # The sign of the site, as in its icon.
    draw.arc((MARGIN, 100, MARGIN + 120, 220), 90, 270, fill="#ffffff", width=24)
    draw.ellipse((MARGIN + 86, 138, MARGIN + 130, 182), fill="#e8b04a")
    if all(map(has, card.publisher)):
        name = shortened(card.publisher, font("Bold", 76), WIDTH - 2 * MARGIN)
        draw.text((MARGIN, 290), name, "#ffffff", font("Bold", 76), anchor="la")
    for number, line in enumerate(wrapped(card.motto, font("Regular", 40), WIDTH - 2 * MARGIN)):
        y = 415 + number * 54
        draw.text((MARGIN, y), line, "#dfe6ee", font("Regular", 40), anchor="la")


def fitted(text: str) -> tuple[int, list[str]]:
    """Return the size of letters in which `text` has room, and its lines; in the smallest, what is too long
    ends in an ellipsis."""
    size, lines, room = 0, [""], 1
    for size in SIZES:
        room = int((TEXT_BOTTOM - TEXT_Y) / (size * LEADING))
        lines = wrapped(text, font("Bold", size), WIDTH - 2 * MARGIN)
        if len(lines) <= room:
            return size, lines
    last = shortened(" ".join(lines[room - 1 :]), font("Bold", size), WIDTH - 2 * MARGIN)
    return size, [*lines[: room - 1], last]


def wrapped(text: str, letters: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return the lines of `text`, broken between words, and within one only where it is wider than a line."""
    lines = [""]
    for word in unicodedata.normalize("NFC", text).split():
        longer = f"{lines[-1]} {word}".lstrip()
        if letters.getlength(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if letters.getlength(lines[-1] + char) > width:
                lines.append("")
            lines[-1] += char
    return lines


def shortened(text: str, letters: ImageFont.FreeTypeFont, width: int) -> str:
    """Return `text`, or as much of it as has room before an ellipsis."""
    if letters.getlength(text) <= width:
        return text
    while text and letters.getlength(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…"


@lru_cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout: the other is there or not as the machine has it.
    path = f"{font_roboto.font_directory}/Roboto-{weight}.ttf"
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def has(char: str) -> bool:
    """Whether the font has `char`: what it lacks, it shows as it shows what is no character at all."""
    letters = font("Bold", 36)
    return bytes(letters.getmask(char)) != bytes(letters.getmask("\uffff"))
