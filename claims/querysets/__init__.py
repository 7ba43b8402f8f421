"""Ways to ask for the judgement. Every public reader starts at `.published()`."""

from .address import addresses_of
from .annotation import AROUND, AS_REVIEWED, IN_TIME, AnnotationQuerySet, EvidenceQuerySet
from .claim import ClaimQuerySet
from .desk import NoteQuerySet, SavedFilterQuerySet
from .edition import public_copies, public_editions, public_passages, public_transcripts
from .later import passages_read_otherwise, relocation_tasks, weighty
from .parity import parity_records
from .rating import RatingQuerySet
from .topic import TopicQuerySet
from .verdict import VerdictQuerySet, n_verdicts_resting_on, verdict_in_force
from .withdrawal import WithdrawalQuerySet

__all__ = [
    "AROUND",
    "AS_REVIEWED",
    "IN_TIME",
    "AnnotationQuerySet",
    "ClaimQuerySet",
    "EvidenceQuerySet",
    "NoteQuerySet",
    "RatingQuerySet",
    "SavedFilterQuerySet",
    "TopicQuerySet",
    "VerdictQuerySet",
    "WithdrawalQuerySet",
    "addresses_of",
    "n_verdicts_resting_on",
    "parity_records",
    "passages_read_otherwise",
    "public_copies",
    "public_editions",
    "public_passages",
    "public_transcripts",
    "relocation_tasks",
    "verdict_in_force",
    "weighty",
]
