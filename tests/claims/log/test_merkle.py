"""Trees of a log, held against the roots and proofs that Certificate Transparency's programs are tested with,
and against the definitions of RFC 9162, section 2.1, written out."""

import hashlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.log.merkle import (
    EMPTY,
    ProofError,
    appended,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    needed_for_append,
    needed_for_consistency,
    needed_for_inclusion,
    needed_for_root,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The published test data: entries, and the root after each.
PUBLISHED = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]
PUBLISHED_INCLUSION = [  # index, size, proof
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
PUBLISHED_CONSISTENCY = [  # first, second, proof
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

LARGEST = 70
LEAVES = [leaf_hash(b"entry %d" % n) for n in range(LARGEST)]


def grown(leaves):
    """What is kept of the tree of `leaves`, appended one after the other: {(level, index): hash}."""
    kept = {}
    for size, leaf in enumerate(leaves):
        for level, index, found in appended(reader(kept), size, leaf):
            assert (level, index) not in kept
            kept[level, index] = found
    return kept


def reader(kept):
    return lambda level, index: kept[level, index]


KEPT = grown(LEAVES)
NODES = reader(KEPT)


# The definitions of the RFC, over the leaves from `start` to `end`.


def half(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@cache
def mth(start, end):
    """§2.1.1"""
    if start == end:
        return hashlib.sha256().digest()
    if end - start == 1:
        return LEAVES[start]
    middle = start + half(end - start)
    return hashlib.sha256(b"\1" + mth(start, middle) + mth(middle, end)).digest()


def path(m, start, end):
    """§2.1.3.1"""
    if end - start == 1:
        return []
    k = half(end - start)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m, start, end, whole):
    """§2.1.4.1"""
    if m == end - start:
        return [] if whole else [mth(start, end)]
    k = half(end - start)
    if m <= k:
        return [*subproof(m, start, start + k, whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


def flipped(data, bit):
    """`data` with one bit changed."""
    number = int.from_bytes(data, "big") ^ 1 << bit % (8 * len(data))
    return number.to_bytes(len(data), "big")


def published():
    kept = grown([leaf_hash(bytes.fromhex(entry)) for entry, _ in PUBLISHED])
    return reader(kept)


def test_the_empty_tree_has_the_hash_of_nothing():
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(NODES, 0) == EMPTY


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size):
    assert root(published(), size).hex() == PUBLISHED[size - 1][1]


@pytest.mark.parametrize(("index", "size", "proof"), PUBLISHED_INCLUSION)
def test_the_published_inclusion_proofs_come_out_and_verify(index, size, proof):
    hashes = [bytes.fromhex(each) for each in proof]
    assert inclusion_proof(published(), index, size) == hashes
    leaf = leaf_hash(bytes.fromhex(PUBLISHED[index][0]))
    verify_inclusion(leaf, index, size, hashes, bytes.fromhex(PUBLISHED[size - 1][1]))


@pytest.mark.parametrize(("first", "second", "proof"), PUBLISHED_CONSISTENCY)
def test_the_published_consistency_proofs_come_out_and_verify(first, second, proof):
    hashes = [bytes.fromhex(each) for each in proof]
    assert consistency_proof(published(), first, second) == hashes
    roots = [bytes.fromhex(PUBLISHED[size - 1][1]) for size in (first, second)]
    verify_consistency(first, second, hashes, *roots)


def test_a_leaf_is_never_taken_for_a_node():
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


def test_appending_keeps_every_perfect_subtree_once_it_is_complete():
    expected = {
        (level, index): mth(index << level, index + 1 << level)
        for level in range(7)
        for index in range(LARGEST >> level)
    }
    assert expected == KEPT


def test_every_root_is_that_of_the_definition():
    for size in range(LARGEST + 1):
        assert root(NODES, size) == mth(0, size)


def test_every_inclusion_proof_is_that_of_the_definition_and_verifies():
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(NODES, index, size)
            assert proof == path(index, 0, size)
            verify_inclusion(LEAVES[index], index, size, proof, mth(0, size))


def test_every_consistency_proof_is_that_of_the_definition_and_verifies():
    for second in range(1, LARGEST + 1):
        for first in range(1, second + 1):
            proof = consistency_proof(NODES, first, second)
            assert proof == subproof(first, 0, second, True)
            verify_consistency(first, second, proof, mth(0, first), mth(0, second))


def test_the_empty_tree_is_the_beginning_of_every_tree():
    for second in range(LARGEST + 1):
        proof = consistency_proof(NODES, 0, second)
        assert proof == []
        verify_consistency(0, second, proof, EMPTY, mth(0, second))


@pytest.mark.parametrize("size", [*range(20), 10**15 - 1, 2**62 - 1])
def test_appending_asks_for_what_it_says_that_it_needs(size):
    asked = []
    appended(recorded(asked), size, LEAVES[0])
    assert asked == needed_for_append(size)


@pytest.mark.parametrize("size", [*range(20), 10**15, 2**62 - 1])
def test_a_root_asks_for_what_it_says_that_it_needs(size):
    asked = []
    root(recorded(asked), size)
    assert asked == needed_for_root(size)
    assert len(asked) <= size.bit_length()


@pytest.mark.parametrize("size", [*range(1, 20), 10**15, 2**62 - 1])
def test_an_inclusion_proof_asks_for_what_it_says_that_it_needs(size):
    for index in {0, size // 3, size // 2, size - 1}:
        asked = []
        inclusion_proof(recorded(asked), index, size)
        assert asked == needed_for_inclusion(index, size)
        assert len(asked) <= 2 * size.bit_length()


@pytest.mark.parametrize("size", [*range(1, 20), 10**15, 2**62 - 1])
def test_a_consistency_proof_asks_for_what_it_says_that_it_needs(size):
    for first in {0, 1, size // 3, size // 2, size - 1, size}:
        asked = []
        consistency_proof(recorded(asked), first, size)
        assert asked == needed_for_consistency(first, size)
        assert len(asked) <= 2 * size.bit_length()


def recorded(asked):
    """A reader that knows every hash, and writes down what it was asked for."""

    def nodes(level, index):
        asked.append((level, index))
        return hashlib.sha256(b"%d/%d" % (level, index)).digest()

    return nodes


sizes = st.integers(1, LARGEST)


@given(sizes, st.data())
def test_an_inclusion_proof_with_one_bit_changed_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 255))
    said = [LEAVES[index], mth(0, size), *path(index, 0, size)]
    changed = data.draw(st.integers(0, len(said) - 1))
    said[changed] = flipped(said[changed], bit)
    leaf, top, *proof = said
    with pytest.raises(ProofError, match="leads to another root"):
        verify_inclusion(leaf, index, size, proof, top)


@given(sizes, st.data())
def test_a_consistency_proof_with_one_bit_changed_is_refused(second, data):
    first = data.draw(st.integers(1, second))
    bit = data.draw(st.integers(0, 255))
    said = [mth(0, first), mth(0, second), *subproof(first, 0, second, True)]
    changed = data.draw(st.integers(0, len(said) - 1))
    said[changed] = flipped(said[changed], bit)
    old, new, *proof = said
    with pytest.raises(ProofError, match=r"differs|have different roots"):
        verify_consistency(first, second, proof, old, new)


def test_every_hash_of_every_proof_counts():
    for size in range(1, LARGEST + 1):
        for index in range(0, size, 3):
            for proof in one_changed(path(index, 0, size)):
                with pytest.raises(ProofError):
                    verify_inclusion(LEAVES[index], index, size, proof, mth(0, size))
        for first in range(1, size, 3):
            for proof in one_changed(subproof(first, 0, size, True)):
                with pytest.raises(ProofError):
                    verify_consistency(first, size, proof, mth(0, first), mth(0, size))


def one_changed(proof):
    """`proof` with one bit changed, in each of its hashes in turn."""
    for place, old in enumerate(proof):
        yield [*proof[:place], flipped(old, 37 * place), *proof[place + 1 :]]


@pytest.mark.parametrize("size", range(2, 34))
def test_no_leaf_is_shown_at_the_place_of_another(size):
    for index in range(size):
        proof = path(index, 0, size)
        for other in set(range(size)) - {index}:
            with pytest.raises(ProofError):
                verify_inclusion(LEAVES[index], other, size, proof, mth(0, size))


@pytest.mark.parametrize("size", range(1, 34))
def test_no_proof_of_one_tree_is_one_of_a_larger_or_smaller(size):
    for index in range(size):
        proof = path(index, 0, size)
        for other in set(range(index + 1, 34)) - {size}:
            with pytest.raises(ProofError):
                verify_inclusion(LEAVES[index], index, other, proof, mth(0, other))


def test_sizes_between_which_the_way_is_the_same_are_told_apart_by_the_checkpoint_alone():
    # As the algorithm of the RFC has it: from leaf 0, three leaves look like four.
    verify_inclusion(LEAVES[0], 0, 4, path(0, 0, 3), mth(0, 3))


@pytest.mark.parametrize("second", range(2, 26))
def test_no_proof_of_one_step_is_one_of_another(second):
    for first in range(1, second):
        proof = subproof(first, 0, second, True)
        for other in set(range(1, second)) - {first}:
            with pytest.raises(ProofError):
                verify_consistency(other, second, proof, mth(0, other), mth(0, second))
            with pytest.raises(ProofError):
                verify_consistency(other, second, proof, mth(0, first), mth(0, second))
        for other in set(range(first, 26)) - {second}:
            with pytest.raises(ProofError):
                verify_consistency(first, other, proof, mth(0, first), mth(0, other))


def test_a_log_that_took_an_entry_back_cannot_prove_the_step():
    rewritten = reader(grown([*LEAVES[:5], leaf_hash(b"another"), *LEAVES[6:20]]))
    proof = consistency_proof(rewritten, 10, 20)
    with pytest.raises(ProofError, match="old root differs"):
        verify_consistency(10, 20, proof, mth(0, 10), root(rewritten, 20))


@given(sizes, st.data())
def test_a_proof_with_a_hash_too_few_or_too_many_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = path(index, 0, size)
    wrong = data.draw(st.sampled_from([[*proof, EMPTY], *([proof[:-1]] if proof else [])]))
    with pytest.raises(ProofError, match="longer" if len(wrong) > len(proof) else "shorter"):
        verify_inclusion(LEAVES[index], index, size, wrong, mth(0, size))


@given(sizes, st.data())
def test_a_proof_of_a_step_with_a_hash_too_few_or_too_many_is_refused(second, data):
    first = data.draw(st.integers(0, second))
    proof = subproof(first, 0, second, True) if first else []
    wrong = data.draw(st.sampled_from([[*proof, EMPTY], *([proof[:-1]] if proof else [])]))
    with pytest.raises(ProofError, match=r"longer|shorter|Nothing proves|by nothing at all"):
        verify_consistency(first, second, wrong, mth(0, first), mth(0, second))


@pytest.mark.parametrize(
    ("leaf", "index", "size", "proof", "why"),
    [
        (LEAVES[0], 1, 1, [], "no leaf number 1"),
        (LEAVES[0], -1, 1, [], "no leaf number -1"),
        (LEAVES[0], 0, 0, [], "0 leaves has no leaf"),
        (LEAVES[0][:31], 0, 1, [], "not 31"),
        (LEAVES[0], 0, 2, [LEAVES[1] + b"\0"], "not 33"),
        (LEAVES[0], 0, 2, [b""], "not 0"),
    ],
)
def test_what_cannot_be_a_proof_of_a_leaf_is_refused_with_its_reason(leaf, index, size, proof, why):
    with pytest.raises(ProofError, match=why):
        verify_inclusion(leaf, index, size, proof, mth(0, max(size, 0)))


@pytest.mark.parametrize(
    ("first", "second", "proof", "old", "new", "why"),
    [
        (3, 2, [], mth(0, 3), mth(0, 2), "cannot be the beginning"),
        (-1, 2, [], EMPTY, mth(0, 2), "cannot be the beginning"),
        (0, 2, [], LEAVES[0], mth(0, 2), "without leaves"),
        (2, 2, [], mth(0, 2), mth(0, 3), "different roots"),
        (0, 0, [], EMPTY, LEAVES[0], "different roots"),
        (1, 2, [], mth(0, 1), mth(0, 2), "Nothing proves"),
        (1, 2, [b"short"], mth(0, 1), mth(0, 2), "not 5"),
        (1, 2, [LEAVES[1]], mth(0, 1) + b"\0", mth(0, 2), "not 33"),
        (1, 2, [LEAVES[1]], LEAVES[2], mth(0, 2), "new root differs"),
        (3, 4, subproof(3, 0, 4, True), mth(0, 2), mth(0, 4), "old root differs"),
    ],
)
def test_what_cannot_be_a_proof_of_a_step_is_refused_with_its_reason(
    first, second, proof, old, new, why
):
    with pytest.raises(ProofError, match=why):
        verify_consistency(first, second, proof, old, new)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: root(NODES, -1),
        lambda: appended(NODES, -1, LEAVES[0]),
        lambda: appended(NODES, 0, b"an entry, not its hash"),
        lambda: inclusion_proof(NODES, 5, 5),
        lambda: inclusion_proof(NODES, -1, 5),
        lambda: inclusion_proof(NODES, 0, 0),
        lambda: consistency_proof(NODES, 6, 5),
        lambda: consistency_proof(NODES, -1, 5),
    ],
)
def test_what_no_tree_has_is_not_asked_for(ask):
    with pytest.raises(ValueError, match=r"leaves|leaf"):
        ask()
