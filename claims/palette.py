"""The colours of the site, read from its style sheet, and how they contrast. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What is read stands on these; the first of each pair of names is the text.
GROUNDS = ("paper", "raised", "tint")
WORDS = ("ink", "soft", "link")
TONES = ("false", "mostly-false", "half", "mostly-true", "true", "conflict", "unknown")
# WCAG 2.2: 1.4.3 for text, 1.4.11 for what must be seen without being read.
TEXT, SHAPE = 4.5, 3.0

_BLOCK = re.compile(r":root\s*\{([^}]*)\}")
_COLOUR = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6})\s*;")


@dataclass(frozen=True)
class Pair:
    """Two colours that are seen together, and the least `ratio` that they need."""

    front: str
    back: str
    ratio: float
    least: float

    @property
    def is_enough(self) -> bool:
        return self.ratio >= self.least


def schemes(css: str) -> dict[str, dict[str, str]]:
    """Return the colours by name (`#rrggbb`) of the light and the dark scheme of a style sheet: the first
    two blocks of `:root` in it, of which the second changes what it names."""
    light, dark = (dict(_COLOUR.findall(block)) for block in _BLOCK.findall(css)[:2])
    return {"light": light, "dark": light | dark}


def pairs(colours: dict[str, str]) -> Iterator[Pair]:
    """Every pair that pages show together."""
    for back in GROUNDS:
        for front in (*WORDS, *TONES):
            yield _pair(colours, front, back, TEXT)
        yield _pair(colours, "accent", back, SHAPE)  # the focus
    for back in ("mark", "target", "gone", "new"):
        yield _pair(colours, "ink", back, TEXT)
    for back in ("mark", "gone", "new"):
        yield _pair(colours, "link", back, TEXT)


def _pair(colours: dict[str, str], front: str, back: str, least: float) -> Pair:
    return Pair(front, back, contrast(colours[front], colours[back]), least)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, from 0 to 1 (WCAG 2.2, “relative luminance”)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
