"""What in a sentence a fact-checker looks at, and how that is said in words. Pure functions.

Each cue is a regular expression for English (numbers and sums are seen in any language), with a weight
between −1 and 1 and the reason that a researcher reads. Nothing is learnt here; what was learnt from
labelled debates is in `detection_model.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import prod

# How much of the text a reason repeats, in code points.
QUOTED = 48
# How much of a sentence is read, in code points, and how much of one word and one gap in it. Nobody speaks
# so; but every pattern below may start anywhere, and would look as far as the run of characters goes.
READ, WORD, GAP = 2_000, 60, 2


@dataclass(frozen=True)
class Found:
    """A cue that a sentence has: its `name`, its `weight` (−1 to 1), and the `reason` in words (empty
    where it speaks against the sentence)."""

    name: str
    weight: float
    reason: str


_NUMBER = (
    r"(?:\d+(?:[.,]+\d+)*|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen)s?)"
)
_SCALE = (
    r"(?:hundreds?|thousands?|millions?|billions?|trillions?|dozens?|млн|млрд|тыс\.?|миллион\w*"
    r"|миллиард\w*)"
)
_UNIT = (
    r"(?:%|percent|per cent|percentage points?|points?|people|persons?|men|women|children"
    r"|kids|troops|soldiers"
    r"|forces|tanks|missiles|weapons|warheads|countries|states|nations|cities|towns|members"
    r"|votes|seats|jobs"
    r"|workers|families|households|homes|students|schools|immigrants|refugees|arrests|crimes"
    r"|deaths|cases"
    r"|times|tons|tonnes|barrels|miles|kilomet(?:er|re)s|km|acres|pages|e-?mails|plants"
    r"|companies|businesses"
    r"|Americans|Ukrainians|Russians|citizens|patients|процент\w*|человек|лет)"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_ADVERB = (
    r"(?:(?:also|again|now|recently|repeatedly|falsely|often|always|even|still|then|itself"
    r"|himself|herself|themselves|just|once|later|publicly|explicitly|reportedly|supposedly|have"
    r"|has|had|is|are|was|were|been)\s+){0,3}"
)

# Verbs with which the words of others are reported; the weaker ones only before “that” or a quotation.
_CLAIMING = (
    r"(?:claim(?:s|ed|ing)?|(?:propagat|spread)\w* the (?:\w+ )?narrative|demand(?:s|ed"
    r"|ing)? that|alleg(?:es|ed|ing|e)|assert(?:s|ed|ing)?|insist(?:s|ed|ing)?|maintain(?:s"
    r"|ed) that"
    r"|contend(?:s|ed)|argu(?:es|ed|e|ing)|pretend(?:s|ed|ing)?|den(?:ies|ied|y|ying)"
    r"|accus(?:es|ed|e|ing)"
    r"|blam(?:es|ed|e|ing)|sa(?:ys?|id|ying)|stat(?:es|ed)|declar(?:es|ed|e)|announc(?:es|ed"
    r"|e)|assur(?:es|ed|e)"
    r"|testif(?:ies|ied)|t(?:ells|old)|warn(?:s|ed)|believ(?:es|ed)|thinks|thought|calls"
    r"|called|admit(?:s|ted)"
    r"|report(?:s|ed) that|suggest(?:s|ed)|complain(?:s|ed)|conclud(?:es|ed|e)"
    r"|acknowledg(?:es|ed|e)"
    r"|(?:wants?|wanted|would like|would have|would) (?:us|you|the world|everyone|people"
    r"|others|them)?(?: all)?"
    r" ?(?:to )?(?:believe|think)|tr(?:ies|ied|y|ying) to (?:convince|persuade)|portray(?:s"
    r"|ed)?|describ(?:es|ed))"
)
_TITLE = r"(?:Mr|Mrs|Ms|Dr|Gen|Sen|Gov|Rep)\.\s+"
_NAME = (
    rf"(?:[Tt]he\s+)?(?:{_TITLE})?[A-Z][\w’'-]*(?:\s+(?:of\s+(?:the\s+)?|and\s+(?:the\s+)?"
    rf"|for\s+)?[A-Z][\w’'-]*){{0,5}}"
)
_BODY = (
    r"(?:officials?|spokes(?:man|woman|person)|government|ministry|minister|president"
    r"|leaders?|leadership"
    r"|authorities|experts?|analysts?|economists?|scientists?|critics|media|press|newspapers?"
    r"|report|study"
    r"|survey|polls?|commission|court|opponents?|administration|campaign)"
)
_WHO = (
    rf"(?:(?:{_NAME}|[Tt]he|[Tt]heir|[Ii]ts|[Ii]ndependent|[Mm]any|[Ss]ome)\s+{_BODY}|{_NAME}"
    rf"|[Hh]e|[Ss]he|[Tt]hey|[Ii]t|[Tt]hose\s+who)"
)

_ATTRIBUTED = re.compile(rf"\b({_WHO})\s+{_ADVERB}({_CLAIMING})\b")
_ACCORDING = re.compile(rf"\b[Aa]ccording to ((?:a |an |this |the same |[Tt]he )?(?:{_NAME}|\w+))")
_PRONOUNS = {"he", "she", "they", "it", "those who"}
# Words that begin sentences with a capital and are nobody's name.
_NOBODY = set(
    "i we you and but so or if when as because while what that this these those there here"
    " who whom which where why"
    " how now then well yes no not nobody everybody everyone someone anyone since after"
    " before in on at by for from"
    " with of to like let mr today tonight yesterday recently also even just again all some"
    " many most one is was were"
    " are do does did has have had can could would should will may might must my our your"
    " his her their its".split()
)

_QUOTATION = re.compile(r"[“\"«][^”\"»]{12,}[”\"»]")
_WORD = re.compile(r"[^\W\d_][\w’'-]*|\d[\d.,]*")


def _cue(name: str, weight: float, reason: str, pattern: str, flags: int = re.IGNORECASE) -> _Cue:
    return _Cue(name, weight, reason, re.compile(pattern, flags))


@dataclass(frozen=True)
class _Cue:
    name: str
    weight: float
    reason: str
    pattern: re.Pattern[str]


_CUES = (
    _cue(
        "promise",
        0.45,
        "speaks of a promise",
        r"(?<!we are )(?<!we remain )(?<!are fully )(?<!are absolutely )(?<!remain fully )\b(?:(?:never"
        r"|not)\s+)?(?:promis(?:e[sd]?|ing)|pledg(?:e[sd]?|ing)|vow(?:s|ed)?|sw(?:ears?|ore"
        r"|orn)|oaths?"
        r"|guarantee(?:s|d)|undert(?:ook|aken)|commitments?|committed (?:to|itself)|(?:agreed"
        r"|obliged|obligated) (?:to|that|not))\b",
    ),
    _cue(
        "denial",
        0.3,
        "denies something",
        r"\b(?:never (?:\w+ed|had|was|been|did|gave|made|said|took|\w+n)\b|never|(?:did|does"
        r"|do|has|have|had|was|were|is|are|could)(?: not|n[’']t)(?: \w+)?"
        r"|no (?:evidence|proof|such|one|basis|plans?|promises?|intention|reason|threat)"
        r"|nobody|none of|neither|not a single|false that|untrue that)",
    ),
    _cue(
        "untrue",
        0.35,
        "calls something untrue",
        r"\b(?:false(?:ly|hoods?)?|untrue|not true|lies?|lied|lying|absurd|disinformation"
        r"|misinformation|propaganda|fabricat\w+"
        r"|hoax|myths?|baseless|groundless|distort\w*|mislead\w*|misled|fake|debunked"
        r"|inaccurate|rewrit(?:e|es|ing) history)\b",
    ),
    _cue(
        "money",
        0.5,
        "names a sum of money",
        rf"[$€£₽]\s?\d[\d.,]*(?:\s+(?:{_SCALE}))?|\b{_NUMBER}(?:\s+{_SCALE})?\s+(?:dollars"
        rf"|euros|pounds|roubles|rubles|долларов|рублей)\b",
    ),
    _cue(
        "quantity",
        0.5,
        "number with a unit",
        rf"\b{_NUMBER}(?:[- ]{_SCALE})?(?:\s+(?:of|to|and|in|new|more|other|American|Russian"
        rf"|Ukrainian|additional|armed|private))?\s*{_UNIT}(?!\w)"
        rf"|\b{_SCALE} of (?:\w+ )?{_UNIT}\b|\b{_NUMBER}\s+{_SCALE}(?! and)\b|\b\d+\s*(?:in"
        rf"|out of)\s+(?:every\s+)?\d+\b"
        r"|\b(?:half|third|quarter|majority|two-thirds|three-quarters) of\b|\b\d{1,3}(?:,\d{3})+\b",
    ),
    _cue(
        "date",
        0.3,
        "names a date",
        rf"\b(?:(?:in|since|by|from|until|before|after|of|for|during"
        rf"|as of)\s+)?(?:{_MONTH}\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?)?(?:1[5-9]"
        rf"|20)\d\d(?:-?s)?\b"
        rf"|\b(?:in|since|on|by)\s+{_MONTH}\b(?:\s+\d{{1,2}})?|\b(?:last|past) (?:year|month"
        rf"|week|decade|century)\b"
        rf"|\b(?:for|in|over|since|past|last|almost|nearly)\s+(?:the\s+)?(?:past\s+"
        rf"|last\s+)?{_NUMBER}\s+(?:years|months|weeks|days|decades)\b|\b{_NUMBER}\s+(?:years"
        rf"|months|decades)\s+(?:ago|earlier|later)\b"
        r"|\bin (?:decades|history|a generation)\b",
    ),
    _cue(
        "change",
        0.3,
        "tells of a rise or fall",
        r"\b(?:increas(?:e[sd]?|ing)|ris(?:e[sn]?|ing)|rose|grew|grown|grows|growing"
        r"|doubl(?:e[sd]?|ing)|tripl(?:e[sd]?|ing)|f[ea]ll(?:s|en|ing)?|dropp?(?:s|ed|ing)?"
        r"|declin(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)|soar(?:s|ed|ing)|plummet\w*"
        r"|surg(?:e[sd]?|ing)|went (?:up|down)|going (?:up|down)|lost|gained|created|cut|cuts"
        r"|slashed|reduc(?:e[sd]|ing|tion)|record(?=\s))\b",
    ),
    _cue(
        "comparison",
        0.3,
        "compares",
        r"\b(?:(?:more|less|fewer|greater|higher|lower|larger|bigger|smaller|better|worse"
        r"|longer|stronger|faster|poorer|richer|cheaper)(?: \w+){0,3} than"
        r"|(?:the )?(?:largest|biggest|highest|lowest|greatest|worst|best|most \w+|least"
        r"|smallest|fastest|strongest|weakest|poorest|richest|toughest|safest)"
        r"|unprecedented|the only|the first|twice|(?:two|three|four|five|ten|several) times"
        r"|compared (?:to|with)|as (?:many|much|high|low|big|large) as|than (?:any|ever)"
        r"|all-time)\b",
    ),
    _cue(
        "event",
        0.3,
        "tells of an event",
        r"\b(?:invad(?:e[sd]|ing)|invasion|occup(?:y|ies|ied|ying)|annex(?:e[sd]|ation|ing)?"
        r"|attack(?:s|ed|ing)|kill(?:s|ed|ing)|violat(?:e[sd]|ing|ions?)|seiz(?:e[sd]|ing)"
        r"|bomb(?:ed|ing)|shot down"
        r"|deploy(?:s|ed|ing)|amass(?:ed|ing)|mobili[sz](?:e[sd]?|ing)|poison(?:ed|ing)"
        r"|interfer(?:e[sd]|ing)|(?:mass|un)?(?:ed)?massed|carried out|signed|ratified"
        r"|adopted|withdr[ae]w\w*|expanded|enlarged|broke|breached|refused|rejected|vetoed"
        r"|forced|expelled|arrested|convicted|fired|hired|founded|joined|supported|opposed"
        r"|approved|banned|abolished|imposed|started|destroyed|threaten(?:s|ed)|provok\w+"
        r"|undermin\w+|created|invested|spent|voted(?: (?:for|against))?)\b",
    ),
    _cue(
        "document",
        0.3,
        "invokes a document",
        r"\b(?:(?:[A-Z][\w’'-]+\s+){0,4}(?:Treaty|Act|Accords?|Agreements?|Memorandum|Charter"
        r"|Convention|Declaration|Constitution|Protocol|Article\s+\w+|Resolution|Amendment"
        r"|Pact))\b"
        r"|\b(?:report|study|survey|poll|statistics|figures|documents|records|transcripts?"
        r"|intelligence) (?:show|says?|said|found|confirm|prove|indicate)\w*",
        0,
    ),
    _cue(
        "cause",
        0.15,
        "names a cause",
        r"\b(?:because of|led to|leads to|caused|causes|resulted in|results in|due to"
        r"|thanks to the|as a result|responsible for|to blame|is why|triggered|fault)\b",
    ),
    _cue(
        "all or none",
        0.12,
        "speaks of all or none",
        r"\b(?:always|every(?:one|body|where)?|entire(?:ly)?|completely|totally|no other"
        r"|nothing|all of|zero|not one|any other)\b",
    ),
)

_AGAINST = (
    _cue("question", -0.45, "", r"\?[”\"’')\]]*\s*$"),
    _cue(
        "courtesy",
        -0.9,
        "",
        r"^\W*(?:(?:well|ok|okay|and|so|yes|no|all right),?\s+)?(?:thank(?:s| you)"
        r"|good (?:morning|afternoon|evening|night)|ladies and gentlemen|welcome"
        r"|congratulations|please|hello|hi\b|god bless|sorry|excuse me)",
    ),
    _cue(
        "wish",
        -0.3,
        "",
        r"^\W*(?:(?:and|but|so|now|well|look|again),?\s+)*(?:let me|let[’']s|let us|i want"
        r"|i[’']d like|i would like|i hope|i wish|i think|i believe|i guess|i mean"
        r"|i don[’']t know"
        r"|we must|we should|we need|we want|we (?:will|shall)|we[’']ll|we[’']re going to"
        r"|we are (?:going to|ready)|i[’']m going to|i will|i[’']ll|you know|go ahead)\b",
    ),
    _cue("stage", -0.9, "", r"^\W*[\(\[][^)\]]*[\)\]]\W*$"),
)


_RUNS = re.compile(rf"(?<!\S)(\S{{{WORD}}})\S+|(?<!\s)(\s{{{GAP}}})\s+")


def _legible(sentence: str) -> str:
    """The sentence as far as it is read."""
    return _RUNS.sub(r"\1\2", sentence[:READ])


def _quoted(words: str) -> str:
    """The words as a reason repeats them: on one line, not too long."""
    words = " ".join(words.split())
    return f"“{words}”" if len(words) <= QUOTED else f"“{words[: QUOTED - 1].rstrip()}…”"


def _attribution(sentence: str) -> Found | None:
    for match in _ATTRIBUTED.finditer(sentence):
        who, verb = " ".join(match[1].split()), match[2].lower()
        words = who.split()
        while words and words[0].lower() in _NOBODY:  # “When Russia claimed”: Russia
            words.pop(0)
        if not words:
            continue
        who = " ".join([words[0].lower() if words[0] == "The" else words[0], *words[1:]])
        if who.lower() == "the" or (who.lower() == "it" and verb.startswith(("call", "sa", "t"))):
            continue
        strong = not verb.startswith(("sa", "t", "call", "think", "believ", "thought", "describ"))
        weight = 0.6 if strong else 0.4
        if who.lower() in _PRONOUNS:
            return Found(
                "attribution", weight - 0.1, f"reports what others say ({_quoted(match[0])})"
            )
        deed = {"den": "a denial", "acc": "an accusation", "bla": "an accusation"}.get(
            verb[:3], "a statement"
        )
        return Found("attribution", weight, f"attributes {deed} to {who}")
    according = _ACCORDING.search(sentence)
    if according:
        who = " ".join(according[1].split())
        return Found("attribution", 0.55, f"attributes a statement to {who}")
    return None


_CONTINUES = re.compile(
    r"^\W*(?:And|Or|But|Also)?,?\s*[Tt]hat\s+(?!(?:is|was|’s|'s|would|will|means|may)\b)"
)


def cues(sentence: str, before: str = "") -> list[Found]:
    """Return what speaks for and against checking `sentence`, the strongest first; `before` is the
    sentence before it in the same turn ("" for none). Of a sentence longer than READ, the beginning is read.
    """
    sentence, before = _legible(sentence), _legible(before)
    found = list(_alone(sentence))
    if (
        _CONTINUES.match(before and sentence)
        and not any(cue.name == "attribution" for cue in found)
        and (_CONTINUES.match(before) or _attribution(before))
    ):
        told = "goes on with what the sentence before it attributes to others"
        found.append(Found("attribution", 0.5, told))
        found.sort(key=lambda cue: -cue.weight)
    return found


@lru_cache(maxsize=4096)
def _alone(sentence: str) -> tuple[Found, ...]:
    """The cues of a sentence by itself, the strongest first. Kept, because both halves of detection ask."""
    attribution = _attribution(sentence)
    found = [attribution] if attribution else []
    for cue in _CUES:
        match = cue.pattern.search(sentence)
        if match:
            found.append(Found(cue.name, cue.weight, f"{cue.reason} ({_quoted(match[0])})"))
    match = _QUOTATION.search(sentence)
    if match:
        found.append(Found("quotation", 0.25, f"quotes words ({_quoted(match[0][1:-1])})"))
    found += [Found(cue.name, cue.weight, "") for cue in _AGAINST if cue.pattern.search(sentence)]
    words = len(_WORD.findall(sentence))
    if words < 5:
        found.append(Found("few words", -0.15 * (5 - words), ""))
    return tuple(sorted(found, key=lambda cue: -cue.weight))


def forget() -> None:
    """Start anew, so that a benchmark measures the work and not the memory of it."""
    _alone.cache_clear()


def weigh(found: Iterable[Found]) -> float:
    """Return from 0 to 1 how much the cues of a sentence speak for checking it: one cue counts as it
    weighs, each further one adds its share of what is missing to 1, and one that speaks against the
    sentence takes its share away."""
    weights = [cue.weight for cue in found]
    against = prod(max(0.0, 1 + weight) for weight in weights if weight < 0)
    return (1 - prod(1 - weight for weight in weights if weight > 0)) * against
