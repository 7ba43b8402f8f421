"""Read what stands before the first words of a transcript: title, publisher, date, place, address.

Nothing is invented. A field that the document does not print stays empty, and a date that can be
read two ways (3/4/2014) is left out unless the page shows that it is written the American way.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

MAX_FRONT_MATTER = 16 * 1024  # PyYAML is slow, and no page needs more
MAX_HEADER = 6_000  # characters looked at before the first label
MAX_TITLE = 300


@dataclass(frozen=True)
class Header:
    """What a transcript says of itself; a field is empty where the document does not give it."""

    title: str = ""
    publisher: str = ""
    date: dt.date | None = None
    place: str = ""
    url: str = ""


_MONTH_NAMES = (  # English, Russian (both cases) and Ukrainian, from January on
    "january jan января январь січня",
    "february feb февраля февраль лютого",
    "march mar марта март березня",
    "april apr апреля апрель квітня",
    "may мая май травня",
    "june jun июня июнь червня",
    "july jul июля июль липня",
    "august aug августа август серпня",
    "september sept sep сентября сентябрь вересня",
    "october oct октября октябрь жовтня",
    "november nov ноября ноябрь листопада",
    "december dec декабря декабрь грудня",
)
_MONTHS = {
    name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"""\b(?:
      (?P<m1>{_MONTH})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y1>\d{{4}})
    | (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH})\.?,?\s+(?P<y2>\d{{4}})
    | (?P<y3>\d{{4}})-(?P<m3>\d{{2}})-(?P<d3>\d{{2}})
    | (?P<a4>\d{{1,2}})/(?P<b4>\d{{1,2}})/(?P<y4>\d{{4}})
    | (?P<d5>\d{{1,2}})\.(?P<m5>\d{{1,2}})\.(?P<y5>\d{{4}})
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_AMERICAN = re.compile(r"\b[ECMP][SD]T\b|\b[AP]\.M\.")
_CLOCK = re.compile(
    r"\(?(?:\d{1,2}[:.]\d{2}(?:\s*[ap]\.?\s?m\b\.?)?|\d{1,2}\s*[ap]\.?\s?m\b\.?)"
    r"(?:\s*\(?(?:[A-Z]{2,5}|local(?:\s+time)?)\)?)?\)?\.?",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"(?P<date>\d{1,2} \w{3,9} \d{4})\s*:\s*Column \w{1,10}")
_URL = re.compile(r"<?(https?://[^\s<>]{4,2000})>?")
_DAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:года|г\.|року)|[\s,.()*—–:-]",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(
    r"(?:the\s+)?(?:(?:(?:u\.?\s?s\.?|united\s+states)\s+)?department\s+of\s+[a-z ]{3,40}"
    r"|white\s+house|ministry\s+of\s+[a-z ]{3,80}|executive\s+office\s+of\s+the\s+president)",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?:office|bureau)\s+of\s+.{3,80}|for\s+immediate\s+release.{0,40}", re.IGNORECASE
)
_ROOMS = frozenset(
    """room garden lawn hall center centre headquarters palace airport base hotel embassy university
    school college building auditorium theater theatre plaza park castle ballroom foyer residence
    station stadium library museum church terrace portico compound airfield kremlin
    кремль дворец резиденция зал палац""".split()
)
_ON_THE_WAY = re.compile(
    r"(?:aboard|en\s+route|via\s+\w+|на\s+борту)\b.{0,60}\Z|oval office\Z", re.IGNORECASE
)
_PROPER = r"[^\W\d_a-zа-я][\w.’'-]*(?: [^\W\d_a-zа-я][\w.’'-]*){0,3}"
_CITY = re.compile(rf"{_PROPER}, {_PROPER}")
_PERSON = re.compile(
    r"\b(?:secretary|minister|president|spokes\w+|director|ambassador|adviser|advisor|chair\w*)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\A[\s>#*_]+|[\s*_#]+\Z")


