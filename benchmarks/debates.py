"""Debates as CheckThat! 2019 task 1 has them: files of tab-separated line number, speaker, sentence, label.

Read leniently, because outsiders bring their own: the label may be missing, and so may a sentence or the
number of a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Beside the checkout; for research only, so that nothing of it stands in the project.
DEVELOPMENT = Path(__file__).resolve().parents[2] / "shared/data/check-worthy/clef2019-task1"

# How a debate is known again: by so many sentences, of at least so many letters and digits; and the share
# of them from which on it counts as the same. No two of the development files share one in a hundred.
MARKS, SAID, SHARED = 32, 20, 0.2


@dataclass(frozen=True)
class Debate:
    """One file: for each line its number as printed, speaker, sentence, and label (None where there is
    none); `marks`, by which it is known again however its file was saved."""

    name: str
    marks: frozenset[str]
    lines: Sequence[str]
    speakers: Sequence[str]
    sentences: Sequence[str]
    labels: Sequence[int | None]

    @property
    def measured(self) -> bool:
        """Whether every sentence has a label and at least one is check-worthy."""
        bare = any(
            label is None and sentence.strip()
            for label, sentence in zip(self.labels, self.sentences, strict=True)
        )
        return 1 in self.labels and not bare


def marks(sentences: Sequence[str]) -> frozenset[str]:
    """Return the lowest MARKS of the digests of the sentences' letters and digits, the short ones left
    out: of a part of a debate, these are about that part of the debate's."""
    said = {"".join(filter(str.isalnum, sentence.casefold())) for sentence in sentences}
    digests = {hashlib.sha256(each.encode()).hexdigest()[:16] for each in said if len(each) >= SAID}
    return frozenset(sorted(digests)[:MARKS])


def overlap(debate: Debate, known: frozenset[str]) -> bool:
    """Whether more than SHARED of the debate's marks are among those `known`."""
    return len(debate.marks & known) > SHARED * len(debate.marks)


def read(path: Path) -> Debate:
    """Return the Debate in a file. A line number that comes again is the same line, and counts once."""
    content = path.read_bytes()
    rows: dict[str, tuple[str, str, int | None]] = {}
    text = content.decode("utf-8-sig")
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], start=1):
        fields = line.rstrip("\r").split("\t")
        if not fields[0].strip().isdigit():
            if number == 1 and len(fields) > 1:
                continue  # a header
            last = next((int(each) for each in reversed(rows)), 0)
            fields = [str(last + 1), *fields[-1:]]  # no number: the one after the last
        label = fields[3].strip() if len(fields) > 3 else ""
        speaker, sentence = ([*fields[1:3], "", ""])[:2] if len(fields) > 2 else ("", fields[-1])
        rows.setdefault(
            fields[0].strip(), (speaker, sentence, int(label) if label in ("0", "1") else None)
        )
    return Debate(
        name=path.name,
        marks=marks([row[1] for row in rows.values()]),
        lines=list(rows),
        speakers=[row[0] for row in rows.values()],
        sentences=[row[1] for row in rows.values()],
        labels=[row[2] for row in rows.values()],
    )


def read_all(directory: Path) -> list[Debate]:
    """Return the Debates of a folder, in the order of their file names (*.tsv, *.txt, *.csv)."""
    paths = sorted(path for path in directory.iterdir() if path.suffix in (".tsv", ".txt", ".csv"))
    return [debate for debate in map(read, paths) if debate.lines]
