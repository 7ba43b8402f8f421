"""SQL expressions over what a source is derived from: its origin, its chain of renditions, its family."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models


class Origin(models.Func):
    """SQL expression: the id of the Source at the end of the `derived_from` chain of a Source, as far
    as the public can follow it: a chain ends before a draft.

    `Origin("source")` on Evidence gives the origin of its Source; two rows of one origin are two
    copies of one record. `Origin("source", field="url")` gives that Source's column instead, and with
    `drafts=True` the chain goes on through drafts, as the desk follows it.
    A chain that bites its own tail (`Source.clean` refuses it) gives NULL.
    """

    template = (
        "(WITH RECURSIVE chain(id, parent) AS ("
        "SELECT s.id, s.derived_from_id FROM sources_source s WHERE s.id = %(expressions)s "
        "UNION SELECT s.id, s.derived_from_id FROM sources_source s JOIN chain ON s.id = chain.parent "
        "%(followed)s"
        ") SELECT o.%(column)s FROM chain JOIN sources_source o ON o.id = chain.id "
        "WHERE NOT EXISTS (SELECT 1 FROM chain next WHERE next.id = chain.parent))"
    )
    arity = 1
    columns: ClassVar[dict[str, models.Field[Any, Any]]] = {
        "id": models.BigIntegerField(),
        "slug": models.TextField(),
        "title": models.TextField(),
        "url": models.TextField(),
    }

    def __init__(self, source: str | models.F, *, field: str = "id", drafts: bool = False) -> None:
        followed = "" if drafts else "WHERE s.published_at IS NOT NULL"
        super().__init__(source, output_field=self.columns[field], column=field, followed=followed)


class RenditionChainField(models.JSONField):
    """Reads what `Chain` selects, as a `renditions.RenditionChain`."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        from ..renditions import RenditionChain  # which imports the models

        return RenditionChain.read(json.loads(value) if isinstance(value, str) else value)


class Chain(models.Func):
    """SQL expression: the `renditions.RenditionChain` of a Source: what each text of its `derived_from` chain
    is, from its own to the origin, as far as the public can follow, and its glossary notes.

    `Chain("source")` on Evidence gives that of its Source; with `drafts=True` it goes on through drafts, as
    the desk follows it. It ends with the `MOST`th text.
    """

    MOST = 100  # no chain is so long; one that bit its own tail would be
    COLUMNS: ClassVar[dict[str, str]] = {
        "kind": "rendition",
        "step": "step",
        **{
            name: name
            for name in ("language", "title", "slug", "url", "translated_by", "derivation")
        },
    }

    template = (
        "(WITH RECURSIVE chain(id, parent, step) AS ("
        "SELECT s.id, s.derived_from_id, 1 FROM sources_source s WHERE s.id = %(expressions)s "
        "UNION ALL SELECT s.id, s.derived_from_id, chain.step + 1 FROM sources_source s "
        "JOIN chain ON s.id = chain.parent WHERE chain.step < %(most)s %(followed)s"
        ") SELECT %(object)s('steps', (SELECT %(array)s(%(object)s(%(columns)s)) FROM ("
        "SELECT o.*, chain.step FROM chain JOIN sources_source o ON o.id = chain.id "
        "ORDER BY chain.step) AS texts), "
        "'glossary', (SELECT %(array)s(%(object)s('printed', g.printed, 'meant', g.meant, 'note', g.note)) "
        "FROM chain JOIN sources_glossarynote g ON g.source_id = chain.id WHERE chain.step = 1)))"
    )
    arity = 1

    def __init__(self, source: Any, *, drafts: bool = False) -> None:
        super().__init__(
            source,
            output_field=RenditionChainField(),
            most=self.MOST,
            followed="" if drafts else "AND s.published_at IS NOT NULL",
            columns=", ".join(f"'{key}', texts.{name}" for key, name in self.COLUMNS.items()),
            object="json_object",
            array="json_group_array",
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, object="jsonb_build_object", array="jsonb_agg", **context
        )


class Family(models.Func):
    """SQL expression for `pk__in`: the ids of the Source with the id given and of all that come from the same
    origin, as far as the public can follow: a draft joins nothing. With `drafts=True` it does, as the desk
    follows it.
    """

    template = (
        "(WITH RECURSIVE family(id, parent) AS ("
        "SELECT s.id, s.derived_from_id FROM sources_source s WHERE s.id = %(expressions)s "
        "UNION SELECT s.id, s.derived_from_id FROM sources_source s "
        "JOIN family ON s.id = family.parent OR s.derived_from_id = family.id "
        "%(followed)s) SELECT id FROM family)"
    )
    arity = 1
    output_field = models.BigIntegerField()

    def __init__(self, source: Any, *, drafts: bool = False) -> None:
        super().__init__(source, followed="" if drafts else "WHERE s.published_at IS NOT NULL")
