"""The files that a log is published in, by C2SP's “tlog-tiles” (https://c2sp.org/tlog-tiles). Pure.

A tile is a row of up to 256 hashes, side by side, eight levels of the tree above those of the tile below
it; a bundle is the entries below a tile of level 0. Full ones never change. What the tree has beyond its last
full tile is a partial tile, whose width its address says, so that it does not change either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_LEVEL = 63
# No tree of 64 bits has a tile beyond.
MAX_INDEX = 10**18 - 1
# The length of an entry is two bytes.
LENGTH_SIZE = 2
MAX_ENTRY = 2 ** (8 * LENGTH_SIZE) - 1

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class TileError(ValueError):
    """There is no such tile or bundle, or its bytes are none; the message says why."""


@dataclass(frozen=True)
class Tile:
    """Tile number `index` of `level` (0: hashes of leaves), both from 0, with its first `width` hashes."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= MAX_LEVEL:
            raise TileError(f"The level of a tile is between 0 and {MAX_LEVEL}.")
        _check(self.index, self.width)

    @property
    def path(self) -> str:
        """Its address below that of the log, without a slash in front."""
        return f"tile/{self.level}/{_numbered(self.index, self.width)}"

    @property
    def places(self) -> list[tuple[int, int]]:
        """(level, index) of each of its hashes in order, as `merkle` counts levels."""
        first = self.index * WIDTH
        return [(self.level * HEIGHT, first + i) for i in range(self.width)]

    def is_in(self, size: int) -> bool:
        """Whether a tree of `size` leaves has all hashes of the tile."""
        return self.index * WIDTH + self.width <= size >> self.level * HEIGHT


@dataclass(frozen=True)
class Bundle:
    """The entries below tile number `index` (from 0) of level 0, the first `width` of them."""

    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        _check(self.index, self.width)

    @property
    def path(self) -> str:
        """Its address below that of the log, without a slash in front."""
        return f"tile/entries/{_numbered(self.index, self.width)}"

    @property
    def entries(self) -> range:
        """The numbers of its entries, from 0."""
        return range(self.index * WIDTH, self.index * WIDTH + self.width)

    def is_in(self, size: int) -> bool:
        """Whether a tree of `size` leaves has all entries of the bundle."""
        return self.entries.stop <= size


def parse(path: str) -> Tile | Bundle:
    """Read an address, as `path` writes it. Raises TileError for any other way to write one."""
    match = _PATH.fullmatch(path)
    if not match:
        raise TileError("That is no address of a tile or a bundle.")
    index = int(re.sub("[x/]", "", match["index"]))
    width = int(match["width"] or WIDTH)
    level = match["level"]
    found = Bundle(index, width) if level == "entries" else Tile(int(level), index, width)
    if found.path != path:
        # Zeros in front, or a full tile that is called partial.
        raise TileError(f"That is written {found.path}.")
    return found


def partial_width(level: int, size: int) -> int:
    """How wide the partial tile of `level` is in a tree of `size` leaves; 0 where there is none."""
    return (size >> level * HEIGHT) % WIDTH


def tiles(size: int, since: int = 0) -> Iterator[Tile]:
    """The tiles of a tree of `size` leaves, level by level, without those that a tree of `since` leaves has:
    no tile twice, and the last of a level the partial one, if any."""
    level = 0
    while n_hashes := size >> level * HEIGHT:
        for index, width in _widths(n_hashes, since >> level * HEIGHT):
            yield Tile(level, index, width)
        level += 1


def bundles(size: int, since: int = 0) -> Iterator[Bundle]:
    """The bundles of a tree of `size` leaves, without those that a tree of `since` leaves has."""
    for index, width in _widths(size, since):
        yield Bundle(index, width)


def bundled(entries: Sequence[bytes]) -> bytes:
    """The bytes of the bundle of `entries` (“Log entries”). Raises TileError where there are none or more
    than 256, or one is longer than 65,535 bytes."""
    if not 1 <= len(entries) <= WIDTH:
        raise TileError(f"A bundle has 1 to {WIDTH} entries, not {len(entries)}.")
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TileError(f"An entry has at most {MAX_ENTRY} bytes, not {len(entry)}.")
    return b"".join(len(entry).to_bytes(LENGTH_SIZE, "big") + entry for entry in entries)


def unbundled(data: bytes) -> list[bytes]:
    """The entries of the bundle with the bytes `data`. Raises TileError where it ends too early, or has none
    or more than 256."""
    entries: list[bytes] = []
    start = 0
    while start < len(data):
        if len(entries) == WIDTH:
            raise TileError(f"A bundle has at most {WIDTH} entries.")
        begin = start + LENGTH_SIZE
        end = begin + int.from_bytes(data[start:begin], "big")
        if end > len(data):
            raise TileError(f"The bundle ends within entry {len(entries)}.")
        entries.append(data[begin:end])
        start = end
    if not entries:
        raise TileError("A bundle has at least one entry.")
    return entries


def _widths(n: int, n_before: int) -> Iterator[tuple[int, int]]:
    """(index, width) of the tiles of `n` hashes that are not among those of `n_before`."""
    for index in range(n_before // WIDTH, n // WIDTH):
        yield index, WIDTH
    if n % WIDTH and n > n_before:
        yield n // WIDTH, n % WIDTH


def _numbered(index: int, width: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *groups, last = (digits[i : i + 3] for i in range(0, len(digits), 3))
    partial = f".p/{width}" if width < WIDTH else ""
    return "".join(f"x{group}/" for group in groups) + last + partial


def _check(index: int, width: int) -> None:
    if not 0 <= index <= MAX_INDEX:
        raise TileError(f"The number of a tile is between 0 and {MAX_INDEX}.")
    if not 1 <= width <= WIDTH:
        raise TileError(f"A tile is 1 to {WIDTH} wide, not {width}.")
