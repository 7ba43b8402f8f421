"""Writes claims/search/ranking_model.json anew, from the splits of claim matching that are named train, so
that the figures on those named dev can be believed. The same data and versions give the same file.

    .venv/bin/python benchmarks/train_matching.py [--data DIR] [--out FILE]

A document that nobody judged counts as wrong, unless it reads like a right one to the letter: so a few right
ones count as wrong, and the probability errs on the side of caution.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from claim_matching import (
    DATA,
    Collection,
    Split,
    asked,
    read_documents,
    read_split,
    tasks,
    vectors,
)
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from claims.search import ranking
from claims.search.analysis import unquoted
from claims.search.contradiction import contradictions
from claims.search.ranking import COMPARISONS, Candidate, comparisons, described, softmax, standings

# Against learning the data by heart, as tried on the splits named train by cross-validation.
RIDGE, CONFIDENCE = 0.005, 0.1
FOLDS = 5
# Of what is offered as the same claim so much may be wrong, at the upper end of what so few queries allow to
# say: Wilson's bound, of 95 % (one-sided).
WRONG, Z = 0.02, 1.645
# A young knowledge base finds few candidates: each query is learnt from with so many of its own, too.
SHORT = (1, 2, 4, 8, 16)
SEED = 8
# Offered at all is what is the claim once in so many times.
FLOOR = 0.05

ALL = list(range(2 * len(COMPARISONS)))
USES = {
    "semantic": ALL,
    "lexical": [place for place in ALL if COMPARISONS[place % len(COMPARISONS)] != "cosine"],
}


@dataclass(frozen=True)
class Query:
    """A query with its candidates compared, and which of them answer it."""

    text: str
    candidates: list[Candidate]
    compared: list[tuple[float, ...]]
    right: Any
    answers: frozenset[str]

    def only(self, places: Sequence[int]) -> Query:
        """The query with some of its candidates."""
        return Query(
            self.text,
            [self.candidates[place] for place in places],
            [self.compared[place] for place in places],
            self.right[list(places)],
            self.answers,
        )


def compared(
    collection: Collection, names: Sequence[str], split: Split, semantic: bool
) -> list[Query]:
    """The queries of a split. What reads like a right answer to the letter is one too."""
    found = []
    texts = asked(split.queries)
    places = vectors(texts) if semantic else [None] * len(texts)
    for (name, _), text, vector in zip(split.queries, texts, places, strict=True):
        candidates = collection.candidates(text, vector)
        answers = split.answers[name]
        printed = {
            unquoted(each.document.text)
            for each in candidates
            if names[each.document.key] in answers
        }
        right = np.array([unquoted(each.document.text) in printed for each in candidates])
        rows = comparisons(text, candidates, collection.rarity)
        found.append(Query(text, candidates, rows, right, frozenset(answers)))
    return found


def versions(query: Query, chance: Any) -> list[Query]:
    """The query as it is and as it would be if nobody had checked its claim, each with all candidates and
    with few: the best of them by what the first comparisons say, or some of them."""
    found = [query]
    wrong = [place for place, right in enumerate(query.right) if not right]
    if len(wrong) < len(query.right):
        found.append(query.only(wrong))
    for whole in list(found):
        size = len(whole.candidates)
        near = sorted(range(size), key=lambda place: -sum(whole.compared[place][:4]))
        for n in SHORT:
            if n < size:
                drawn = chance.choice(size, n, replace=False) if chance.random() < 0.5 else near[:n]
                found.append(whole.only(sorted(int(place) for place in drawn)))
    return [each for each in found if each.candidates]


def folds_of(queries: Sequence[Query]) -> list[int]:
    """The fold of each query; those that share an answer are in one, or it would be known by heart."""
    first: dict[str, int] = {}
    group = list(range(len(queries)))

    def root(place: int) -> int:
        while group[place] != place:
            place = group[place]
        return place

    for place, query in enumerate(queries):
        for answer in query.answers:
            group[root(place)] = root(first.setdefault(answer, place))
    order = {each: number for number, each in enumerate(sorted(set(map(root, group))))}
    return [order[root(place)] % FOLDS for place in range(len(queries))]


def fit_order(queries: Sequence[Query], uses: Sequence[int]) -> list[float]:
    """A conditional logit: the weights under which the right candidates were likeliest to be chosen."""
    learnt = [query for query in queries if query.right.any()]
    rows = [np.array(standings(query.compared, uses)) for query in learnt]
    x = np.vstack(rows)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    x = (x - mean) / spread
    y = np.concatenate([query.right / query.right.sum() for query in learnt])
    lengths = [len(row) for row in rows]
    starts = np.cumsum([0, *lengths[:-1]])
    group = np.repeat(np.arange(len(learnt)), lengths)

    def loss(weights: Any) -> tuple[float, Any]:
        scores = x @ weights
        scores -= np.maximum.reduceat(scores, starts)[group]
        powers = np.exp(scores)
        totals = np.add.reduceat(powers, starts)[group]
        missed = -(y * (scores - np.log(totals))).sum() / len(learnt)
        slope = x.T @ (powers / totals - y) / len(learnt)
        return missed + RIDGE * weights @ weights, slope + 2 * RIDGE * weights

    found = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    return _folded(found.x, mean, spread, 0.0)


def fit_probability(
    queries: Sequence[Query], shares: Sequence[Sequence[float]], uses: Sequence[int]
) -> list[float]:
    rows = [
        described(row, share, len(of_query), uses)
        for query, of_query in zip(queries, shares, strict=True)
        for row, share in zip(query.compared, of_query, strict=True)
    ]
    x, y = np.array(rows), np.concatenate([query.right for query in queries])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=CONFIDENCE, max_iter=2_000).fit((x - mean) / spread, y)
    return _folded(fitted.coef_[0], mean, spread, float(fitted.intercept_[0]))


def _folded(weights: Any, mean: Any, spread: Any, bias: float) -> list[float]:
    """Weights of the numbers as they are, for those of the standardised."""
    weights = weights / spread
    return [float(f"{number:.6g}") for number in (bias - weights @ mean, *weights)]


def shares(order: Sequence[float], query: Query, uses: Sequence[int]) -> list[float]:
    return softmax([ranking._sum(order, row) for row in standings(query.compared, uses)])


def train(queries: Sequence[Query]) -> dict[str, Any]:
    """The content of the model's file."""
    content: dict[str, Any] = {"format": 1}
    chance = np.random.default_rng(SEED)
    variants = [versions(query, chance) for query in queries]
    fold_of = folds_of(queries)
    offered: list[tuple[float, bool, bool]] = []
    for name, uses in USES.items():
        held: list[tuple[Query, list[float]]] = []
        folds = []
        for fold in range(FOLDS):
            rest = [query for place, query in enumerate(queries) if fold_of[place] != fold]
            order = fit_order(rest, uses)
            own = [
                (query, shares(order, query, uses))
                for place, some in enumerate(variants)
                if fold_of[place] == fold
                for query in some
            ]
            folds.append(own)
            held += own
        if name == "semantic":
            for fold, own in enumerate(folds):
                others = [
                    each for other, found in enumerate(folds) if other != fold for each in found
                ]
                weights = fit_probability(*zip(*others, strict=True), uses)
                offered += [_best(weights, query, share, uses) for query, share in own]
        content[name] = {
            "uses": list(uses),
            "order": fit_order(queries, uses),
            "probability": fit_probability(*zip(*held, strict=True), uses),
        }
    content["floor"] = FLOOR
    content["same"] = threshold(offered)
    return content


