"""The record in the admin. Importing the modules registers their classes."""

from . import source, speaker, transcript

__all__ = ["source", "speaker", "transcript"]
