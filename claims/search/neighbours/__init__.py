"""The claims nearest to vectors: the same answers on both databases, from whichever index there is.

An index has all vectors up to some key: files that the processes of a machine share (`files`), or a table of
pgvector (`pgvector`) where the server offers it. Newer vectors are compared one by one (`newer`). Whatever is
found is held against the database before anybody is told: whether the vector still is of the claim's words,
and whether the public may see the claim. docs/matching-index.md.
"""

from .asking import cosines, nearest
from .building import is_rebuild_due, rebuild

__all__ = ["cosines", "is_rebuild_due", "nearest", "rebuild"]