def _best(
    weights: Sequence[float], query: Query, of_query: Sequence[float], uses: Sequence[int]
) -> tuple[float, bool, bool]:
    """Of the first candidate: its probability, whether it is right, whether it is contradicted."""
    place = max(range(len(of_query)), key=lambda place: of_query[place])
    sum_ = ranking._sum(
        weights, described(query.compared[place], of_query[place], len(of_query), uses)
    )
    document = query.candidates[place].document
    return (
        float(1 / (1 + np.exp(-sum_))),
        bool(query.right[place]),
        bool(contradictions(query.text, document.text)),
    )


def threshold(offered: Sequence[tuple[float, bool, bool]]) -> float:
    """The lowest probability from which on, of what nothing contradicts, no more than WRONG is wrong, as far
    as so few can tell."""
    wrong, lowest = 0, 1.0
    kept = sorted((each for each in offered if not each[2]), reverse=True)
    for n, (probability, right, _) in enumerate(kept, start=1):
        wrong += not right
        last = n == len(kept) or kept[n][0] < probability  # of those as probable
        if last and upper_bound(wrong, n) <= WRONG:
            lowest = probability
    return round(lowest, 4)


def upper_bound(wrong: int, n: int) -> float:
    """Wilson's upper bound of a share (Wilson 1927)."""
    share = wrong / n
    middle = share + Z * Z / (2 * n)
    spread = Z * ((share * (1 - share) + Z * Z / (4 * n)) / n) ** 0.5
    return (middle + spread) / (1 + Z * Z / n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the two tasks")
    parser.add_argument(
        "--out", type=Path, default=ranking.MODEL, help="where the model is written"
    )
    options = parser.parse_args()
    queries: list[Query] = []
    for task in tasks(options.data):
        names, documents = read_documents(task.docs)
        collection = Collection(documents)
        queries += compared(collection, names, read_split(*task.train), semantic=True)
    content = train(queries)
    options.out.write_text(
        "{\n"
        + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
        + "\n}\n"
    )
    print(f"{options.out}: from {len(queries)} queries; the same from {content['same']} on")


if __name__ == "__main__":
    main()
