"""The numbers of a text, so that they can be compared however they are written. Pure.

“25 %”, “25 percent”, “twenty-five per cent” and “a quarter of” are one number, “100,000”, “100 000” and,
where dots part thousands, “100.000” another. “Nearly 100,000” agrees with “98,500”; a year only with itself.
English is read, and German, Russian and Ukrainian as far as their number words do not inflect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from claims.search.number_words import (
    BEFORE_YEAR,
    COUNT_ENDS,
    HUNDRED,
    KINDS,
    LABELS,
    MONTHS,
    ONE,
    PARTS,
    PEOPLE,
    QUALIFIERS,
    QUALIFIERS_OF_TWO,
    SCALES,
    WORTH,
)
from claims.search.stems import stem

# How a figure is meant, as factors of it: from, up to.
MEANT = {"about": (0.9, 1.1), "nearly": (0.85, 1.005), "more": (0.995, 2.0), "less": (0.5, 1.005)}
# A figure's last zeros tell what it is rounded to, but it is taken to be no further off than this.
ROUNDED = 0.025
# How many of the words behind a figure are kept as what it counts.
COUNTED = 3

_TOKEN = re.compile(
    r"(?P<digits>[0-9]{1,3}(?:[.,'’ \u00a0\u2009\u202f][0-9]{3}(?![0-9]))+(?:[.,][0-9]+)?"
    r"|[0-9]+(?:[.,][0-9]+)?)"
    r"|(?P<word>[^\W\d_]+(?:[’'][^\W\d_]+)*)"
    r"|(?P<sign>\S)"
)

# Figures that hang on letters are parts of names, those among colons, slashes and points of times, dates,
# versions and addresses.
_NAMED_BEFORE = re.compile(r"[\w#@/:.+]$|\w[-–(]$")
_NAMED_AFTER = re.compile(r"[:/][0-9]|[._@]\w|-[0-9]|(?![kmbs])[^\W\d_](?!\w)", re.IGNORECASE)
_RANGE = re.compile(r"\d[-–]$|\s\.$")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text: its `value`, of what `kind` ("%", "$", "years", "year" for a date's, "" for a plain
    count), as it is `printed`, between which bounds it is meant, and the stems of what it `counts`."""

    value: float
    kind: str
    printed: str
    low: float
    high: float
    counts: frozenset[str] = frozenset()

    def agrees(self, other: Number) -> bool:
        """Return whether both may be the same number, one of them more rounded than the other perhaps."""
        if self.kind != other.kind:
            return False
        return self.value == other.value or max(self.low, other.low) < min(self.high, other.high)


def numbers(text: str, language: str = "en") -> tuple[Number, ...]:
    """Return the numbers of `text`, in their order. `language` (BCP 47) says what parts thousands, and stems
    what is counted. Names with digits (COVID-19, F-16), times and telephone numbers are none."""
    tokens = [
        (match.lastgroup or "", match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text)
    ]
    scan = _Scan(text, tokens, language)
    found: list[Number] = []
    place = 0
    while place < len(tokens):
        number, place = scan.at(place)
        if number is not None:
            found.append(number)
    return tuple(found)


@lru_cache(maxsize=5_000)
def _kind(word: str) -> str:
    return next((kind for known, kind in KINDS.items() if re.fullmatch(known, word)), "")


@lru_cache(maxsize=5_000)
def _scale(word: str) -> float:
    return next((scale for known, scale in SCALES.items() if re.fullmatch(known, word)), 0.0)


def _read(digits: str, language: str) -> tuple[float, float]:
    """What figures are worth, and the place of their last telling digit: (14000.0, 1000.0) for “14,000”."""
    points = re.findall(r"[.,]", digits)
    plain = re.sub(r"['’\s]", "", digits)
    if points:
        last = plain.rfind(points[-1])
        behind = plain[last + 1 :]
        thousands = "," if language.startswith("en") else "."
        parted = (
            len(set(points)) == 1
            and len(behind) == 3
            and (len(points) > 1 or (points[0] == thousands and plain[0] != "0") or behind == "000")
        )
        whole, decimals = (plain, "") if parted else (plain[:last], behind)
        whole = re.sub(r"[.,]", "", whole)
    else:
        whole, decimals = plain, ""
    if decimals.strip("0") or decimals:
        return float(f"{whole}.{decimals}"), 10.0 ** -min(len(decimals), 300)
    zeros = len(whole) - len(whole.rstrip("0"))
    return float(whole), 10.0 ** min(zeros, 300)


