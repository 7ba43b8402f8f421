"""Words as they are compared: whatever their case and ending, in English, Russian and Ukrainian. Pure."""

from __future__ import annotations

import re

WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:[’'][^\W\d_]+)?")

# Words that any two sentences share. Negations are among them, because who compares claims tells them apart.
COMMON = frozenset(
    "a an the of to in on at by for from with as and or but that this these those it its is"
    " are was were be been being"
    " after has have had having do does did will would shall should can could may might must into"
    " than then there their them"
    " they he him his she her we us our you your i who which whom whose what when where"
    " while about also any some such"
    " not no never none nobody nothing neither nor cannot without deny denies denied denying"
    " и в на что с по к о из за для не нет никогда"
    " і й та у з із зі що як до від про це".split()
)
# Longest first; what remains has at least four letters.
ENDINGS = sorted(
    "ations ation ments ment ities ity nesses ness ions ion ings ing ists ist ally ies ied"
    " ed es s ly ive al e y"
    " ами ями ого его ому ему ых их ой ый ий ая яя ое ее ые ие ов ев ам ям ах ях ом ем у ю а"
    " я ы и о е"
    " ої ій им ів їв ові еві ою ею єю і ї є".split(),
    key=len,
    reverse=True,
)


def legible(text: str) -> str:
    """Return `text` as any database takes it: half a surrogate pair is a question mark, NUL a blank."""
    return text.encode(errors="replace").decode().replace("\0", " ")


def bare(word: str) -> str:
    """The word in small letters, without an English genitive or contraction."""
    # Not casefold(): it makes ss of ß, which no expression finds in the text again.
    return re.sub(r"[’']s?$|[’'][a-z]+$", "", word.lower())


def stem_of(word: str) -> str:
    """What the forms of a word (`bare`) have in common, roughly."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
