"""The trained half of detection: plain data, computed in plain Python.

`detection_model.json` holds weights of words and short decision trees over the traits of sentences; no
sentence that it was trained on. `benchmarks/train_detection.py` writes it.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from pathlib import Path
from typing import Any

# Counts the changes of the file's form, and of what sources/traits.py sees in a sentence.
FORMAT = 1
MODEL = Path(__file__).with_name("detection_model.json")

# A tree is a leaf (what it adds), or [number of a trait, threshold, tree if at most that, tree if more].
Tree = float | list[Any]


class ModelError(ValueError):
    """The file is no model of this version, or not as it was written."""


@dataclass(frozen=True)
class Model:
    """`names` of the traits that trees ask for; `trees`; `terms`: word or pair → (how rare it is, its
    weight); `scales`: what the two halves are divided by; `quantiles` of the training's scores."""

    names: list[str]
    trees: list[Tree]
    terms: Mapping[str, tuple[float, float]]
    scales: tuple[float, float]
    quantiles: Sequence[float]
    trained_on: frozenset[str]

    def score(self, traits: Mapping[str, float], terms: Counter[str]) -> float:
        """Return what ranks a sentence with these traits and terms among others: any number."""
        values = [traits.get(name, 0.0) for name in self.names]
        grown = sum(_follow(tree, values) for tree in self.trees)
        said = sum(weight for _, weight in self.weights(terms))
        return grown / self.scales[0] + said / self.scales[1]

    def weights(self, terms: Counter[str]) -> list[tuple[str, float]]:
        """Return the known ones of `terms`, each with what it adds to a sentence of these terms."""
        known = [
            (term, (1 + log(number)) * self.terms[term][0], self.terms[term][1])
            for term, number in terms.items()
            if term in self.terms
        ]
        length = sqrt(sum(value * value for _, value, _ in known)) or 1.0
        return [(term, value / length * weight) for term, value, weight in known]

    def standing(self, score: float) -> float:
        """Return the share (0–1) of the sentences of debates that score lower."""
        return bisect_right(self.quantiles, score) / len(self.quantiles)


def _follow(tree: Tree, values: Sequence[float]) -> float:
    while isinstance(tree, list):
        trait, threshold, low, high = tree
        tree = low if values[trait] <= threshold else high
    return tree


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hexadecimal) of a model's content, all but the digest itself."""
    kept = {name: value for name, value in content.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def from_content(content: Mapping[str, Any], *, name: str = "The model") -> Model:
    """Return the Model of a file's content. Raises ModelError unless it is whole and of this FORMAT."""
    if content.get("format") != FORMAT:
        raise ModelError(
            f"{name} has format {content.get('format')!r} where {FORMAT} is read: train it anew with "
            "benchmarks/train_detection.py."
        )
    if content.get("sha256") != digest(content):
        raise ModelError(
            f"{name} is not as it was written (its SHA-256 differs): take it from the repository again, "
            "or train it anew with benchmarks/train_detection.py."
        )
    return Model(
        names=content["traits"],
        trees=content["trees"],
        terms={term: (rare, weight) for term, rare, weight in _pairs(content["terms"])},
        scales=(content["scales"][0], content["scales"][1]),
        quantiles=content["quantiles"],
        trained_on=frozenset(content["trained_on"]),
    )


def _pairs(terms: Mapping[str, Sequence[float]]) -> Iterable[tuple[str, float, float]]:
    return ((term, rare, weight) for term, (rare, weight) in terms.items())


def read(path: Path) -> Model:
    """Return the Model in the file. Raises ModelError if it holds no model."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be read as a model: {error}") from error
    return from_content(content, name=path.name)


@cache
def shipped() -> Model:
    """The Model that the project ships, read once."""
    return read(MODEL)
