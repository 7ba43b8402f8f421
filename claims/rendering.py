"""Markdown written by the desk → HTML that is safe to show. The one place where HTML is made of text."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
_TAGS = {"p", "h3", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre", "br", "hr"}


def render_markdown(text: str) -> SafeString:
    """Return `text` (Markdown, HTML in it shown as written) as HTML with harmless elements only.

    Headings become third-level ones: they stand below the heading of the section on the page.
    """
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(cleaned)  # noqa: S308 -- nh3 has just sanitised it
