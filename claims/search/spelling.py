"""Words of a statement that are mistyped, before it is looked up: what is written wrong has few words and
little meaning in common with anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claims.words import COMMON, WORD, bare

from . import encoding, full_text
from .query import SHORTEST_GUESSED, Term, nearest

# So many words at most, of all texts together, are held against the index.
MOST = 100


def mistyped(texts: Sequence[str], *, drafts: bool) -> dict[str, str]:
    """Return the words of `texts` that no claim has and the model does not know, each with the word that with
    a slip or two becomes it, where there is one among the usual ones, or in what is public (or in `drafts` as
    well). Two queries; none where every word is known."""
    words = list(dict.fromkeys(word for text in texts for word in _strange(text)))[:MOST]
    strange = {word: Term.of_word(bare(word)) for word in words}
    if not strange:
        return {}
    engine = full_text.engine()
    _, numbers = engine.frequencies(list(strange.values()), kind="claims", drafts=drafts)
    nowhere = [word for word, number in zip(strange, numbers, strict=True) if not number]
    said = engine.suggest(nowhere, public=not drafts)
    meant: dict[str, str] = {}
    for word in nowhere:
        # What any two sentences share is looked for by nobody; but a “nevr” denies.
        usual = dict.fromkeys(COMMON, 1) if word.islower() and encoding.has_model() else {}
        near = nearest(word, {**usual, said.get(word, ""): 0})
        if near and near != bare(word):
            meant[word] = near
    return meant


def _strange(text: str) -> list[str]:
    words = WORD.findall(text)
    strange = [
        word
        for word in words
        if word.isalpha() and len(word) >= SHORTEST_GUESSED and bare(word) not in COMMON
        if not encoding.knows(word)
    ]
    # Where most are strange to the model, it is another language.
    return [] if encoding.has_model() and 2 * len(strange) > len(words) else strange


def corrected(text: str, instead: Mapping[str, str]) -> str:
    """Return the text with those words replaced, with a capital where they had one."""
    return WORD.sub(lambda word: _as(word[0], instead.get(word[0], word[0])), text)


def _as(printed: str, word: str) -> str:
    return word[0].upper() + word[1:] if printed[0].isupper() else word
