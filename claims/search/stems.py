"""What the forms of a word have in common, by language: Snowball's stemmers (Porter 2001). Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from threading import Lock
from typing import Any

import snowballstemmer

from claims.words import stem_of

LANGUAGES = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_CYRILLIC = re.compile("[а-яё]")
_UKRAINIAN = re.compile("[іїєґ]")
_stemmers: dict[str, Any] = {}
_stemming = Lock()


@lru_cache(maxsize=50_000)
def stem(word: str, language: str = "en") -> str:
    """Return the stem of `word`, which is in small letters, in a text of `language` (BCP 47).

    A Cyrillic word in a text of another script is taken for Russian, or for Ukrainian by its letters. Where
    Snowball has no stemmer (Ukrainian among others), the endings of claims/words.py are taken off.
    """
    short = language.partition("-")[0].lower()
    if _UKRAINIAN.search(word):
        short = "uk"
    elif short not in ("ru", "uk", "sr", "bg", "be", "mk") and _CYRILLIC.search(word):
        short = "ru"
    name = LANGUAGES.get(short)
    if name is None or name not in snowballstemmer.algorithms():
        return stem_of(word)
    with _stemming:  # a stemmer keeps the word that it works on
        if name not in _stemmers:
            _stemmers[name] = snowballstemmer.stemmer(name)
        found: str = _stemmers[name].stemWord(word)
    return found
