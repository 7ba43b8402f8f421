"""Find the speaker labels of a transcript: "MR. PRICE:", "Q    ", "Mr David Hanson (Delyn) (Lab):".

Nothing here knows a publisher. A label is believed for what it looks like, where it stands and how
often it comes back, in three steps:

1. Every line start that could be a label is a candidate with a *shape* (`classify`): capitals, a
   formal name with an honorific or a bracketed affiliation, initial and surname, a plain name, a
   single word, a role word such as "Question", or the bare Q of White House transcripts.
2. A candidate's *footing* says how well it stands there: at a paragraph's start, after a finished
   sentence, or on a line that merely continues a paragraph.
3. `find_labels` accepts shapes by their strength. "SECRETARY BLINKEN:" needs nothing more; a plain
   "Moscow:" must come back, beside other labels, or it is prose.

Texts that a scraper has flattened to one endless line get a second reading, `_inline_labels`.
All patterns are bounded, so that the time stays proportional to the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

MAX_LABEL = 160  # Hansard prints an office and a name in one label, about 100 characters
MAX_TOKENS = 14
INLINE_LINE = 1500  # a line this long is no paragraph of a page; labels may be inside it

# Who speaks by office or trade; one such word in a label in capitals makes it a known speaker.
TITLES = frozenset(
    """mr mrs ms miss dr prof professor sir lord lady dame judge justice secretary president premier
    minister chancellor ambassador senator congressman congresswoman congressmember representative
    rep sen gov governor mayor general gen admiral adm colonel col lt lieutenant major maj captain
    capt sgt sergeant commander cmdr king queen prince princess pope chairman chairwoman chairperson
    chair speaker official officials spokesperson spokesman spokeswoman director administrator
    commissioner advisor adviser counselor envoy deputy baroness reverend rabbi bishop father
    taoiseach hon madam premier leader foreign first attorney
    президент министр председатель премьер премьер-министр глава директор губернатор канцлер
    генеральный заместитель руководитель міністр голова прем’єр-міністр""".split()
)
QUESTION_WORDS = frozenset(
    """q question questions questioner reporter reporters journalist journalists press interviewer
    вопрос вопросы журналист корреспондент питання запитання журналіст журналістка
    кореспондент""".split()
)
MODERATION_WORDS = frozenset(
    """moderator operator interpreter translator aide staff staffer facilitator
    модератор ведущий ведущая ведучий ведуча переводчик перекладач""".split()
) | {"the chair", "the speaker", "speaker", "mr speaker", "madam speaker", "mr deputy speaker",
     "madam deputy speaker", "the deputy speaker", "white house aide"}  # fmt: skip
OTHER_ROLE_WORDS = frozenset(
    """answer audience participant participants voice voices all member members student witness
    remark reply crowd host guest protester hon members ответ реплика репліка відповідь""".split()
) | {"audience member", "audience members", "hon members", "several hon members", "from the audience",
     "unidentified speaker", "unknown speaker", "из зала", "с места"}  # fmt: skip
ROLE_WORDS = QUESTION_WORDS | MODERATION_WORDS | OTHER_ROLE_WORDS

# Words that head a document or a remark, never a speaker, whatever their capitals.
_NOT_SPEAKERS = frozenset(
    """note notes fact facts readout remarks statement transcript topics topic subject re from to cc
    date time location venue place where when who what why how title source url tags tag contact
    correction update updated updates summary agenda background embargoed contents link links video
    audio watch photos photo live breaking icymi warning disclaimer ps example claim myth reality
    first second third finally however joint speech address interview briefing attention dear
    participants attendees speakers dateline published copyright editor editor's media context
    answerable answers price total item name email phone tel fax website http https about
    примечание тема темы дата место время источник ссылка справка примітка""".split()
) - {"price"}  # a surname before all
_DOCUMENTS = frozenset(
    """briefing conference release gaggle statement call availability remarks sheet guidance
    pool note kit advisory""".split()
)
_PARTICLES = frozenset(
    """of the and for de la le du da dos van von der den di bin ibn al el in on to at i y ter zu
    и по в на о об к с от та з із у до для й""".split()
)
_CAPS_PREFIX = re.compile(r"(?:Mc|Mac|Fitz|De|Di|Du|Le|La|Van|Von|[OD]['’]|al-|el-|bin-)+(?=.)")
_HONORIFICS = frozenset(
    """mr mrs ms miss dr sir dame lord lady baroness hon prof professor madam senator congressman
    congresswoman several ambassador secretary minister president""".split()
)
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶŁŃŇŌŐŒŘŚŞŠŢŤŪŮŰŹŻŽЀ-Я"
_INITIALS_SHAPE = rf"(?:[{_UPPER}]\.[ \u00a0]?){{1,2}}[{_UPPER}][\w’'-]{{1,40}}"
_INITIALS = re.compile(_INITIALS_SHAPE)
_BRACKETS = re.compile(r"\([^()]{0,120}\)|\[[^\[\]]{0,120}\]")
_LEAD = re.compile(
    r"\s*(?:>\s*){0,3}(?P<mark>[*_]{0,3})[^\S\n]*"
    r"(?P<number>T?\d{1,3}\.\s+(?:\[\d{1,7}\]\s*)?)?(?P<mark2>[*_]{0,3})"
)
_Q = re.compile(r"Q(?P<digits>\d{0,2})[*_]{0,3}(?P<colon>[^\S\n]{0,3}:(?!\d)|\.(?=\s))?")
_SENTENCE_END = re.compile(r"[.?!…:;—–\-)\]\"”’»*_#]\Z")
_FORBIDDEN = re.compile(r"[?!;=<>{}|\\@\"“”«»]|https?|\d{3}")
_ORDINALS = frozenset("one two three four five six seven eight nine ten".split())


class Shape(Enum):
    """What a candidate looks like, before its position and recurrence are weighed."""

    Q = "the bare Q"
    ROLE = "a role word"
    CAPS_KNOWN = "capitals with a title"
    CAPS = "capitals"
    FORMAL = "honorific, office or affiliation"
    BRACKETED = "a name and one bracket"
    INITIALS = "initial and surname"
    NAME = "a plain name"
    WORD = "one capitalised word"


@dataclass(frozen=True)
class Label:
    """A speaker label in a text. Offsets are Unicode code points into that text."""

    printed: str  # exactly as printed, without colon, emphasis marks and outer white space
    start: int  # where the label begins, its indentation, number and emphasis marks included
    words: int  # where the speaker's words begin
    numbered: bool = False  # printed with a number before it, as Hansard prints oral questions


@dataclass(frozen=True)
class _Candidate:
    label: Label
    shape: Shape
    key: str  # what recurrence is counted by
    paragraph: bool  # a blank line (or nothing) stands before
    sentence: bool  # the line before it ends a sentence, or is too short to be wrapped prose
    speech: bool  # words follow on the same line
    strong: bool = True  # of a bare Q: set off by more than one space


def normalise(printed: str) -> str:
    """A label's spelling for comparison: "MR. PRICE" and "Mr Price" are the same."""
    core = _BRACKETS.sub(" ", printed).replace("’", "'").replace(".", " ")
    return " ".join(core.casefold().split())


