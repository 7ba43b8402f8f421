"""What templates ask of the way in which a text came to be worded as it is."""

from __future__ import annotations

from django import template

from sources.renditions import Note, RenditionChain

register = template.Library()


@register.filter
def notes_on(chain: RenditionChain | None, words: str) -> list[Note]:
    """The notes on what `words`, quoted from the text, print; none where the chain is not known."""
    return chain.notes_on(words) if chain else []
