"""Asking other servers for sources: guarded, within limits, politely. docs/fetching.md says what is asked.

`politeness.visit` does all of it in order; `fetch` alone asks without looking at robots.txt or waiting.
"""

from .exchange import LIMITS, Exchange, Hop, Limits, NotFetched, Refused
from .fetcher import fetch

__all__ = ["LIMITS", "Exchange", "Hop", "Limits", "NotFetched", "Refused", "fetch"]
