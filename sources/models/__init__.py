"""The record: who said what, where, and what exists as evidence."""

from .alignment import Alignment
from .capture import Capture, Host
from .change import Change
from .glossary import GlossaryNote
from .link import Link
from .passage import Passage
from .publishable import Publishable
from .relocation import Relocation
from .snapshot import Snapshot
from .source import Source
from .speaker import Speaker, SpeakerName
from .turn import Turn

__all__ = [
    "Alignment",
    "Capture",
    "Change",
    "GlossaryNote",
    "Host",
    "Link",
    "Passage",
    "Publishable",
    "Relocation",
    "Snapshot",
    "Source",
    "Speaker",
    "SpeakerName",
    "Turn",
]
