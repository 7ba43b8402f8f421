"""The index as a table of pgvector, where the PostgreSQL server offers that extension (0.7 or later).

The table is made after `migrate` (`prepare`), not by a migration, which would fail elsewhere. It is a copy of
ClaimVector that can be thrown away, in a type that pgvector can search: half precision, as they are stored,
with two HNSW graphs, of public claims and of drafts. A graph names the candidates; their cosines are computed
anew in single precision, so that the answers are those of the other index.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from claims.models import ClaimVector

from ..encoding import DIMENSIONS
from .found import Found, nothing
from .newer import numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

TABLE = "claims_claimvector_pgvector"
# No foreign key: Django empties tables (`flush`) without this one. What is gone there is never told of.
DDL = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    key bigint PRIMARY KEY, public boolean NOT NULL, vector halfvec({DIMENSIONS}) NOT NULL
);
CREATE INDEX IF NOT EXISTS {TABLE}_public ON {TABLE} USING hnsw (vector halfvec_ip_ops) WHERE public;
CREATE INDEX IF NOT EXISTS {TABLE}_desk ON {TABLE} USING hnsw (vector halfvec_ip_ops) WHERE NOT public;
"""
GONE = """
DELETE FROM claims_claimvector_pgvector
WHERE NOT EXISTS (SELECT FROM claims_claimvector WHERE id = key)
"""
FRESH = """
INSERT INTO claims_claimvector_pgvector
SELECT * FROM unnest(%s::bigint[], %s::boolean[], %s::halfvec[]) ON CONFLICT DO NOTHING
"""
NEAREST = """
SELECT n, key, -(vector::vector <#> asked::vector)
FROM unnest(%s::text[]) WITH ORDINALITY AS question(asked, n)
CROSS JOIN LATERAL (
    SELECT key, vector FROM claims_claimvector_pgvector WHERE public = %s
    ORDER BY vector <#> asked::halfvec LIMIT %s
) AS near
ORDER BY n, 3 DESC, key
"""
OLDEST = (0, 7)  # has halfvec
BATCH = 1_000
# What hnsw.ef_search may be at most; from there on pgvector 0.8 goes on by itself (iterative scans).
MOST_ASKED = 1_000

_prepared: dict[str, bool] = {}


def offered() -> bool:
    """Whether the server of the database in use can have the extension, recent enough. One query."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
        row = cursor.fetchone()
    return row is not None and tuple(map(int, row[0].split(".")[:2])) >= OLDEST


def prepare(**signal: Any) -> None:
    """Make what `in_use` asks for, unless it is there, or the settings want the files, or the server does
    not have it, or does not let us. Called after `migrate`."""
    _prepared.clear()
    if settings.VECTOR_INDEX == "files":
        return
    if not offered():
        if settings.VECTOR_INDEX == "pgvector":
            logger.warning("The server offers no pgvector from 0.7 on: files are used instead.")
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(DDL)
    except DatabaseError as error:
        logger.warning("pgvector is there and cannot be used: %s", str(error).strip())


def in_use() -> bool:
    """Whether the table is the index: the settings want it, or leave it open, and it is there. One query, the
    first time."""
    if settings.VECTOR_INDEX == "files" or connection.vendor != "postgresql":
        return False
    database = str(connection.settings_dict["NAME"])
    if database not in _prepared:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TABLE])
            _prepared[database] = cursor.fetchone()[0]
    return _prepared[database]


def catch_up(*, whole: bool = False) -> int:
    """Take over the vectors that came since, and forget those that are gone; `whole`: take all anew. Returns
    how many there are. Done twice at once, it is done once."""
    with connection.cursor() as cursor:
        if whole:
            cursor.execute("TRUNCATE claims_claimvector_pgvector")
        cursor.execute(GONE)
        last = Index().through
        while True:
            fresh = ClaimVector.objects.of_this_model().filter(pk__gt=last).order_by("pk")
            rows = list(fresh.values_list("pk", "public", "vector")[:BATCH])
            if not rows:
                break
            last = rows[-1][0]
            # Each statement by itself, in order: what is there is there without gaps.
            cursor.execute(
                FRESH,
                [
                    [key for key, _, _ in rows],
                    [public for _, public, _ in rows],
                    [_written(vector) for vector in numbers([vector for *_, vector in rows])],
                ],
            )
        cursor.execute("SELECT count(*) FROM claims_claimvector_pgvector")
        return int(cursor.fetchone()[0])


def _written(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


class Index:
    """Asks the table; a query at its making, and two for each search."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(key), 0) FROM claims_claimvector_pgvector")
            self.through: int = cursor.fetchone()[0]

    def search(self, asked: NDArray[np.float32], wanted: int, *, drafts: bool) -> list[Found]:
        halves = [True, False] if drafts else [True]
        texts = [_written(vector) for vector in asked]
        with transaction.atomic(), connection.cursor() as cursor:
            # For this transaction only. An unknown one, of a version to come or gone, is harmless.
            cursor.execute(
                "SELECT set_config('hnsw.ef_search', %s, true), "
                "set_config('hnsw.iterative_scan', 'strict_order', true)",
                [str(min(max(wanted, 100), MOST_ASKED))],
            )
            return [self._half(cursor, half, texts, wanted) for half in halves]

    def _half(self, cursor: Any, public: bool, texts: list[str], wanted: int) -> Found:
        import numpy as np

        cursor.execute(
            NEAREST,
            [texts, public, wanted],
        )
        found: list[list[tuple[int, float]]] = [[] for _ in texts]
        for number, key, cosine in cursor.fetchall():
            found[number - 1].append((key, cosine))
        longest = max(map(len, found), default=0)
        if not longest:
            return nothing(len(texts))
        keys = np.full((len(texts), longest), -1, np.int64)
        cosines = np.full((len(texts), longest), -np.inf, np.float32)
        for place, rows in enumerate(found):
            keys[place, : len(rows)] = [key for key, _ in rows]
            cosines[place, : len(rows)] = [cosine for _, cosine in rows]
        return Found(keys, cosines, longest >= wanted)
