"""The benchmark of search, small, on SQLite and with texts of our own: it runs, and says what it promises."""

import os
import re
import subprocess
import sys
from itertools import product

import pytest

from claims.search import encoding

from .conftest import BENCHMARKS

WHO = ("The mayor", "A minister", "The harbour board", "Nobody")
DID = ("closed", "promised", "measured", "paid for")
WHAT = ("the old lighthouse.", "a longer bridge.", "clean drinking water.")


@pytest.mark.skipif(not encoding.is_installed(), reason="needs the encoder")
def test_every_figure_is_measured(tmp_path):
    claims = tmp_path / "claims.txt"
    claims.write_text("\n".join(map(" ".join, product(WHO, DID, WHAT))), encoding="utf-8")
    options = ["--lines", claims, "--folder", tmp_path, "--asked", "3", "--starts", "1"]
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "search.py", "20", *options],
        env={**os.environ, "DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    rows = dict(re.findall(r"^\| ([^|]+?) \| (.*) \|$", done.stdout, re.MULTILINE))
    assert rows["p50 / p95 / p99, ms"] == "20"
    for built in ("full-text index built, s", "full-text index, MB", "files of vectors, MB"):
        assert len(re.findall(r"\d+\.\d+", rows[built])) == 1
    for asked in ("search, common words", "candidates, a sentence", "match, a post"):
        assert len(re.findall(r"\d+\.\d+", rows[asked])) == 3
    assert "match, a sentence, the first" in rows
    assert list(tmp_path.iterdir()) == [claims]
