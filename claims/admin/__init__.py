"""The judgement in the admin. Importing the modules registers their classes."""

from . import annotations, claim, rating, verdict

__all__ = ["annotations", "claim", "rating", "verdict"]
