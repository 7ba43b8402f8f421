"""The judgement: what is asserted, what answers it, what the evidence shows, what the desk concludes;
and the desk's own notes on its work."""

from .appearance import Appearance
from .assignment import Assignment
from .claim import Claim
from .evidence import Evidence
from .external_review import ExternalReview
from .indexed_text import IndexedText
from .likely_duplicate import Comparison, LikelyDuplicate
from .log import LogCheckpoint, LogDocument, LogEntry, LogHead, LogNode
from .log_key import LogKey, LogKeyRotation
from .merge import Merge
from .note import Note
from .rating import Rating, RatingScale
from .reader_report import ReaderReport
from .rebuttal import Citation, Rebuttal
from .saved_filter import SavedFilter
from .search import Search
from .selection import WhySelected
from .topic import Topic
from .vector import ClaimVector, VectorIndex
from .verdict import Verdict
from .webhook import Delivery, Webhook
from .withdrawal import Withdrawal

__all__ = [
    "Appearance",
    "Assignment",
    "Citation",
    "Claim",
    "ClaimVector",
    "Comparison",
    "Delivery",
    "Evidence",
    "ExternalReview",
    "IndexedText",
    "LikelyDuplicate",
    "LogCheckpoint",
    "LogDocument",
    "LogEntry",
    "LogHead",
    "LogKey",
    "LogKeyRotation",
    "LogNode",
    "Merge",
    "Note",
    "Rating",
    "RatingScale",
    "ReaderReport",
    "Rebuttal",
    "SavedFilter",
    "Search",
    "Topic",
    "VectorIndex",
    "Verdict",
    "Webhook",
    "WhySelected",
    "Withdrawal",
]
