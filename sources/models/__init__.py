"""The record: who said what, where, and what exists as evidence."""

from .change import Change
from .passage import Passage
from .publishable import Publishable
from .snapshot import Snapshot
from .source import Source
from .speaker import Speaker, SpeakerName
from .turn import Turn

__all__ = [
    "Change",
    "Passage",
    "Publishable",
    "Snapshot",
    "Source",
    "Speaker",
    "SpeakerName",
    "Turn",
]
