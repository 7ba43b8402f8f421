"""Everything that is published as RDF, in Turtle: the terms of schema.org and of PROV-O, and a few of our
own (`own`). `terms` writes and names, `record` and `judgement` tell of things, `graph` writes
them to a file."""

from .graph import write

__all__ = ["write"]
