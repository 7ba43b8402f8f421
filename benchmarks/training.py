"""Trains the model of sources/detection on labelled debates. The answer is the content of
sources/detection_model.json, so that what is measured is what is shipped."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

# One thread: the same trees on every machine, and no quarrel over two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from debates import Debate
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from sources.detection_model import FORMAT, Tree, digest, from_content
from sources.traits import terms, traits

SEEDS = 3
TREES = {
    "max_iter": 100,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 5.0,
    "max_features": 0.3,
    "early_stopping": False,
}
RARE = 3  # a term in fewer sentences is left out
QUANTILES = 200


def once(debate: Debate) -> list[int]:
    """The places of a debate's lines, without those that say again what the same speaker said before."""
    seen = dict.fromkeys(zip(debate.speakers, debate.sentences, strict=True))
    places = []
    for place, said in enumerate(zip(debate.speakers, debate.sentences, strict=True)):
        if said in seen and debate.sentences[place].strip():
            del seen[said]
            places.append(place)
    return places


def exported(nodes: Any, at: int = 0) -> Tree:
    node = nodes[at]
    if node["is_leaf"]:
        return round(float(node["value"]), 5)
    return [
        int(node["feature_idx"]),
        float(f"{node['num_threshold']:.6g}"),
        exported(nodes, node["left"]),
        exported(nodes, node["right"]),
    ]


def counts(sentence: str) -> list[str]:
    return list(terms(sentence).elements())


def train(debates: Sequence[Debate], described: Sequence[list[dict[str, float]]]) -> dict[str, Any]:
    """Return the content of a model trained on `debates`, whose traits are `described`. Deterministic."""
    rows = [
        (debate.sentences[place], described[number][place], debate.labels[place])
        for number, debate in enumerate(debates)
        for place in once(debate)
    ]
    sentences = [row[0] for row in rows]
    labels = np.array([row[2] for row in rows])
    vectorizer = DictVectorizer(sparse=False)
    matrix = vectorizer.fit_transform([row[1] for row in rows])
    trees: list[Tree] = []
    for seed in range(SEEDS):
        grown = HistGradientBoostingClassifier(random_state=seed, **TREES).fit(matrix, labels)
        trees += [exported(each[0].nodes) for each in grown._predictors]
    words = TfidfVectorizer(analyzer=counts, sublinear_tf=True, min_df=min(RARE, len(rows)))
    said = LogisticRegression(C=0.3, class_weight="balanced", solver="liblinear", random_state=0)
    said.fit(words.fit_transform(sentences), labels)
    content: dict[str, Any] = {
        "format": FORMAT,
        "traits": [str(name) for name in vectorizer.get_feature_names_out()],
        "trees": trees,
        "terms": {
            str(term): [round(float(rare), 3), round(float(weight), 4)]
            for term, rare, weight in zip(
                words.get_feature_names_out(), words.idf_, said.coef_[0], strict=True
            )
        },
        "scales": [1.0, 1.0],
        "quantiles": [],
        "trained_on": sorted({mark for debate in debates for mark in debate.marks}),
    }
    halves = []
    for trees_, terms_ in ((trees, {}), ([], content["terms"])):
        half = finished(content | {"trees": trees_, "terms": terms_})
        halves.append(scores(half, sentences, [row[1] for row in rows]))
    content["scales"] = [round(float(np.std(half)) or 1.0, 5) for half in halves]
    both = scores(finished(content), sentences, [row[1] for row in rows])
    content["quantiles"] = [
        round(float(value), 4) for value in np.quantile(both, np.linspace(0, 1, QUANTILES))
    ]
    return finished(content)


def finished(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"sha256": digest(content)}


def scores(
    content: dict[str, Any], sentences: Sequence[str], described: Sequence[dict[str, float]]
) -> list[float]:
    """What the content of a model, read as the project reads it, gives to each sentence."""
    model = from_content(content)
    return [
        model.score(trait, terms(sentence))
        for sentence, trait in zip(sentences, described, strict=True)
    ]


def described(debates: Sequence[Debate]) -> list[list[dict[str, float]]]:
    return [traits(debate.sentences, debate.speakers) for debate in debates]


def baseline(debates: Sequence[Debate]) -> Any:
    """TF-IDF of words and logistic regression, as the library makes them: a function from sentences to
    their scores."""
    words = TfidfVectorizer()
    said = LogisticRegression(max_iter=1000)
    said.fit(
        words.fit_transform([sentence for debate in debates for sentence in debate.sentences]),
        [label or 0 for debate in debates for label in debate.labels],
    )
    return lambda sentences: said.decision_function(words.transform(sentences)).tolist()
