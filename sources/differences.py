"""What changed between two texts, word by word. Pure functions."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

# A word or a single mark, and the white space behind it.
TOKEN = re.compile(r"(\w+(?:['’-]\w+)*|[^\w\s])(\s*)")


def word_differences(old: str, new: str) -> list[tuple[str, str]]:
    """Return how `old` becomes `new`, as (op, text) with op one of "=" (kept), "-" (removed) and "+"
    (added), in reading order.

    Words and marks are compared, and not the white space between them: a text that was only wrapped
    anew has not changed. The words kept and removed are those of `old`, the words kept and added those
    of `new`, in their order.
    """
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    # autojunk would take frequent words of a long text for noise.
    compared = SequenceMatcher(
        None, [word for word, _ in before], [word for word, _ in after], autojunk=False
    )
    found: list[tuple[str, str]] = []
    lost = gained = ""  # white space behind what was kept, where the texts part
    for op, i, j, k, m in compared.get_opcodes():
        if op == "equal":
            *kept, last = after[k:m]
            lost, gained = before[j - 1][1], last[1]
            if lost and gained:
                kept, lost, gained = [*kept, last], "", ""
            else:
                kept = [*kept, (last[0], "")]
            found.append(("=", _text(kept)))
            continue
        found += [("-", lost + _text(before[i:j]))] if j > i else []
        found += [("+", gained + _text(after[k:m]))] if m > k else []
    return found


def _text(tokens: list[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in tokens)
