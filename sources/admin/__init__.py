"""The record in the admin. Importing the modules registers their classes."""

from . import archiving, source, speaker, transcript

__all__ = ["archiving", "source", "speaker", "transcript"]