def role_word(printed: str) -> str:
    """The label without brackets, number and case, to look up in the sets of role words."""
    words = normalise(printed).replace("#", " ").split()
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _ORDINALS):
        words.pop()
    if len(words) == 1 and re.fullmatch(r"q\d{1,2}", words[0]):
        return "q"
    return " ".join(words)


def person_key(printed: str) -> str:
    """One key for all labels of a person: surname, so that "MR PRICE" and "PRICE" agree.

    An office with a name in brackets, as Hansard prints it, goes by that name. Numbered officials
    ("OFFICIAL #1") and role words keep their whole label.
    """
    key = normalise(printed)
    if role_word(printed) in ROLE_WORDS or not key:
        return key
    inside = re.search(r"\(([^()]{0,80})\)", printed)
    if inside and key.startswith("the ") and " " in inside.group(1):
        key = normalise(inside.group(1)) or key
    words = key.split(",")[0].split() or key.split()
    if words[-1].lstrip("#").isdigit() or words[-1] in _ORDINALS:
        return key
    return words[-1]


def classify(printed: str) -> Shape | None:
    """The shape of a possible label, or None for what no speaker is called."""
    core = _BRACKETS.sub(" ", printed).strip()
    tokens = core.split()
    if not 0 < len(tokens) <= MAX_TOKENS or _FORBIDDEN.search(core) or not core[0].isalpha():
        return None
    if core.endswith((".", ",", "-", "–", "—")) or core[-1] in "'’":
        return None
    if any(token.endswith(".") and len(token) > 7 for token in tokens):
        return None  # a sentence ends in there
    plain = normalise(core).split()
    if not plain or _heads_a_document(plain):
        return None
    if not core[0].isupper():
        return None
    if _INITIALS.fullmatch(core):
        return Shape.INITIALS
    caps = all(_is_capitals(token) for token in tokens) and any(
        sum(map(str.isalpha, token)) > 1 and not token[1].islower() for token in tokens
    )
    if role_word(core) in ROLE_WORDS:
        return Shape.CAPS_KNOWN if caps and len(core) > 1 else Shape.ROLE
    if caps:
        return Shape.CAPS_KNOWN if TITLES.intersection(plain) else Shape.CAPS
    return _classify_mixed_case(printed, tokens, plain)


