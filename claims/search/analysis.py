"""What a text says that can be compared with another: words, names, numbers, negations. Pure.

English is read best; German, Russian and Ukrainian are read with their own stems and negations, other
languages with Snowball's stems where there are some.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from types import MappingProxyType

from claims.search.quantities import Number, numbers
from claims.search.stems import stem
from claims.words import COMMON, bare

# How many code points of a text are read.
LONGEST = 5_000
# How many negations of a sentence are read, and how many code points around each: more than any sentence has.
NEGATIONS, AROUND = 50, 100

# Words that any two sentences share, besides those of claims/words.py.
_STOPS = COMMON | frozenset(
    "der die das den dem des ein eine einen einem einer eines und oder in im an am auf zu zum zur für von vom"
    " mit bei nach aus über um als wie dass daß ist sind war waren wird werden wurde wurden hat haben hatte"
    " hatten mr mrs ms dr sich es er sie wir ihr ich auch noch nur schon sein seine ihre"
    " как это от по при его её их был была были будет также уже о об у же бы"
    " був була були буде також вже його її їх".split()
)
# These are words in small letters.
_ACRONYMS = frozenset(("US", "WHO"))
# Not what hangs on a figure: “5m”, “1990s”.
_WORD = re.compile(r"(?<!\d)(?<![^\W_])[^\W\d_]+(?:[’'][^\W\d_]+)*")
# A sentence ends where a longer word does, so that “Mr. Price” is not two.
_SENTENCE_ENDS = re.compile(r"(?<=[^\W_]{3}[.!?])[\"”’»)]*\s+(?=[\"“„«(]?[^\W\d_a-zа-я])|\n{2,}")
# Words that go with a number, and tell nothing without it.
_QUALIFIED = re.compile(
    r"\b(?:more|less|fewer|higher|lower|larger|mehr|weniger|больше|меньше|більше|менше)"
    r"\s+(?:than|als|чем|ніж)\s+(?=[$€£]?\d)",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"[\"“”„«»]|(?<![^\W_])['’‘]|['’‘](?![^\W_])")
_PAUSE = re.compile(r"[,;:.!?—–]")
_CLAUSE_ENDS = re.compile(r"[,;:.!?—–()]|\b(?:but|dass|daß|что|чтобы|що|щоб)\b")

_NEGATIONS = re.compile(
    r"\b(?:cannot|not|never|no|none|nobody|nothing|nowhere|neither|nor|without"
    r"|hardly|barely|scarcely|anything but|fail(?:s|ed|ing)? to|stop(?:s|ped)? short of"
    r"|nicht|nichts|nie|niemals|niemand\w*|kein\w{0,2}|weder|ohne"
    r"|не|нет|ни|нельзя|никогда|никто|ничего|ничто|никак\w*|без"
    r"|ні|немає|нема|ніколи|ніхто|нічого|ніщо|ніяк\w*)\b"
    r"|\b\w+n[’']t\b"
)
# These deny what follows as a whole.
DENIALS = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|(?:not\s|\w+n[’']t\s|un)true|not the case|false that|no truth"
    r"|(?:myth|lie|hoax) that|absurd|nonsense|wrongly|falsely"
    r"|bestr(?:eite|itt)\w*|leugne\w*|dementier\w*|отрица\w*|опроверг\w*|заперечу\w*|спросту\w*)\b"
)
# Where nothing is negated, for all the word.
_EMPTY = re.compile(
    r"\b(?:not (?:only|just|merely|to mention)|whether or not|or not\b|no doubt|no\. ?\d+|nothing but|why not"
    r"|nicht nur|не только|не лише|не тільки)\b"
    # An answer, which says again what the words after it say.
    r"|^\W*(?:no|nein|нет|ні)\s*[,.:;!—–]"
)
# A Slavic clause has these beside “не” without saying the opposite: “никогда не обещала”.
_CONCORD = re.compile(r"(?:ни|ні)\w*")
# What is denied is an infinitive: “not to expand”, “nicht nach Osten zu wachsen”, “не расширяться”.
_INFINITIVE = re.compile(r"\s+to\b|.*\bzu\s")
_SLAVIC_INFINITIVES = ("ть", "ться", "ти", "тися")
# Words between a negation and what it denies.
_BETWEEN = frozenset(
    "ever even really actually yet also so very zu mehr больше ещё даже більше навіть one".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word by its `stem`, as it is `printed` where it stands first."""

    stem: str
    printed: str


