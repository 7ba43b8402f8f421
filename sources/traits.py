"""What the sentences of a debate are like, in numbers: what `detection_model.json` was trained on. Pure
functions.

A trait that is changed here changes what the model sees: train it anew (`benchmarks/train_detection.py`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise
from math import log

from .cues import cues, weigh

_TOKEN = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?|\d[\d.,]*|[%$€£]")
_PAST = frozenset(
    "was were had did said went made came got gave took told knew thought lost won cut spent left"
    " brought built bought became began broke chose fell felt found grew held kept led let met paid"
    " put ran rose sent set shot sold stood stole taught voted wrote saw".split()
)
_PERFECT = re.compile(
    r"\b(?:has|have|had|[’']ve) (?:\w+ )?(?:been|\w+ed|\w+en|gone|done|made|lost|cut|put|had|seen"
    r"|got|brought|built|become|spent)\b",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|won[’']t|shall|going to|gonna|[’']ll|would|should|could|may|might|must|need to"
    r"|have to|ought)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:think|believe|feel|hope|want|love|like|wish|guess|maybe|probably|important|great|good|bad"
    r"|wonderful|beautiful|terrible|incredible|amazing|tremendous|honor|proud|respect)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|almost|nearly|approximately|roughly|over|more than|less than|up to|at least)\s+"
    r"(?:\$|\d|a |one|two|half)",
    re.IGNORECASE,
)
_STAGE = re.compile(r"^\W*[\(\[]")
_WHO = {
    "I": frozenset("i i'm i've i'll i'd me my".split()),
    "we": frozenset("we we're we've our us we'll".split()),
    "you": frozenset("you your you're".split()),
    "he or she": frozenset("he she his her he's she's him".split()),
    "they": frozenset("they their them they're they've".split()),
}
_CUTS = ("...", "--", "…")
# Those of which a sentence also has the sum over its neighbours in the turn, and the next one's.
_AROUND = (
    "length", "has number", "question", "cues", "capitals", "past", "I", "he or she", "future",
    "stage", "cue: money", "cue: quantity", "cue: change", "cue: comparison", "cue: attribution",
)  # fmt: skip
_REACH = 4  # sentences on each side
_ROOM = ("SYST", "SYSYT", "(", "AUDIENCE", "UNIDENT", "ANNOUNCER")
_ASKING = ("QUESTION", "MODERATOR", "REPORTER")


def terms(sentence: str) -> Counter[str]:
    """Return the words of a sentence and its pairs of neighbours, each with how often it occurs: in
    small letters, every number as “0”."""
    words = [
        "0" if word[0].isdigit() else word.lower().replace("’", "'")
        for word in _TOKEN.findall(sentence)
    ]
    return Counter(words) + Counter(map(" ".join, pairwise(words)))


def traits(sentences: Sequence[str], speakers: Sequence[str]) -> list[dict[str, float]]:
    """Return the traits of each sentence of a debate by their names; 0 where one is left out.

    `sentences` are in their order, `speakers` are their labels; what one says in a row is a turn.
    """
    alone = [_of_sentence(sentence) for sentence in sentences]
    sizes = Counter(speakers)
    questions: dict[str, float] = defaultdict(float)
    lengths: dict[str, float] = defaultdict(float)
    for speaker, trait in zip(speakers, alone, strict=True):
        questions[speaker] += trait.get("question", 0)
        lengths[speaker] += trait["length"]
    total = len(alone)
    whole = {
        "debate: largest share": max(sizes.values(), default=0) / max(1, total),
        "debate: speakers": log(1 + sum(size >= 0.02 * total for size in sizes.values())),
        "debate: cues": sum(trait["cues"] for trait in alone) / max(1, total),
    }
    found = []
    place = 0
    for speaker, group in groupby(speakers):
        size = len(list(group))
        turn = alone[place : place + size]
        label = speaker.upper().strip()
        by_whom = {
            "speaker: share": sizes[speaker] / total,
            "speaker: questions": (questions[speaker] + 1) / (sizes[speaker] + 8),
            "speaker: length": lengths[speaker] / sizes[speaker],
            "speaker: room": float(label.startswith(_ROOM)),
            "speaker: asking": float(label == "Q" or any(name in label for name in _ASKING)),
            "turn: length": log(1 + size),
        }
        then = speakers[place + size] if place + size < total else ""
        for here, trait in enumerate(turn):
            last = here + 1 == size
            found.append(
                trait
                | whole
                | by_whom
                | _around(turn, here)
                | {
                    "turn: place": log(1 + here),
                    "turn: first": float(here == 0),
                    "turn: last": float(last),
                    "before applause": float(last and then.upper().startswith(_ROOM[:2])),
                    "debate: place": (place + here) / max(1, total - 1),
                    "debate: beginning": float((place + here) / total < 0.05),
                    "debate: end": float((place + here) / total > 0.93),
                }
            )
        place += size
    return found


def _of_sentence(sentence: str) -> dict[str, float]:
    raw = _TOKEN.findall(sentence)
    words = [word.lower().replace("’", "'") for word in raw]
    number = len(words)
    capitals = min(
        6, sum(word[0].isupper() and word[:2] not in ("I", "I’", "I'") for word in raw[1:])
    )
    numbers = sum(word[0].isdigit() for word in words)
    ends = sentence.rstrip()
    found = {
        "length": log(1 + number),
        "length, capped": min(number, 40) / 40,
        "short": number < 5,
        "long": number > 35,
        "letters in a word": sum(map(len, words)) / (number + 1) / 10,
        "numbers": min(numbers, 4),
        "has number": numbers > 0,
        "about a number": bool(_ABOUT.search(sentence)),
        "capitals": capitals,
        "share of capitals": capitals / (number + 1),
        "past": min(4, sum((w.endswith("ed") and len(w) > 4) or w in _PAST for w in words)),
        "perfect": bool(_PERFECT.search(sentence)),
        "future": bool(_FUTURE.search(sentence)),
        "is": any(word in ("is", "are", "it's") for word in words),
        "opinion": min(3, len(_OPINION.findall(sentence))),
        "negation": any(
            word in ("not", "never", "no", "nobody", "nothing") or word.endswith("n't")
            for word in words
        ),
        "superlative": any(len(word) > 5 and word.endswith("est") for word in words),
        "question": ends.endswith("?"),
        "exclamation": "!" in sentence,
        "cut off": ends.endswith(_CUTS),
        "goes on": sentence.lstrip().startswith(_CUTS) or sentence[:1].islower(),
        "and, but, so": words[:1] in (["and"], ["but"], ["so"]),
        "commas": min(5, sentence.count(",")),
        "quotation": '"' in sentence or "“" in sentence,
        "stage": bool(_STAGE.search(sentence)),
    }
    found |= {who: any(word in forms for word in words) for who, forms in _WHO.items()}
    seen = cues(sentence)
    found |= {f"cue: {cue.name}": 1.0 for cue in seen}
    found["cues"] = weigh(seen)
    return {name: float(value) for name, value in found.items() if value or name in _ALWAYS}


_ALWAYS = frozenset(["length", "cues"])


def _around(turn: Sequence[dict[str, float]], here: int) -> dict[str, float]:
    before = turn[here - 1] if here else {}
    after = turn[here + 1] if here + 1 < len(turn) else {}
    near = [
        (turn[place], 1 / abs(place - here))
        for place in range(max(0, here - _REACH), min(len(turn), here + _REACH + 1))
        if place != here
    ]
    found = {}
    for name in _AROUND:
        found[f"around: {name}"] = sum(
            trait[name] * share for trait, share in near if name in trait
        )
        found[f"before: {name}"] = before.get(name, 0.0)
        found[f"after: {name}"] = after.get(name, 0.0)
    return found