def _classify_mixed_case(printed: str, tokens: list[str], plain: list[str]) -> Shape | None:
    brackets = len(_BRACKETS.findall(printed))
    names = all(token[0].isupper() or token.casefold() in _PARTICLES for token in tokens)
    titled = plain[0] in TITLES and bool(_INITIALS.search(printed) or tokens[-1][0].isupper())
    if not names and not (titled and tokens[-1][0].isupper() and len(tokens) > 2):
        return Shape.FORMAL if plain[-2:] == ["hon", "members"] else None
    office = plain[0] == "the" and bool(TITLES.intersection(plain))
    if office or brackets > 1 or (plain[0] in _HONORIFICS and len(tokens) > 1):
        return Shape.FORMAL
    if brackets and len(tokens) > 1:
        return Shape.BRACKETED
    return Shape.NAME if len(tokens) > 1 else Shape.WORD


def _heads_a_document(plain: list[str]) -> bool:
    """ "FACT SHEET", "REMARKS BY PRESIDENT BIDEN", "PRESS BRIEFING": a heading, no speaker."""
    if plain[0] in _NOT_SPEAKERS and (len(plain) == 1 or plain[0] not in {"first", "second"}):
        return role_word(" ".join(plain)) not in ROLE_WORDS
    if len(plain) > 1 and plain[-1] in _DOCUMENTS:
        return True
    return any(word.endswith("'s") for word in plain) or plain[-1] in _PARTICLES


def _is_capitals(token: str) -> bool:
    bare = token.strip(".,#&/-")
    if not any(map(str.isalpha, bare)):
        return True  # "#1", "2", "&"
    if normalise(bare) in _HONORIFICS or bare in {"of", "the", "and", "for", "de", "van", "von"}:
        return True  # "Mr. McDONOUGH", "MINISTER of DEFENSE"
    return bare.isupper() or _CAPS_PREFIX.sub("", bare, count=1).isupper()


def _candidates(text: str, start: int) -> Iterator[_Candidate]:
    """Every line from `start` that begins as a label may begin."""
    position, before = start, ""
    for line in text[start:].split("\n"):
        head = line[: MAX_LABEL + 200].lstrip()
        if head:
            if ":" in head or "Q" in head[:12]:
                candidate = _candidate(text, position, line, before)
                if candidate:
                    yield candidate
            before = line[-120:].rstrip() or "x" * min(len(line), 120)
        else:
            before = ""
        position += len(line) + 1