@dataclass(frozen=True, slots=True)
class Negation:
    """A negation as it is `printed`; `denies` is the stem of the word that it is said of, and empty where it
    denies a whole statement; `sentence` counts from 0. Before an infinitive `under` is the stem of the word
    that this hangs on: “promised” in “promised not to expand”."""

    printed: str
    denies: str
    sentence: int
    under: str = ""


@dataclass(frozen=True)
class Analysis:
    """What a text says. `words` are all that tell something, by their stems and in their order; `names` those
    that are written like names, likewise; `sentences` has the stems of each sentence."""

    text: str
    language: str
    words: Mapping[str, Word]
    names: Mapping[str, Word]
    numbers: tuple[Number, ...]
    negations: tuple[Negation, ...]
    sentences: tuple[frozenset[str], ...]

    @cached_property
    def by_sentence(self) -> tuple[tuple[Number, ...], ...]:
        """The numbers of each sentence."""
        spans = _sentences(self.text)
        return tuple(numbers(self.text[start:end], self.language) for start, end in spans)


@lru_cache(maxsize=1_000)
def analyse(text: str, language: str = "en") -> Analysis:
    """Return what the first `LONGEST` code points of `text` say, which is in `language` (BCP 47). Any text
    can be analysed; one without a word says nothing."""
    text = text[:LONGEST]
    words: dict[str, Word] = {}
    names: dict[str, Word] = {}
    negations: list[Negation] = []
    sentences: list[frozenset[str]] = []
    title = _is_title(text, language)
    for number, (start, end) in enumerate(_sentences(text)):
        sentence = _QUALIFIED.sub(lambda match: " " * len(match[0]), text[start:end])
        stems = set()
        found = list(_WORD.finditer(sentence))
        for place, match in enumerate(found):
            plain = bare(match[0])
            stop = plain in _STOPS and match[0] not in _ACRONYMS
            if not plain or stop or _NEGATIONS.fullmatch(match[0].lower()):
                continue
            word = Word(stem(plain, language), match[0])
            stems.add(word.stem)
            words.setdefault(word.stem, word)
            beside = [found[near][0] for near in (place - 1, place + 1) if 0 <= near < len(found)]
            if _is_name(match[0], place == 0, beside, title, language):
                names.setdefault(word.stem, word)
        negations += _negations(sentence, number, language)
        sentences.append(frozenset(stems))
    return Analysis(
        text,
        language,
        MappingProxyType(words),
        MappingProxyType(names),
        numbers(text, language),
        tuple(negations),
        tuple(sentences),
    )


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|pic\.twitter\.com/\w*|\bt\.co/\w+", re.IGNORECASE)
# Bounded in every part: it is tried at each dash of whatever somebody sends.
_SIGNATURE = re.compile(
    r"[—–-]{1,2}\s{0,3}[^—–\n]{1,60}\(@\w{1,30}\)(?:\s{1,3}[^\W\d_]{1,20} \d{1,2}, \d{4})?$"
)
_REPLIES = re.compile(r"^\s*(?:RT\s+@\w+:?|(?:\.?@\w+\s+)+)", re.IGNORECASE)
_TAG = re.compile(r"[#@](\w+)")
_HUMP = re.compile(
    r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)|_+"
)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2b1b\u2b1c\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+"
)


def clean(text: str) -> str:
    """Return the words of a post in social media, as a sentence has them.

    Out go addresses (also “pic.twitter.com/…”), emoji, whom it answers (“@a @b” and “RT @c:” at its
    beginning) and the signature under one that is quoted (“— Name (@name) January 6, 2020”). Tags and names
    of accounts are taken apart into words: “#AustralianFires” is “Australian Fires”. White space is one
    blank. A text that is no post comes out as it was, but for white space; of one without words nothing.
    """
    text = html.unescape(text[:LONGEST])
    text = _ADDRESS.sub(" ", text)
    text = _SIGNATURE.sub(" ", text.rstrip())
    text = _REPLIES.sub(" ", text)
    text = _TAG.sub(lambda match: f" {_HUMP.sub(' ', match[1])} ", text)
    text = _EMOJI.sub(" ", text)
    return re.sub(r"\s+(?=[.,;:!?](?:\s|$))", "", " ".join(text.split()))


def unquoted(text: str) -> str:
    """Return the text without its quotation marks, and with one kind of apostrophe: whether something is
    quoted, and how that is printed, does not change what is said. White space is one blank."""
    return " ".join(_QUOTES.sub(" ", text[:LONGEST]).replace("’", "'").split())


