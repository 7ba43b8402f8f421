"""The judgement: what is asserted, what answers it, what the evidence shows, what the desk concludes."""

from .appearance import Appearance
from .claim import Claim
from .evidence import Evidence
from .rating import Rating, RatingScale
from .rebuttal import Citation, Rebuttal
from .search import Search
from .topic import Topic
from .verdict import Verdict

__all__ = [
    "Appearance",
    "Citation",
    "Claim",
    "Evidence",
    "Rating",
    "RatingScale",
    "Rebuttal",
    "Search",
    "Topic",
    "Verdict",
]
