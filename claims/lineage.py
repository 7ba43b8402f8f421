"""What derives from what: the sources of one origin as a tree. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.models import Source


@dataclass
class Node:
    """A source, and what is derived from it."""

    source: Source
    is_this: bool = False
    children: list[Node] = field(default_factory=list)


@dataclass
class Lineage:
    origin: Node
    n_hidden: int  # sources of the family that the tree leaves out


def lineage(family: Iterable[Source], this: Source, *, most: int) -> Lineage | None:
    """Return the tree of `family` (`sources.querysets.Family`), in which `this` is; None where it is alone.

    Of a family of more than `most` sources, only the way from the origin to `this`, and of what comes from
    it the first `most`, the nearest first. A chain that bites its own tail begins anywhere in it.
    """
    nodes = {source.pk: Node(source, source.pk == this.pk) for source in family}
    below: dict[int, list[Node]] = {}
    for node in nodes.values():
        if node.source.derived_from_id in nodes:
            below.setdefault(node.source.derived_from_id, []).append(node)
    above = [nodes[this.pk]]
    while (parent := nodes.get(above[-1].source.derived_from_id or 0)) and parent not in above:
        above.append(parent)
    if len(nodes) > most:
        kept = _nearest(nodes[this.pk], below, most) | {id(node) for node in above}
    else:
        kept = {id(node) for node in nodes.values()}
    origin = above[-1]
    seen = {id(origin)}
    queue = [origin]
    for node in queue:
        for child in below.get(node.source.pk, ()):
            if id(child) in kept and id(child) not in seen:
                seen.add(id(child))
                node.children.append(child)
                queue.append(child)
    return Lineage(origin, len(nodes) - len(seen)) if len(nodes) > 1 else None


def _nearest(node: Node, below: dict[int, list[Node]], most: int) -> set[int]:
    """The ids of at most `most` nodes below `node`, generation by generation."""
    found: dict[int, Node] = {}
    generation = [node]
    while generation and len(found) < most:
        generation = [
            child
            for parent in generation
            for child in below.get(parent.source.pk, ())
            if id(child) not in found
        ]
        found.update((id(child), child) for child in generation)
    return set(list(found)[:most])