def _candidate(text: str, position: int, line: str, before: str) -> _Candidate | None:
    lead = _LEAD.match(line)
    assert lead is not None  # every part of the pattern may be empty
    rest = line[lead.end() : lead.end() + MAX_LABEL + 2]
    numbered = bool(lead["number"])
    sentence = not before or bool(_SENTENCE_END.search(before)) or len(before) <= 60
    mark = q = _Q.match(rest)
    if q and (
        q["colon"] or (not q["digits"] and (q.end() == len(rest) or rest[q.end()].isspace()))
    ):
        printed, after = "Q" + q["digits"], lead.end() + q.end()
        gap = line[after : after + 2]
        shape, strong = Shape.Q, bool(q["colon"]) or gap[:1] in "\t\u00a0" or gap.isspace()
        if not line[after:].strip():
            strong = False
        key = "q"
    else:
        colon = rest.find(":")
        printed = rest[:colon].rstrip().rstrip("*_").rstrip() if colon > 0 else ""
        found = classify(printed) if printed else None
        after = lead.end() + colon + 1
        follows = line[after : after + 2]
        if found is None or follows == "//" or (printed[-1].isdigit() and follows[:1].isdigit()):
            return None
        shape, strong, key, mark = found, True, normalise(printed), None
    emphasis = lead["mark"] or lead["mark2"]
    if emphasis and line.startswith(emphasis, after) and not mark:
        after += len(emphasis)
    tail = line[after:]
    words = position + after + len(tail) - len(tail.lstrip())
    label = Label(printed, position, words, numbered)
    return _Candidate(label, shape, key, not before, sentence, bool(tail.strip()), strong)


def find_labels(text: str, start: int = 0) -> list[Label]:
    """The speaker labels of `text` from `start` on, in their order; an empty list if none."""
    candidates = list(_candidates(text, start))
    accepted = _accept(candidates)
    accepted += _without_colon(text, start, accepted)
    inline = _inline_labels(text, start)
    if len(inline) > len(accepted):
        taken = {label.words for label in inline}
        accepted = [label for label in accepted if label.words not in taken] + inline
    return sorted(accepted, key=lambda label: label.start)


def _accept(candidates: list[_Candidate]) -> list[Label]:
    footing = [c for c in candidates if c.paragraph or c.sentence]
    count = Counter(c.key for c in candidates)
    firm = Counter(c.key for c in footing)
    by_shape: dict[Shape, Counter[str]] = {shape: Counter() for shape in Shape}
    for c in footing:
        by_shape[c.shape][c.key] += 1

    known = [c for c in candidates if _is_known(c)]
    caps_document = len(known) + by_shape[Shape.CAPS].total() > 3
    first = min((c.label.start for c in known), default=None)
    people = {person_key(c.label.printed) for c in known}
    strong_q = any(c.shape is Shape.Q and c.strong for c in footing)
    unknown_caps = {c.key for c in footing if c.shape is Shape.CAPS and c.paragraph and c.speech}
    names = _settled_names(by_shape, caps_document=caps_document, known=bool(known or strong_q))
    people |= {person_key(key) for key in names}

    def believed(c: _Candidate) -> bool:
        alias = person_key(c.label.printed) in people
        stands = c.paragraph or c.sentence
        if c.shape is Shape.Q:
            return stands and (c.strong or (c.paragraph and bool(known or strong_q or names)))
        if c.shape is Shape.ROLE:
            others = len(count) > 1 and (known or names or len(by_shape[Shape.ROLE]) > 1)
            return stands and bool(others or strong_q or firm[c.key] > 2)
        if c.shape is Shape.CAPS_KNOWN:
            return True
        if c.shape is Shape.CAPS:
            if (count[c.key] > 1 and firm[c.key]) or (alias and stands):
                return True
            later = first is not None and c.label.start > first
            lonely = any(map(str.isdigit, c.key)) or not c.speech
            return c.paragraph and not lonely and (later or len(unknown_caps) > 1)
        if not stands:
            return False
        if caps_document and not alias:
            return firm[c.key] > 1 and c.shape is not Shape.WORD and c.paragraph and c.key in names
        return c.key in names or (alias and c.shape is not Shape.WORD) or (
            alias and c.paragraph
        )  # fmt: skip

    return [c.label for c in candidates if believed(c)]


def _is_known(c: _Candidate) -> bool:
    return c.shape is Shape.CAPS_KNOWN or (c.shape is Shape.Q and c.strong and c.paragraph)


