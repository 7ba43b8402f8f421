"""How much of a resource is answered: `fields=` leaves parts out, `expand=` gives links in full.

Both name places by dotted paths (`verdict.rating.slug`), and are checked against what the serializers
say before any row is read. A link is what a serializer with a `resource` shows. It is expanded after its
page is made: all of one place are looked up together, as their own list would show them, so that what an
expansion costs depends neither on the number of rows nor on how often something is linked.

drf-flex-fields and drf-restql have the same parameters, but pass over a name that is unknown, and ask
for an expanded row one by one unless each view says how not to.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PARAMETERS = ("fields", "expand")
MOST = 20  # paths in one parameter that expands
DEEPEST = 2  # links that follow each other in a path

# Names, each with what is chosen below it; nothing below a name stands for all of it.
Tree = dict[str, "Tree"]


class Selection:
    """What one request asks for of `serializer`, which shows the rows of its resource.

    `resources` are the views by the name that serializers of links give. Raises ValidationError, naming
    the parameter, for what is not there.
    """

    def __init__(self, request: Request, serializer: Any, resources: Mapping[str, Any]) -> None:
        asked = request.query_params.get("fields", "")
        self.order = [tuple(path.strip().split(".")) for path in asked.split(",") if asked]
        self.fields = self.read(request, "fields", most=None)
        self.expand = self.read(request, "expand", most=MOST)
        self.resources = resources
        if self.fields or self.expand:
            self.check(serializer, self.fields, self.expand)

    def __bool__(self) -> bool:
        return bool(self.fields or self.expand)

    def read(self, request: Request, name: str, *, most: int | None) -> Tree:
        text = request.query_params.get(name)
        if not text:
            return {}
        paths = {tuple(path.strip().split(".")) for path in text.split(",")}
        if any("" in path for path in paths):
            refused = (
                "A name is empty: put one comma between names, one dot within them, and none at "
                "the ends."
            )
            raise ValidationError({name: [refused]})
        if most and len(paths) > most:
            raise ValidationError({name: [f"Give {most} at most."]})
        tree: Tree = {}
        for path in sorted(paths):
            at = tree
            for depth, part in enumerate(path):
                known = part in at
                below = at.setdefault(part, {})
                # Shorter paths come first: all of a thing takes in what else is asked of it. But what is
                # expanded is expanded, and something in it as well.
                if name == "fields" and known and not below and depth < len(path) - 1:
                    break
                at = below
        return tree

    def check(
        self, node: Any, fields: Tree, expand: Tree, path: tuple[str, ...] = (), links: int = 0
    ) -> None:
        known = self.known(node, {})
        for name, tree in (("fields", fields), ("expand", expand)):
            for part in tree:
                if part not in known:
                    raise refusal(name, (*path, part), "There is no field {}.")
        for part in expand:
            here = (*path, part)
            is_link = resource_of(known[part]) is not None
            if fields and part not in fields:
                raise refusal("expand", here, "{} is not among the fields.")
            if not is_link and not expand[part]:
                raise refusal("expand", here, "{} is no link: there is nothing to expand.")
            if is_link and links == DEEPEST:
                raise refusal("expand", here, f"{{}} is more than {DEEPEST} links away.")
        for part in fields | expand:
            below = (fields.get(part, {}), expand.get(part, {}))
            if any(below):
                link = part in expand and resource_of(known[part]) is not None
                node = self.expanded(known[part]) if link else known[part]
                self.check(node, *below, (*path, part), links + link)

    def expanded(self, field: Any) -> Any:
        """The serializer that shows in full what `field` links to, with what only the link says of it."""
        link = bare(field)
        full = self.resources[link.resource].serializer_class()
        for name, said in getattr(link, "fields", {}).items():
            if name not in full.fields:
                full.fields[name] = copy.deepcopy(said)
        return full

    def known(self, node: Any, expand: Tree) -> dict[str, Any]:
        """The fields of a node, those to be expanded as they then are."""
        fields = dict(getattr(bare(node), "fields", {}))
        for name in expand:
            if resource_of(fields[name]):
                fields[name] = self.expanded(fields[name])
        return fields

    # --- Leaving out ---

    def restrict(self, serializer: Any) -> Any:
        """Leave to `serializer` (which is the request's own) what is wanted, before it shows a row."""
        self._restrict(serializer, self.fields, self.expand)
        return serializer

    def _restrict(self, serializer: Any, fields: Tree, expand: Tree) -> None:
        if not fields:
            return
        own = bare(serializer).fields
        for name in list(own):
            if name not in fields:
                del own[name]
            elif name in expand and resource_of(own[name]):
                # To be looked up, it needs its key, whether or not that is wanted.
                if fields[name] and hasattr(bare(own[name]), "fields"):
                    self._restrict(own[name], {**fields[name], "slug": {}}, {})
            else:
                self._restrict(own[name], fields[name], expand.get(name, {}))

    # --- Giving in full ---

    def fill(self, rows: list[dict[str, Any]], serializer: Any) -> None:
        """Put what is expanded into the place of its links in `rows`, which `serializer` has shown."""
        self._fill(rows, serializer, self.fields, self.expand)

    def _fill(self, rows: list[Any], node: Any, fields: Tree, expand: Tree) -> None:
        for name, below in expand.items():
            field = bare(node).fields[name]
            wanted = fields.get(name, {})
            resource = resource_of(field)
            if resource is None:
                inside = [value for row in rows for value in values(row[name])]
                self._fill(inside, field, wanted, below)
                continue
            found = self.look_up(resource, rows, name, wanted, below)
            for row in rows:
                row[name] = replaced(row[name], found, wanted)

    def look_up(
        self, resource: str, rows: list[Any], name: str, fields: Tree, expand: Tree
    ) -> dict[str, Any]:
        view = self.resources[resource]
        keys = {key_of(link) for row in rows for link in values(row[name])}
        serializer = view.serializer_class()
        if fields:
            kept = {part: below for part, below in fields.items() if part in serializer.fields}
            self._restrict(serializer, kept or {"slug": {}}, expand)
        objects = list(view.queryset.filter(slug__in=keys)) if keys else []
        shown = [serializer.to_representation(row) for row in objects]
        self._fill(shown, serializer, fields, expand)
        return {row.slug: full for row, full in zip(objects, shown, strict=True)}

    # --- As a table ---

    def columns(self, serializer: Any) -> list[tuple[str, ...]]:
        """The paths of all values that a row shown by `serializer` has, in the order of `fields`, and
        within what one of them names, or without any, in that of the serializer."""
        columns = self._columns(serializer, self.fields, self.expand)
        return sorted(columns, key=lambda path: self.place(path))

    def place(self, column: tuple[str, ...]) -> int:
        """Which of the paths that are asked for a column is of."""
        return next(
            (n for n, path in enumerate(self.order) if column[: len(path)] == path),
            len(self.order),
        )

    def _columns(self, node: Any, fields: Tree, expand: Tree) -> Iterator[tuple[str, ...]]:
        for name, field in self.known(node, expand).items():
            if fields and name not in fields:
                continue
            below = list(self._columns(field, fields.get(name, {}), expand.get(name, {})))
            yield from [(name, *path) for path in below] or [(name,)]


def bare(field: Any) -> Any:
    """What shows each one of several."""
    return getattr(field, "child", None) or getattr(field, "child_relation", None) or field


def resource_of(field: Any) -> str | None:
    return getattr(bare(field), "resource", None)


def refusal(parameter: str, path: Iterable[str], sentence: str) -> ValidationError:
    return ValidationError({parameter: [sentence.format(".".join(path)[:200])]})


def values(value: Any) -> list[Any]:
    """The one, the several, or none that a field shows."""
    return value if isinstance(value, list) else [] if value is None else [value]


def key_of(link: Any) -> str:
    return str(link["slug"] if isinstance(link, dict) else link)


def replaced(value: Any, found: Mapping[str, Any], wanted: Tree) -> Any:
    """`value` with each link in full; one whose object is public no more stays a link."""
    if isinstance(value, list):
        return [replaced(link, found, wanted) for link in value]
    full = found.get(key_of(value)) if value is not None else None
    if full is None:
        return value
    merged = {**value, **full} if isinstance(value, dict) else full
    return {name: merged[name] for name in merged if name in wanted} if wanted else merged
