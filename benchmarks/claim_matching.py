"""Reads the data of claim matching and measures an order of candidates: what train_matching.py and
matching.py share.

Documents are tab-separated with CSV quoting and a header: an identifier, then columns `vclaim` and `title`.
Queries are tab-separated: an identifier and a text, with a header or without. Judgements (qrels) are
separated by white space: query, anything, document, and 0 where it does not answer the query.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import bm25s
import numpy as np

from claims.search import encoding
from claims.search.analysis import analyse, clean, unquoted
from claims.search.ranking import Candidate, Document

DATA = Path(__file__).resolve().parents[2] / "shared/data/claim-matching"
# Vectors of documents take minutes: they are kept here, by what they are of.
CACHE = Path(__file__).resolve().parent.parent / "build/matching"
# So many candidates come from each of the lists that are joined.
FROM_EACH = 50


@dataclass(frozen=True)
class Split:
    """Queries with the documents that answer them."""

    queries: list[tuple[str, str]]
    answers: dict[str, set[str]]


@dataclass(frozen=True)
class Task:
    name: str
    docs: Path
    train: tuple[Path, Path]
    dev: tuple[Path, Path]


def tasks(data: Path = DATA) -> list[Task]:
    """The two tasks whose development files stand beside the checkout."""
    tweets, debates = data / "clef2020-task2", data / "checkthat2022-2b"
    both = debates / "CT2022-Task2B-EN-Train-Dev_Queries.tsv"
    return [
        Task(
            "CheckThat! 2020 T2 (posts)",
            tweets / "verified_claims.docs.tsv",
            (tweets / "train.tweets.queries.tsv", tweets / "train.tweet-vclaim-pairs.qrels"),
            (tweets / "dev.tweets.queries.tsv", tweets / "dev.tweet-vclaim-pairs.qrels"),
        ),
        Task(
            "CheckThat! 2021 2B (debates)",
            debates / "verified_claims.docs.tsv",
            (both, debates / "CT2022-Task2B-EN-Train_QRELs.tsv"),
            (both, debates / "CT2022-Task2B-EN-Dev_QRELs.tsv"),
        ),
    ]


# --- Files ---


def read_documents(path: Path) -> tuple[list[str], list[Document]]:
    """Return the identifiers and the documents, whose keys are their places. ValueError names the line."""
    names, documents = [], []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        header = rows.fieldnames or []
        if "vclaim" not in header:
            raise ValueError(f"{path}, line 1: there is no column “vclaim”.")
        for place, row in enumerate(rows):
            if not row["vclaim"]:
                raise ValueError(f"{path}, line {rows.line_num}: the claim is empty.")
            names.append(row[header[0]])
            documents.append(Document(place, row["vclaim"], row.get("title") or ""))
    return names, documents


def read_queries(path: Path) -> list[tuple[str, str]]:
    """Return each query once, with its text."""
    found: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        for row in rows:
            if len(row) < 2:
                raise ValueError(
                    f"{path}, line {rows.line_num}: a text must follow the identifier."
                )
            if rows.line_num == 1 and row[1] in (
                "tweet_content",
                "text",
                "query",
                "content",
                "iclaim",
            ):
                continue
            found.setdefault(row[0], row[1])
    return list(found.items())


def read_answers(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        columns = line.split()
        if not columns:
            continue
        if len(columns) != 4:
            raise ValueError(f"{path}, line {number}: four columns are expected.")
        if columns[3] != "0":
            found.setdefault(columns[0], set()).add(columns[2])
    return found


def read_split(queries: Path, answers: Path) -> Split:
    """Only queries that are judged are kept: a file may hold those of other splits too."""
    judged = read_answers(answers)
    return Split([each for each in read_queries(queries) if each[0] in judged], judged)


# --- Candidates ---


class Collection:
    """Documents, indexed as the baselines and the ranking need them."""

    def __init__(self, documents: Sequence[Document], semantic: bool = True) -> None:
        self.documents = documents
        self.semantic = semantic
        self.by_word = [[*_words(document.text), *_words(document.title)] for document in documents]
        n_with = Counter(stem for words in self.by_word for stem in set(words))
        total = len(documents)
        self._rarity = {stem: log((total - n + 0.5) / (n + 0.5) + 1) for stem, n in n_with.items()}
        self._rarest = log((total + 0.5) / 0.5 + 1)
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75)
        self._bm25.index(self.by_word, show_progress=False)
        if semantic:
            self.texts = vectors([document.text for document in documents])
            self.titles = vectors([document.title or document.text for document in documents])

    def rarity(self, stem: str) -> float:
        return self._rarity.get(stem, self._rarest)

    def lexical(self, text: str) -> Any:
        """BM25 of each document."""
        words = [stem for stem in dict.fromkeys(_words(text)) if stem in self._rarity]
        return self._bm25.get_scores(words) if words else np.zeros(len(self.documents))

    def candidates(self, text: str, vector: Any = None) -> list[Candidate]:
        """What the ranking is given, in the order of the documents."""
        lists = [self.lexical(text)]
        if vector is not None:
            by_text, by_title = self.texts @ vector, self.titles @ vector
            lists += [by_text, by_title]
        found = sorted(set().union(*(best(scores, FROM_EACH) for scores in lists)))
        if vector is None:
            return [Candidate(self.documents[place]) for place in found]
        return [
            Candidate(self.documents[place], float(by_text[place]), float(by_title[place]))
            for place in found
        ]


def best(scores: Any, n: int) -> list[int]:
    """The places of the `n` best, the best first; of equals the first."""
    return [int(place) for place in np.argsort(-scores, kind="stable")[:n]]


def _words(text: str) -> list[str]:
    said = analyse(unquoted(text))
    return [*said.words, *(f"={number.value:g}" for number in said.numbers)]


def asked(queries: Iterable[tuple[str, str]]) -> list[str]:
    """The queries' texts as they are looked for."""
    return [clean(text) for _, text in queries]


def vectors(texts: Sequence[str]) -> Any:
    """The texts' vectors, kept for the next run."""
    digest = hashlib.sha256("\0".join([encoding.VERSION, *map(unquoted, texts)]).encode())
    path = CACHE / f"{digest.hexdigest()[:24]}.npy"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        with part.open("wb") as file:
            np.save(file, encoding.encode(texts))
        part.rename(path)
    return np.load(path)


# --- Measures ---

Order = Sequence[str]
Measure = Callable[[Order, set[str]], float]


def average_precision(order: Order, answers: set[str]) -> float:
    """Average precision at 5, as the task's organisers compute it."""
    hits, total = 0, 0.0
    for place, name in enumerate(order[:5], start=1):
        if name in answers:
            hits += 1
            total += hits / place
    return total / min(len(answers), 5)


def reciprocal_rank(order: Order, answers: set[str]) -> float:
    return next((1 / n for n, name in enumerate(order, start=1) if name in answers), 0.0)


def first(order: Order, answers: set[str]) -> float:
    return float(bool(order) and order[0] in answers)


def recall(order: Order, answers: set[str]) -> float:
    return len(answers & set(order[:20])) / len(answers)


MEASURES: dict[str, Measure] = {
    "MAP@5": average_precision,
    "MRR": reciprocal_rank,
    "P@1": first,
    "Recall@20": recall,
}


def interval(values: Sequence[float], seed: int = 8) -> tuple[float, float]:
    """The middle 95 % of the means of 2,000 samples of the queries (bootstrap)."""
    drawn = np.random.default_rng(seed).choice(np.asarray(values), (2_000, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