def front_matter(text: str) -> tuple[dict[str, object], int]:
    """The YAML front matter of `text` and the offset behind it; ({}, 0) where there is none.

    Broken YAML never raises: its plain "key: value" lines are read one by one instead.
    """
    opening = re.match(r"\s{0,20}---[^\S\n]{0,20}\n(?=\s{0,5}[\w-]{1,40}:)", text)
    if not opening:
        return {}, 0
    closing = re.compile(r"^(?:---|\.\.\.)[^\S\n]{0,20}(?:\n|\Z)", re.MULTILINE).search(
        text, opening.end(), opening.end() + MAX_FRONT_MATTER
    )
    if not closing:
        return {}, 0
    block = text[opening.end() : closing.start()]
    try:
        loaded: object = yaml.safe_load(block)
    except (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, RecursionError,
            TypeError, ValueError):  # fmt: skip
        # PyYAML lets more than YAMLError escape for odd tags, dates and depths.
        loaded = None
    if not isinstance(loaded, dict):
        loaded = {
            key: value.strip().strip("\"'")
            for key, value in re.findall(r"(?m)^(\w{1,40}):[^\S\n]+(\S[^\n]*)$", block)
        }
    return {str(key): value for key, value in loaded.items()}, closing.end()


def find_date(text: str, *, american: bool = False) -> dt.date | None:
    """The first date printed in `text`, in English, Russian, Ukrainian or figures."""
    for match in _DATE.finditer(text):
        date = _date(match, american=american)
        if date:
            return date
    return None


def _date(match: re.Match[str], *, american: bool) -> dt.date | None:
    part = match.groupdict()
    if part["a4"]:
        first, second = int(part["a4"]), int(part["b4"])
        if first <= 12 and second <= 12 and first != second and not american:
            return None  # ambiguous
        month, day = (first, second) if first <= 12 else (second, first)
        year = int(part["y4"])
    elif part["y1"]:
        year, month, day = int(part["y1"]), _MONTHS[part["m1"].casefold()], int(part["d1"])
    elif part["y2"]:
        year, month, day = int(part["y2"]), _MONTHS[part["m2"].casefold()], int(part["d2"])
    elif part["y3"]:
        year, month, day = int(part["y3"]), int(part["m3"]), int(part["d3"])
    else:
        year, month, day = int(part["y5"]), int(part["m5"]), int(part["d5"])
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


@dataclass(frozen=True)
class _Line:
    text: str  # without Markdown marks, white space made single spaces
    start: int
    heading: bool

    @property
    def kind(self) -> str:
        """One of: url, date, clock, column, publisher, office, note, other."""
        if _URL.fullmatch(self.text):
            return "url"
        if _COLUMN.fullmatch(self.text):
            return "column"
        date = _DATE.search(self.text)
        rest = self.text.replace(date.group(), "") if date else self.text
        rest = _CLOCK.sub("", rest, count=1)
        if rest != self.text and not _DAY.sub("", rest):
            return "date" if date else "clock"
        if _OFFICE.fullmatch(self.text):
            return "office"
        if _PUBLISHER.fullmatch(self.text):
            return "publisher"
        if self.text[0] in "([" or is_sentence(self.text) or re.fullmatch(r"\W+", self.text):
            return "note"
        return "other"


def is_sentence(line: str) -> bool:
    """Whether a line reads as prose rather than as a heading, a date or a place."""
    if re.search(r"\b(?:[A-Z]\.){1,3}\Z|\b(?:St|Mr|Dr|Jr|Ave|No)\.\Z", line):
        return False
    return len(line) > MAX_TITLE or bool(re.search(r"[.?!…:;,—–\-]\W{0,3}\Z", line))


def _paragraphs(text: str, start: int, end: int) -> Iterator[list[_Line]]:
    paragraph: list[_Line] = []
    position = start
    for raw in text[start : min(end, start + MAX_HEADER)].split("\n"):
        plain = " ".join(_MARKUP.sub("", raw).split())
        if plain:
            paragraph.append(_Line(plain, position, raw.lstrip().startswith("#")))
        elif paragraph and not raw.strip():
            yield paragraph
            paragraph = []
        position += len(raw) + 1
    if paragraph:
        yield paragraph


