"""What a speaker label looks like: its vocabulary, its shape, and the person it stands for.

No position and no recurrence here, only the label itself; `sources.labels` weighs the rest.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

MAX_TOKENS = 14

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
    """answer participant participants member witness reply host guest ответ відповідь""".split()
)
# Voices from the floor: they ask if they ask, and answer nobody.
FLOOR_WORDS = frozenset(
    """audience crowd all voice voices members student protester remark реплика репліка""".split()
) | {"audience member", "audience members", "hon members", "several hon members",
     "from the audience", "unidentified speaker", "unknown speaker",
     "из зала", "с места"}  # fmt: skip
ROLE_WORDS = QUESTION_WORDS | MODERATION_WORDS | OTHER_ROLE_WORDS | FLOOR_WORDS

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
UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶŁŃŇŌŐŒŘŚŞŠŢŤŪŮŰŹŻŽЀ-Я"
INITIALS = rf"(?:[{UPPER}]\.[ \u00a0]?){{1,2}}[{UPPER}][\w’'-]{{1,40}}"
_INITIALS_ALONE = re.compile(INITIALS)
_BRACKETS = re.compile(r"\([^()]{0,120}\)|\[[^\[\]]{0,120}\]")
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


@lru_cache(maxsize=4096)  # the same few labels come back hundreds of times
def normalise(printed: str) -> str:
    """A label's spelling for comparison: "MR. PRICE" and "Mr Price" are the same."""
    core = _BRACKETS.sub(" ", printed).replace("’", "'").replace(".", " ")
    return " ".join(core.casefold().split())


@lru_cache(maxsize=4096)
def role_word(printed: str) -> str:
    """The label without brackets, number and case, to look up in the sets of role words."""
    words = normalise(printed).replace("#", " ").split()
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _ORDINALS):
        words.pop()
    if len(words) == 1 and re.fullmatch(r"q\d{1,2}", words[0]):
        return "q"
    return " ".join(words)


@lru_cache(maxsize=4096)
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


@lru_cache(maxsize=4096)
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
    if _INITIALS_ALONE.fullmatch(core):
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
    titled = plain[0] in TITLES and bool(_INITIALS_ALONE.search(printed) or tokens[-1][0].isupper())
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
