"""The Merkle tree of a log (RFC 9162, section 2.1, with SHA-256): roots and proofs, and what verifies them.

Hashes are 32 bytes. What is kept are the hashes of *perfect* subtrees: (level, index) stands for the leaves
from index·2^level up to, and not including, (index+1)·2^level. A perfect subtree never changes; every other
hash is computed from few of them. The `needed_for_…` functions say beforehand which those are, so that a
database can be asked once. What verifies follows the algorithms of the RFC and shares nothing with what makes
the proofs but the two hash functions. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

HASH_SIZE = 32

Place = tuple[int, int]  # (level, index)
Nodes = Callable[[int, int], bytes]  # level, index → the hash of that perfect subtree

# The hash of a tree without leaves (§2.1.1).
EMPTY = hashlib.sha256(b"").digest()


class ProofError(ValueError):
    """A proof does not prove what it should; the message says what does not hold."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of the leaf that holds the entry `data`."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above the two nodes with these hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


def needed_for_append(size: int) -> list[Place]:
    """What `appended` asks for: the subtrees that the next leaf after `size` others completes from the right,
    lowest first."""
    _check_size(size)
    needed = []
    level = 0
    while size >> level & 1:
        needed.append((level, (size >> level) - 1))
        level += 1
    return needed


def appended(nodes: Nodes, size: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """Return (level, index, hash) of each perfect subtree that is complete once a tree of `size` leaves has
    one more, whose hash is `leaf`: that leaf itself, then those above it, upwards.

    Raises ValueError where `size` is negative or `leaf` is no hash.
    """
    if len(leaf) != HASH_SIZE:
        raise ValueError(f"The hash of a leaf has {HASH_SIZE} bytes, not {len(leaf)}.")
    complete = [(0, size, leaf)]
    for level, index in needed_for_append(size):
        leaf = node_hash(nodes(level, index), leaf)
        complete.append((level + 1, index >> 1, leaf))
    return complete


def needed_for_root(size: int) -> list[Place]:
    """What `root` asks for, from left to right."""
    _check_size(size)
    return _perfect(0, size)


def root(nodes: Nodes, size: int) -> bytes:
    """The hash of the tree of the first `size` leaves: MTH (§2.1.1). Raises ValueError below 0."""
    needed = needed_for_root(size)
    return _joined(nodes, needed) if needed else EMPTY


def needed_for_inclusion(index: int, size: int) -> list[Place]:
    """What `inclusion_proof` asks for."""
    return [place for subtree in _inclusion(index, size) for place in subtree]


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The hashes, from the leaf's sibling upwards, that with leaf number `index` (from 0) give the root of
    the first `size` leaves: PATH (§2.1.3.1). Raises ValueError where there is no such leaf."""
    return [_joined(nodes, subtree) for subtree in _inclusion(index, size)]


def needed_for_consistency(first: int, second: int) -> list[Place]:
    """What `consistency_proof` asks for."""
    return [place for subtree in _consistency(first, second) for place in subtree]


def consistency_proof(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """The hashes that show the tree of `first` leaves to be the beginning of that of `second`: PROOF
    (§2.1.4.1), lowest first; none where `first` is 0 or both are the same size.

    Raises ValueError where `first` is negative or above `second`.
    """
    return [_joined(nodes, subtree) for subtree in _consistency(first, second)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise ProofError unless `proof` shows that leaf number `index` (from 0) of the tree of `size` leaves
    with this `root` has the hash `leaf` (§2.1.3.2).

    The numbers are part of what is trusted: they belong to a signed checkpoint, or are tried one by one. Two
    sizes between which the way from a leaf to the root is the same are not told apart.
    """
    if not 0 <= index < size:
        raise ProofError(f"A tree of {size} leaves has no leaf number {index}.")
    _check_hashes(leaf, root, *proof)
    place, last = index, size - 1
    computed = leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("The proof is longer than the way from this leaf to the root.")
        if place & 1 or place == last:
            computed = node_hash(sibling, computed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("The proof is shorter than the way from this leaf to the root.")
    if computed != root:
        raise ProofError(
            f"The proof leads to another root than that of the tree of {size} leaves: "
            f"leaf number {index} is not what is said."
        )


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Raise ProofError unless `proof` shows that the tree of `first` leaves with the root `first_root` is the
    beginning of that of `second` leaves with the root `second_root` (§2.1.4.2).

    The empty tree is the beginning of every tree, which an empty proof says.
    """
    if not 0 <= first <= second:
        raise ProofError(f"A tree of {first} leaves cannot be the beginning of one of {second}.")
    _check_hashes(first_root, second_root, *proof)
    if first == 0 or first == second:
        _verify_trivial(first, second, proof, first_root, second_root)
        return
    if not proof:
        raise ProofError(f"Nothing proves the step from {first} to {second} leaves.")
    hashes = list(proof)
    if first & (first - 1) == 0:
        # The old tree is itself a node of the new one, which the proof need not say.
        hashes.insert(0, first_root)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofError("The proof is longer than the way from the old root to the new one.")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("The proof is shorter than the way from the old root to the new one.")
    if old != first_root:
        raise ProofError(f"The proof is of another tree of {first} leaves: the old root differs.")
    if new != second_root:
        raise ProofError(f"The proof is of another tree of {second} leaves: the new root differs.")


def _verify_trivial(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    if proof:
        raise ProofError(f"The step from {first} to {second} leaves is proved by nothing at all.")
    if first == 0 and first_root != EMPTY:
        raise ProofError("The old root is not that of the tree without leaves.")
    if first == second and first_root != second_root:
        raise ProofError(f"Two trees of {second} leaves have different roots.")


def _inclusion(index: int, size: int) -> list[list[Place]]:
    """The subtrees beside the way from the leaf to the root, upwards, each as its perfect parts."""
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} leaves has no leaf number {index}.")
    beside = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            beside.append(_perfect(middle, end))
            end = middle
        else:
            beside.append(_perfect(start, middle))
            start = middle
    return beside[::-1]


def _consistency(first: int, second: int) -> list[list[Place]]:
    """The subtrees whose hashes prove the step, lowest first, each as its perfect parts."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {first} leaves is not the beginning of one of {second}.")
    if first == 0:
        return []
    beside = []
    start, end = 0, second
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            beside.append(_perfect(middle, end))
            end = middle
        else:
            beside.append(_perfect(start, middle))
            start = middle
    if start:
        # Where the old tree is no node of the new one, its last part is told, too.
        beside.append(_perfect(start, end))
    return beside[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size`, which is at least 2: where a tree is divided (§2.1.1)."""
    return 1 << (size - 1).bit_length() - 1


def _perfect(start: int, end: int) -> list[Place]:
    """The perfect subtrees, from left to right, of the subtree over the leaves from `start` to `end`."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def _joined(nodes: Nodes, parts: Sequence[Place]) -> bytes:
    """The hash of the subtree that consists of `parts`."""
    *rest, last = [nodes(level, index) for level, index in parts]
    for left in reversed(rest):
        last = node_hash(left, last)
    return last


def _check_size(size: int) -> None:
    if size < 0:
        raise ValueError(f"No tree has {size} leaves.")


def _check_hashes(*hashes: bytes) -> None:
    # Of another length, two hashes could be read as one other pair.
    for each in hashes:
        if len(each) != HASH_SIZE:
            raise ProofError(f"A hash has {HASH_SIZE} bytes, not {len(each)}.")
