"""Full-text search: one interface, by SQLite's FTS5 and by PostgreSQL's tsvector. docs/search.md.

    engine() -> Engine                       # for the connection in use
    engine().search(query, kinds=KINDS, public=True, offset=0, limit=20) -> Found    # one query
        query    claims.search.query.Query.read("any text"); has marked(), snippet(), n_in(), instead()
        Found    rows: list[Row(kind, key, held, score)]: of each kind those from `offset`, at most `limit`,
                 those first that hold most of the terms, then by score;
                 counts: {kind: {held: n}}: how many rows of a kind hold how many of the terms;
                 most: how many terms the best row holds; total(kind); missing: terms that no row holds
    engine().candidates(texts, limit=100, drafts=False, kind="claims") -> [[(key, score), …], …]
    engine().suggest(["allaince"], public=True) -> {"allaince": "alliance"}

The rows are `IndexedText`, kept by triggers (`rows`, `definition`, `installing`).
"""

from .asking import Engine, Found, Row, engine
from .rows import KINDS

__all__ = ["KINDS", "Engine", "Found", "Row", "engine"]
