"""The files of a log, as C2SP's “tlog-tiles” has them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.log.tiles import (
    MAX_INDEX,
    Bundle,
    Tile,
    TileError,
    bundled,
    bundles,
    parse,
    partial_width,
    tiles,
    unbundled,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(3, 7, 1), "tile/3/007.p/1"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),  # the specification's example
        (Bundle(0), "tile/entries/000"),
        (Bundle(1234067, 12), "tile/entries/x001/x234/067.p/12"),
        (Bundle(MAX_INDEX), "tile/entries/x999/x999/x999/x999/x999/999"),
    ],
)
def test_an_address_is_written_and_read(tile, path):
    assert tile.path == path
    assert parse(path) == tile


@given(
    st.integers(0, 63) | st.none(),
    st.integers(0, MAX_INDEX) | st.integers(0, 3000),
    st.integers(1, 256),
)
def test_every_address_is_read_as_it_was_written(level, index, width):
    tile = Bundle(index, width) if level is None else Tile(level, index, width)
    assert parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/001/234",
        "tile/0/x1/234",
        "tile/0/x0012/234",
        "tile/0/X001/234",
        "tile/0/x000/001",
        "tile/0/x000/x001/234",
        "tile/0/-01",
        "tile/0/+01",
        "tile/0/٠٠١",
        "tile/0/x001/x000/x000/x000/x000/x000/000",
        "tile/-1/000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/100/000",
        "tile/data/000",
        "tile/Entries/000",
        "tile/entries/x000/001",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/1000",
        "tile/0/000.p/-1",
        "tile/0/000.p/1/",
        "tile/0/000/.p/1",
        "tile/0/000xp/1",
        "tile/entries/000.p/256",
    ],
)
def test_no_address_is_read_that_would_be_written_in_another_way(path):
    with pytest.raises(TileError):
        parse(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Tile(-1, 0), "level"),
        (lambda: Tile(64, 0), "level"),
        (lambda: Tile(0, -1), "number"),
        (lambda: Tile(0, MAX_INDEX + 1), "number"),
        (lambda: Tile(0, 0, 0), "wide"),
        (lambda: Tile(0, 0, 257), "wide"),
        (lambda: Bundle(-1), "number"),
        (lambda: Bundle(0, 0), "wide"),
    ],
)
def test_no_tile_is_made_that_no_log_has(make, why):
    with pytest.raises(TileError, match=why):
        make()


def test_a_tile_is_of_hashes_eight_levels_apart():
    assert Tile(0, 2, 3).places == [(0, 512), (0, 513), (0, 514)]
    assert Tile(2, 1, 2).places == [(16, 256), (16, 257)]
    assert len(Tile(1, 0).places) == 256


def test_a_bundle_has_the_entries_below_its_tile():
    assert Bundle(2, 3).entries == range(512, 515)


def test_the_tiles_of_the_specifications_example():
    found = list(tiles(70_000))
    assert found[:274] == [*(Tile(0, n) for n in range(273)), Tile(0, 273, 112)]
    assert found[274:] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, []),
        (1, [Tile(0, 0, 1)]),
        (255, [Tile(0, 0, 255)]),
        (256, [Tile(0, 0), Tile(1, 0, 1)]),
        (257, [Tile(0, 0), Tile(0, 1, 1), Tile(1, 0, 1)]),
        (512, [Tile(0, 0), Tile(0, 1), Tile(1, 0, 2)]),
    ],
)
def test_a_tree_has_the_tiles_of_its_size(size, expected):
    assert list(tiles(size)) == expected


def test_a_full_tile_of_tiles_has_one_hash_above_it():
    found = list(tiles(65_536))
    assert found[256:] == [Tile(1, 0), Tile(2, 0, 1)]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, []),
        (3, [Bundle(0, 3)]),
        (256, [Bundle(0)]),
        (515, [Bundle(0), Bundle(1), Bundle(2, 3)]),
    ],
)
def test_a_tree_has_the_bundles_of_its_size(size, expected):
    assert list(bundles(size)) == expected


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_what_came_since_is_what_the_smaller_tree_does_not_have(one, other):
    before, size = sorted((one, other))
    had = set(tiles(before))
    assert list(tiles(size, before)) == [tile for tile in tiles(size) if tile not in had]
    had_bundles = set(bundles(before))
    assert list(bundles(size, before)) == [
        each for each in bundles(size) if each not in had_bundles
    ]


@given(st.integers(0, 200_000))
def test_a_tree_has_all_of_its_tiles_and_would_not_with_one_leaf_less(size):
    last_ones = {}
    for tile in tiles(size):
        assert tile.is_in(size)
        last_ones[tile.level] = tile
    for tile in (*last_ones.values(), *list(bundles(size))[-1:]):
        leaves = tile.entries.stop if isinstance(tile, Bundle) else end_of(tile)
        assert tile.is_in(leaves)
        assert not tile.is_in(leaves - 1)


def end_of(tile):
    return (tile.index * 256 + tile.width) * 256**tile.level


@pytest.mark.parametrize(
    ("level", "size", "width"),
    [(0, 70_000, 112), (1, 70_000, 17), (2, 70_000, 1), (3, 70_000, 0), (0, 256, 0), (1, 256, 1)],
)
def test_the_last_tile_of_a_level_is_as_wide_as_is_left(level, size, width):
    assert partial_width(level, size) == width


def test_an_entry_stands_behind_its_length():
    assert bundled([b"", b"a", b"b" * 258]) == b"\0\0" + b"\0\1a" + b"\1\2" + b"b" * 258


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_is_read_as_it_was_written(entries):
    assert unbundled(bundled(entries)) == entries


def test_the_longest_entry_fits():
    assert unbundled(bundled([b"x" * 65_535])) == [b"x" * 65_535]


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([], "1 to 256 entries, not 0"),
        ([b""] * 257, "not 257"),
        ([b"x" * 65_536], "at most 65535 bytes, not 65536"),
    ],
)
def test_what_no_bundle_holds_is_refused(entries, why):
    with pytest.raises(TileError, match=why):
        bundled(entries)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "at least one"),
        (b"\0", "within entry 0"),
        (b"\0\1", "within entry 0"),
        (b"\0\1a\0", "within entry 1"),
        (b"\0\1a\0\2b", "within entry 1"),
        (b"\0\0" * 257, "at most 256"),
    ],
)
def test_bytes_that_are_no_bundle_are_refused(data, why):
    with pytest.raises(TileError, match=re.escape(why)):
        unbundled(data)
