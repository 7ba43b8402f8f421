"""Ways to ask for the record. Every public reader starts at `.published()`."""

from .capture import CaptureQuerySet
from .change import ChangeQuerySet
from .derivation import Chain, Family, Origin
from .expressions import count_of, within
from .link import LinkQuerySet
from .passage import PassageQuerySet
from .publishable import PublishableQuerySet
from .relocation import CERTAIN, RelocationQuerySet
from .snapshot import SnapshotQuerySet
from .speaker import SpeakerNameQuerySet

__all__ = [
    "CERTAIN",
    "CaptureQuerySet",
    "Chain",
    "ChangeQuerySet",
    "Family",
    "LinkQuerySet",
    "Origin",
    "PassageQuerySet",
    "PublishableQuerySet",
    "RelocationQuerySet",
    "SnapshotQuerySet",
    "SpeakerNameQuerySet",
    "count_of",
    "within",
]
