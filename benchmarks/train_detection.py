"""Writes sources/detection_model.json anew, from the labelled debates. The same data and versions give the
same file.

    .venv/bin/python benchmarks/train_detection.py [--data DIR] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from debates import DEVELOPMENT, read_all
from training import described, train

from sources.detection_model import MODEL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=DEVELOPMENT, help="folder of labelled debates")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model is written")
    options = parser.parse_args()
    debates = [debate for debate in read_all(options.data) if debate.measured]
    if not debates:
        parser.error(f"{options.data} holds no labelled debate.")
    content = train(debates, described(debates))
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    options.out.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    size = options.out.stat().st_size
    print(
        f"{options.out}: {len(content['trees'])} trees, {len(content['terms'])} terms, {size:,} bytes, "
        f"from {len(debates)} debates"
    )


if __name__ == "__main__":
    main()