def parse_header(text: str, front: dict[str, object], start: int, end: int) -> Header:
    """The header of a transcript whose first label stands at `end`.

    `front` is its front matter (which wins over what is printed), `start` the offset behind that.
    """
    paragraphs = list(_paragraphs(text, start, end))
    lines = [line for paragraph in paragraphs for line in paragraph]
    title_line = None
    title = _front_text(front, "title")
    if not title:
        title_line = _title_line(lines)
        title = title_line.text if title_line else ""
    american = bool(_AMERICAN.search(text, start, min(len(text), end + 200)))
    tail = text[max(start, text.rfind("\n", start, end) + 1, end - 400) : end]
    return Header(
        title=title,
        publisher=_front_text(front, "publisher") or _publisher(paragraphs),
        date=_header_date(front, lines, title_line, title, american=american),
        place=_place(paragraphs, title_line) or _place_at_end(tail),
        url=_front_text(front, "source_url", "url", "link", "canonical_url")
        or next((m[1] for line in lines if (m := _URL.fullmatch(line.text))), ""),
    )


def _front_text(front: dict[str, object], *keys: str) -> str:
    for key in keys:
        value = front.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
    return ""


def _title_line(lines: list[_Line]) -> _Line | None:
    titles = [line for line in lines if line.kind == "other" and not _is_place(line.text)]
    return next((line for line in titles if line.heading), titles[0] if titles else None)


def _header_date(
    front: dict[str, object],
    lines: list[_Line],
    title_line: _Line | None,
    title: str,
    *,
    american: bool,
) -> dt.date | None:
    given = front.get("date")
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, dt.date):
        return given
    if isinstance(given, str):
        date = find_date(given, american=american)
        if date:
            return date
    others = [line for line in lines if line is not title_line]
    whole = [line for line in others if line.kind in {"date", "column"}]
    for line in whole + [line for line in others if line.kind == "other"]:
        date = find_date(line.text, american=american)
        if date:
            return date
    date = find_date(title, american=american)
    if date:
        return date
    last = lines[-1].text if lines else ""  # a flattened page: everything on one line
    return find_date(last[-400:], american=american)


def _publisher(paragraphs: list[list[_Line]]) -> str:
    """An institution printed as the author, not as the place beside the hour of a meeting."""
    for paragraph in paragraphs:
        kinds = {line.kind for line in paragraph}
        for line in paragraph:
            if line.kind == "publisher" and (not kinds & {"clock"} or kinds & {"date", "office"}):
                return line.text
    return ""


def _is_place(line: str) -> bool:
    words = line.split()
    if len(line) > 60 or _PERSON.search(line):
        return False
    room = words[-1].casefold().strip(",.") in _ROOMS and len(words) <= 7
    return room or bool(_ON_THE_WAY.match(line) or _CITY.fullmatch(line))


def _place(paragraphs: list[list[_Line]], title_line: _Line | None) -> str:
    """The lines of the first paragraph that names a room, a city or a journey, and of the next."""
    found: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        clock = any(line.kind == "clock" for line in paragraph)
        following = paragraphs[number + 1][0] if number + 1 < len(paragraphs) else None
        before_clock = following is not None and following.kind == "clock" and len(paragraph) <= 3
        lines = [
            line.text.rstrip(",")
            for line in paragraph
            if line is not title_line
            and (line.kind == "other" or (line.kind == "publisher" and clock))
            and len(line.text) <= 80
            and not _PERSON.search(line.text)
        ]
        if lines and (clock or before_clock or any(map(_is_place, lines))):
            found += lines
        elif found:
            break
    return ", ".join(found)


def _place_at_end(tail: str) -> str:
    """ "6 февраля 2025 года 16:15 Москва, Кремль" at the end of a flattened page's header."""
    dates = list(_DATE.finditer(tail))
    if not dates:
        return ""
    rest = re.sub(
        r"\A\s*(?:года|г\.|року)?\s*(?:\d{1,2}:\d{2})?", "", tail[dates[-1].end() :]
    ).strip()
    plausible = 1 < len(rest) <= 60 and rest[0].isupper() and not re.search(r"[.?!:;\n]", rest)
    return rest if plausible and not _PERSON.search(rest) else ""


def words_begin(text: str, start: int) -> int:
    """Where the words of an unlabelled speech begin: behind a heading, dates and places, if any."""
    paragraphs = list(_paragraphs(text, start, len(text)))
    for number, paragraph in enumerate(paragraphs):
        for line in paragraph:
            alone = len(paragraph) == 1 and number + 1 < len(paragraphs)
            heading = line.heading or (line.kind == "other" and alone and number < 3)
            furniture = line.kind in {"url", "date", "clock", "column", "publisher", "office"}
            if not (heading or furniture or (_is_place(line.text) and number < 5)):
                return line.start
    return start
