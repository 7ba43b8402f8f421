"""What a log says of its tree, by C2SP's “tlog-checkpoint” (https://c2sp.org/tlog-checkpoint). Pure.

A checkpoint is the text of a signed note (`notes`): the log's name, how many leaves its tree has, the hash of
its root, and lines of which nothing is known here.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from .merkle import HASH_SIZE
from .notes import decode_base64

# What databases and other programs hold in 64 bits with a sign; the specification sets no limit.
MAX_SIZE = 2**63 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x1f]")


class CheckpointError(ValueError):
    """A text is no checkpoint, or none can say this; the message says why."""


@dataclass(frozen=True)
class Checkpoint:
    """`origin`: the name of the log, a URL without its scheme; `size`: the number of leaves; `root`: the hash
    of the tree, 32 bytes; `extensions`: further lines, which no monitor can check. CheckpointError refuses
    what no line can hold."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line:
                raise CheckpointError("A line is empty.")
            if _CONTROL.search(line):
                raise CheckpointError("A line holds a control character.")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointError(f"The size of a tree is between 0 and {MAX_SIZE}.")
        if len(self.root) != HASH_SIZE:
            raise CheckpointError(f"The root has {len(self.root)} bytes, not {HASH_SIZE}.")

    def text(self) -> str:
        """The lines, each with its line break, to be signed as a note."""
        root = base64.b64encode(self.root).decode()
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions)
        )

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note, after its signature was verified: `text()` gives it back as it was.

        Raises CheckpointError.
        """
        if not text.endswith("\n"):
            raise CheckpointError("The last line does not end with a line break.")
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3:
            raise CheckpointError("There are fewer than three lines.")
        origin, size, root, *extensions = lines
        if not _DECIMAL.fullmatch(size):
            raise CheckpointError("The second line is no decimal number without leading zeros.")
        try:
            decoded = decode_base64(root)
        except ValueError as error:
            raise CheckpointError(f"The third line is no hash: {error}") from None
        return cls(origin, int(size), decoded, tuple(extensions))