def _sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end, in code points."""
    breaks = [(match.start(), match.end()) for match in _SENTENCE_ENDS.finditer(text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    return list(zip(starts, ends, strict=True))


def _is_title(text: str, language: str) -> bool:
    """Whether capitals tell no names: most words have them, as in headlines."""
    longer = [word for word in _WORD.findall(text) if len(word) > 3]
    most = 0.9 if language.startswith("de") else 0.6
    return len(longer) > 3 and sum(word[0].isupper() for word in longer) > most * len(longer)


def _is_name(printed: str, first: bool, beside: list[str], title: bool, language: str) -> bool:
    """Whether a word is written like a name. At the beginning of a sentence and among German nouns it takes
    another one beside it that has a capital; in a headline, where all have, only acronyms count."""
    if not printed[0].isupper():
        return False
    letters = re.sub(r"[’']?s$", "", printed)
    if len(letters) > 1 and letters.isupper():
        return not title or len(letters) < 6
    if title:
        return False
    if first or language.startswith("de"):
        return any(word[0].isupper() and bare(word) not in _STOPS for word in beside)
    return True


def _negations(sentence: str, number: int, language: str) -> list[Negation]:
    low = sentence.lower()
    empty = [match.span() for match in _EMPTY.finditer(low)]
    taken: list[tuple[int, int]] = []
    found: list[tuple[tuple[int, int], Negation]] = []
    for match in DENIALS.finditer(low):
        taken.append(match.span())
        found.append((match.span(), Negation(match[0], "", number)))
    # The Slavic negation that the next one may go with, and its clause.
    beside: tuple[int, str] | None = None
    for match in islice(_NEGATIONS.finditer(low), NEGATIONS):
        if any(start <= match.start() < end for start, end in [*empty, *taken]):
            continue
        clause = len(_CLAUSE_ENDS.findall(low, 0, match.start()))
        if _CONCORD.fullmatch(match[0]) or match[0] == "не":
            with_last = (
                beside is not None and beside[0] == clause and {beside[1], match[0]} != {"не"}
            )
            beside = None if with_last and match[0] == "не" else (clause, match[0])
            if with_last:
                continue
        around = _before(low, match.start())
        after = _CLAUSE_ENDS.split(_after(low, match.end()), maxsplit=1)[0]
        before = _CLAUSE_ENDS.split(around)[-1]
        denied = _denied(after) or _denied(" ".join(reversed(_WORD.findall(before))))
        printed = sentence[match.start() : match.end()] if len(low) == len(sentence) else match[0]
        under = ""
        if _INFINITIVE.match(after) or denied.endswith(_SLAVIC_INFINITIVES):
            under = _denied(" ".join(reversed(_WORD.findall(around))))
        stems = [stem(word, language) if word else "" for word in (denied, under)]
        found.append((match.span(), Negation(printed, stems[0], number, stems[1])))
    return _cancelled(low, sorted(found, key=lambda each: each[0]))


def _before(text: str, end: int) -> str:
    """The words that end at `end`, none of them cut."""
    start = max(0, end - AROUND)
    while 0 < start < end and text[start - 1].isalnum():
        start += 1
    return text[start:end]


def _after(text: str, start: int) -> str:
    end = min(len(text), start + AROUND)
    while start < end < len(text) and text[end].isalnum():
        end -= 1
    return text[start:end]


def _denied(words: str) -> str:
    """The first of `words` that tells something; only the next few are looked at."""
    for word in _WORD.findall(words)[:6]:
        plain = bare(word)
        idle = plain in _STOPS or plain in _BETWEEN or _NEGATIONS.fullmatch(plain)
        if plain and not idle:
            return plain
    return ""


def _cancelled(sentence: str, negations: list[tuple[tuple[int, int], Negation]]) -> list[Negation]:
    """Without those that cancel each other: “denies that it did not” is “did”; but “not true: it did not”
    says one thing twice. What is promised “not to” be done is another matter: who never promised not to do it
    has not promised to."""
    left: list[tuple[int, Negation]] = []
    for (start, end), negation in negations:
        if (
            left
            and not left[-1][1].denies
            and not negation.under
            and not _PAUSE.search(sentence, left[-1][0], start)
        ):
            left.pop()
        else:
            left.append((end, negation))
    return [negation for _, negation in left]
