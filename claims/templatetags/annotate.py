"""The marked text of the annotate screen: thousands of pieces, too many for a template each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from claims.marking import Paragraph, Span

if TYPE_CHECKING:
    from claims.annotate.page import Mark

register = template.Library()


@register.simple_tag
def segments(paragraph: Paragraph, marks: dict[Span, Mark]) -> SafeString:
    """The text of `paragraph`, character by character, in `<mark>` elements; where a passage ends, a
    button without text of its own, so that it adds nothing to the text."""
    out: list[str] = []
    for segment in paragraph:
        for piece in segment.opens:
            mark = marks[piece.span]
            anchor = f' id="p{mark.key}"' if piece.first else ""
            edges = f"{' resumed' if not piece.first else ''}{' runs-on' if not piece.last else ''}"
            out.append(
                f'<mark{anchor} class="annotate-mark k-{mark.kinds}{edges}" data-mark="{mark.key}">'
            )
        # The parser of HTML would make a line feed of a carriage return.
        out.append(escape(segment.text).replace("\r", "&#13;"))
        for piece in segment.closes:
            out.append("</mark>")
            if piece.last:
                out.append(button(marks[piece.span]))
    return mark_safe("".join(out))  # noqa: S308 -- escaped above


def button(mark: Any) -> str:
    return (
        f'<button class="annotate-badge k-{mark.kinds}" form="annotate-open" name="at" '
        f'value="{mark.key}" data-badge="{mark.key}" data-letters="{escape(mark.letters)}" '
        f'aria-label="{escape(mark.name)}" title="{escape(mark.name)}"></button>'
    )
