"""A page of somebody else's, as it was archived → what is harmless of it. Pure functions.

Not the page with what is dangerous taken out, which a browser could always see otherwise, but a new one:
of its words, escaped, between tags of a short list that bear no attribute of its own. So nothing in it runs,
leads anywhere, or asks anything of anybody, whatever the page was. Takes time in proportion to its length:
a cleaner that builds a tree (nh3) takes eight minutes over one of 2 MB that nests deep.
"""

from __future__ import annotations

import re
from html import escape, unescape

# Blocks and phrases that show how a text is built.
KEPT = frozenset(
    """address article aside b blockquote br caption cite code dd del div dl dt em figcaption figure footer
    h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark nav ol p pre q s samp section small strong sub sup
    table tbody td tfoot th thead tr u ul""".split()
)
# Of these, what stands between their tags is no text of the page.
UNSEEN = frozenset(
    """applet audio canvas frameset iframe math noembed noframes object script select style svg
    template textarea title video xmp""".split()
)
DEEPEST = 200  # elements within each other

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/>])")
_SPAN = re.compile(r"\b(colspan|rowspan)\s*=\s*[\"']?(\d{1,3})(?!\d)", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in UNSEEN}


def harmless(markup: str) -> str:
    """Return what can be shown of the HTML `markup`, to stand in the body of a page."""
    told: list[str] = []
    place, depth = 0, 0
    while (opened := markup.find("<", place)) >= 0:
        told.append(_words(markup[place:opened]))
        if markup.startswith("<!--", opened):
            place = _after(markup, "-->", opened + 4)
            continue
        if markup[opened + 1 : opened + 2] in ("!", "?"):
            place = _after(markup, ">", opened)
            continue
        found = _NAME.match(markup, opened + 1)
        if found is None:
            told.append("&lt;")
            place = opened + 1
            continue
        place = _after(markup, ">", opened)
        name, closes = found[1].lower(), markup[opened + 1] == "/"
        if name in UNSEEN and not closes:
            end = _ENDS[name].search(markup, place)
            place = end.start() if end else len(markup)
        elif name in KEPT and closes:
            depth = max(depth - 1, 0)
            told.append(f"</{name}>")
        elif name in KEPT and depth < DEEPEST:
            depth += name not in ("br", "hr")
            told.append(f"<{name}{_spans(name, markup[found.end() : place])}>")
    told.append(_words(markup[place:]))
    return "".join(told)


def _after(markup: str, end: str, start: int) -> int:
    """The place after the next `end`; the end of the page where there is none, as browsers have it."""
    found = markup.find(end, start)
    return found + len(end) if found >= 0 else len(markup)


def _words(text: str) -> str:
    return escape(unescape(text), quote=False)


def _spans(name: str, attributes: str) -> str:
    """How many columns and rows a cell takes, which tables cannot be read without."""
    if name not in ("td", "th"):
        return ""
    spans = {each[0].lower(): int(each[1]) for each in _SPAN.findall(attributes[:2000])}
    return "".join(f' {side}="{n}"' for side, n in spans.items())