class _Scan:
    def __init__(
        self, text: str, tokens: Sequence[tuple[str, str, int, int]], language: str
    ) -> None:
        self.text, self.tokens, self.language = text, tokens, language
        self.lower = [token[1].lower().replace("'", "’") for token in tokens]

    def word(self, place: int) -> str:
        return self.lower[place] if 0 <= place < len(self.tokens) else ""

    def at(self, place: int) -> tuple[Number | None, int]:
        """The number that begins at the token `place`, if one does, and the place behind it."""
        group = self.tokens[place][0]
        if group == "digits":
            return self._part(place) or self._figure(place)
        if group == "word":
            return self._part(place) or self._spelt(place) or (None, place + 1)
        return None, place + 1

    def _figure(self, place: int) -> tuple[Number | None, int]:
        _, digits, start, end = self.tokens[place]
        before, after = self.text[max(0, start - 2) : start], self.text[end : end + 2]
        if _NAMED_BEFORE.search(before) and not _RANGE.search(before):
            return None, place + 1
        if _NAMED_AFTER.match(after) and not (len(digits) == 4 and after[0] in "-/"):
            return None, place + 1
        if len(digits) == 2 and re.search(
            r"(?<!\d)\d{4}[-–/]$", self.text[max(0, start - 6) : start]
        ):
            return None, place + 1  # 1990–91
        value, unit = _read(digits, self.language)
        if not isfinite(value):
            return None, place + 1
        if ordinary := self._ordinal(place, value):
            return ordinary
        label = self.word(place - 1) or ""
        if label == "." and place > 1:
            label = self.word(place - 2)
        if label in LABELS:
            return self._exact(place, place + 1, value, LABELS[label]), place + 1
        if start and self.text[start - 1 : start] in "$€£₽₴" and place:
            return self._quantity(place - 1, place + 1, value, unit, self.tokens[place - 1][1])
        if self._is_year(place, digits, value):
            return self._exact(place, place + 1, value, "year"), place + 1
        return self._quantity(place, place + 1, value, unit)

    def _ordinal(self, place: int, value: float) -> tuple[Number | None, int] | None:
        """Decades, days of a month, and other ordinal numbers; a month's name may stand on either side."""
        end = self.tokens[place][3]
        behind = place + 1
        tail = (
            self.word(behind) if behind < len(self.tokens) and self.tokens[behind][2] == end else ""
        )
        if tail in ("s", "’s", "er"):
            return self._exact(place, behind + 1, value, "decade"), behind + 1
        ordinal = tail in ("st", "nd", "rd", "th")
        behind += ordinal or (tail == "." and bool(MONTHS.fullmatch(self.word(behind + 1))))
        month = MONTHS.fullmatch(self.word(behind)) or MONTHS.fullmatch(self.word(place - 1))
        if month and value <= 31 and value == int(value):
            return self._exact(place, behind, value, "day"), behind
        if ordinal:
            return self._exact(place, behind, value, "th"), behind
        return None

    def _is_year(self, place: int, digits: str, value: float) -> bool:
        if len(digits) != 4 or not digits.isdigit() or not 1500 <= value <= 2100:
            return False
        following = self.word(place + 1)
        if _kind(following) or _scale(following) or following == "per":
            return False
        if self.word(place - 1) in BEFORE_YEAR or MONTHS.fullmatch(self.word(place - 1)):
            return True
        printed = self.tokens[place + 1][1] if place + 1 < len(self.tokens) else ""
        plural = printed.islower() and len(printed) > 3 and printed.endswith("s")
        german = self.language.startswith("de") and printed[:1].isupper()
        return not (plural or german or following in PEOPLE)

    def _part(self, place: int) -> tuple[Number | None, int] | None:
        """“A quarter of”, “two thirds”, “one in four”: hundredths of a whole."""
        first, second, third = (self.word(place + n) for n in range(3))
        if second == "-":
            second, third = third, self.word(place + 3)
        width = 3 if self.word(place + 1) == "-" else 2
        many = float(first) if first in ("1", "2", "3") else WORTH.get(first, 0.0)
        many = 1.0 if first in ONE else many
        if first == "half" and second in ("a", "of", "the"):
            if second == "a" and (scale := _scale(third)):
                return self._quantity(place, place + 3, 0.5 * scale, 0.05 * scale)
            return self._rounded(place, place + 1, 50.0, 1.0, "%"), place + 1
        if many not in (1.0, 2.0, 3.0):
            return None
        of = PARTS.get(second.removesuffix("s"))
        whole = second.endswith("s") or third in ("of", "the") or second in ("viertel", "drittel")
        if of and whole:
            return self._rounded(place, place + width, 100 * many / of, 1.0, "%"), place + width
        if first not in ("a", "an") and (second == "in" or third == "of"):
            last = place + (2 if second == "in" else 3)
            all_ = WORTH.get(self.word(last), 0.0)
            if (
                last < len(self.tokens)
                and self.tokens[last][0] == "digits"
                and len(self.word(last)) < 4
            ):
                all_ = _read(self.word(last), self.language)[0]
            if all_ > many and (second == "in" or (second, third) == ("out", "of")):
                return self._rounded(place, last + 1, 100 * many / all_, 1.0, "%"), last + 1
        return None

    def _spelt(self, place: int) -> tuple[Number | None, int] | None:
        """A number in words: “twenty-five”, “a hundred and five”, “two million”."""
        total = part = 0.0
        here, end = place, place
        while here < len(self.tokens):
            word = self.word(here)
            worth = WORTH.get(word, 0.0)
            if word in ("a", "an", "ein", "eine") and not part and here == place:
                if self.word(here + 1) not in HUNDRED and not _scale(self.word(here + 1)):
                    return None
                part = 1.0
            elif worth and (
                part == 0
                or (worth < 10 <= part % 100 and part % 10 == 0)
                or (worth < 100 and part >= 100 and part % 100 == 0)
            ):
                part += worth
            elif word in HUNDRED and part < 10:
                part = (part or 1.0) * 100
            elif len(word) > 1 and (scale := _scale(word)) and part:
                total, part = total + part * scale, 0.0
            elif word in ("-", "and", "und") and end > place:
                here += 1
                continue
            else:
                break
            here += 1
            end = here
        value = total + part
        if end == place or value < 2:  # “one” says other things too often
            return None
        return self._quantity(place, end, value, 1.0)

    def _quantity(
        self, start: int, end: int, value: float, unit: float, kind: str = ""
    ) -> tuple[Number, int]:
        if self.word(end) and self._joined(end) and (scale := self._scale_at(end)):
            value, unit, end = value * scale, unit * scale, end + 1
        behind = end + (self.word(end) in ("-", "–"))
        if (self.word(end), self.word(end + 1)) == ("per", "cent"):
            kind, end = kind or "%", end + 2
        elif self.word(behind) == "percentage" and self.word(behind + 1).startswith("point"):
            kind, end = "points", behind + 2
        elif found := _kind(self.word(behind)):
            kind, end = kind or found, behind + 1
        return self._rounded(start, end, value, unit, kind), end

    def _joined(self, place: int) -> bool:
        return self.tokens[place][2] - self.tokens[place - 1][3] <= 1

    def _scale_at(self, place: int) -> float:
        """The scale at `place`; a letter counts as one only right behind its figure: “$2m”, “40k”."""
        word = self.word(place)
        close = self.tokens[place][2] == self.tokens[place - 1][3]
        if len(word) == 1:
            return {"k": 1e3, "m": 1e6, "b": 1e9}.get(word, 0.0) if close else 0.0
        if word == "billion" and self.language.startswith("de"):
            return 1e12
        return _scale(word)

    def _rounded(self, start: int, end: int, value: float, unit: float, kind: str) -> Number:
        two = f"{self.word(start - 2)} {self.word(start - 1)}"
        meant = QUALIFIERS_OF_TWO.get(two) or QUALIFIERS.get(self.word(start - 1))
        if meant:
            low, high = (value * factor for factor in MEANT[meant])
        else:
            half = min(unit / 2, ROUNDED * value) if value >= 1000 else min(unit, 1.0) / 2
            half = max(half, 1e-9)
            low, high = value - half, value + half
        return Number(value, kind, self._printed(start, end), low, high, self._counts(end))

    def _exact(self, start: int, end: int, value: float, kind: str) -> Number:
        return Number(value, kind, self._printed(start, end), value, value)

    def _printed(self, start: int, end: int) -> str:
        return self.text[self.tokens[start][2] : self.tokens[end - 1][3]]

    def _counts(self, place: int) -> frozenset[str]:
        found = []
        for here in range(place, min(place + COUNTED, len(self.tokens))):
            if self.tokens[here][0] != "word" or self.word(here) in COUNT_ENDS:
                break
            found.append(stem(self.word(here), self.language))
        return frozenset(found)