def _settled_names(
    by_shape: dict[Shape, Counter[str]], *, caps_document: bool, known: bool
) -> set[str]:
    """The keys of mixed-case labels that the document as a whole makes believable."""
    formal, bracketed = by_shape[Shape.FORMAL], by_shape[Shape.BRACKETED]
    initials, plain, words = (by_shape[s] for s in (Shape.INITIALS, Shape.NAME, Shape.WORD))
    settled: set[str] = set(formal)
    if len(bracketed) > 1 or settled or bracketed.total() > 1:
        settled |= set(bracketed)
    if initials.total() > 1 or (initials and known):
        settled |= set(initials)
    recurring = {key for key, times in plain.items() if times > 1}
    roles = bool(by_shape[Shape.ROLE])
    if len(recurring) > 1 or settled or max(plain.values(), default=0) > 2 or (
        recurring and (len(plain) > 1 or roles or known)
    ):  # fmt: skip
        settled |= recurring
    if settled and not caps_document:
        settled |= set(plain)  # where names are labels, someone may speak once
    again = {key for key, times in words.items() if times > 1}
    if len(again) > 1 or (again and (settled or roles)):
        settled |= again
    return settled


def _without_colon(text: str, start: int, accepted: list[Label]) -> list[Label]:
    """Slips of the typist: "PRESIDENT TRUMP.  Yeah." where all the others have a colon."""
    spellings = {label.printed for label in accepted if " " in label.printed}
    longest = max(map(len, spellings), default=0)
    capitals = {printed for printed in spellings if printed.upper() == printed}
    found: list[Label] = []
    if not capitals:
        return found
    slip = re.compile(r"[^\S\n]*+([^\n]{3,%d}?)[.;,]?[^\S\n]{2}(?=\S)" % longest)
    taken = {label.start for label in accepted}
    for blank in re.finditer(r"\n[^\S\n]*+\n", text[start:]):
        at = start + blank.end()
        match = slip.match(text, at)
        if match and match.group(1) in capitals and at not in taken:
            words = match.end() + len(text[match.end() : match.end() + 40]) - len(
                text[match.end() : match.end() + 40].lstrip()
            )  # fmt: skip
            found.append(Label(match.group(1), at, words))
    return found


_INLINE = re.compile(
    rf"(?<!\S)(?P<label>{_INITIALS_SHAPE}"
    rf"|(?:(?:MR|MRS|MS|DR)\.? )?[{_UPPER}][{_UPPER}.’'-]{{2,30}}(?: [{_UPPER}#0-9][{_UPPER}.’'-]{{0,30}}){{0,5}}"
    rf"|[{_UPPER}][\w’'-]{{1,30}}(?: [{_UPPER}][\w’'-]{{1,30}}){{0,5}}"
    r")(?: \([^()]{1,80}\))?:(?=\s)"
)
_INLINE_BEFORE = re.compile(r"(?:[.?!…»”\")\]—–]|\d{4}(?: года| року)?|\d:\d\d)\s*\Z")


def _inline_labels(text: str, start: int) -> list[Label]:
    """Labels inside endless lines, where a scraper has lost every paragraph break.

    Only at the end of a sentence or of a date (a page's link to a dated event), and only where
    such labels come back: four of them at the least, one of them twice.
    """
    found: list[tuple[Label, Shape]] = []
    position = start
    for line in text[start:].split("\n"):
        if len(line) > INLINE_LINE:
            found += _inline_candidates(line, position, first=not found)
        position += len(line) + 1
    count = Counter(normalise(label.printed) for label, _ in found)
    weak = {Shape.NAME, Shape.WORD, Shape.CAPS, Shape.FORMAL, Shape.BRACKETED}
    kept = [
        label
        for label, shape in found
        if shape not in weak or count[normalise(label.printed)] > (2 if shape is Shape.WORD else 1)
    ]
    recurs = any(times > 1 for times in count.values())
    return kept if len(kept) >= 4 and recurs else []


def _inline_candidates(line: str, position: int, *, first: bool) -> Iterable[tuple[Label, Shape]]:
    for match in _INLINE.finditer(line):
        printed = match.group()[:-1]
        shape = classify(printed)
        at = match.start()
        if shape is None or not (
            first or at == 0 or _INLINE_BEFORE.search(line[max(0, at - 20) : at])
        ):
            continue
        first = False
        gap = line[match.end() : match.end() + 40]
        words = position + match.end() + len(gap) - len(gap.lstrip())
        yield Label(printed, position + at, words), shape
