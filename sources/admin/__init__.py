"""The record in the admin. Importing the modules registers their classes."""

from . import aligning, archiving, source, speaker, transcript

__all__ = ["aligning", "archiving", "source", "speaker", "transcript"]
