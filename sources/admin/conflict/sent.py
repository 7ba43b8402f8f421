"""What a form sends: the entries that it was made from, its rows, and what the conflict page asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.forms import CheckboxInput, HiddenInput
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

SEEN = "_seen"
# Of the conflict page alone: what it asks, what was answered, what was typed there, and the entry that
# the form was made from before.
ASKED, CHOICE, EDITED, BASE = "_asked:", "_choice:", "_edited:", "_base:"
BUTTONS = ("_save", "_continue", "_addanother", "_saveasnew", "_step", "csrfmiddlewaretoken")
ROW = "_row"  # the row as a whole, among its fields
MANAGEMENT = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")


class SeenInput(HiddenInput):
    """The key of an inline row, and beside it the entry that the row was made from: so every template
    of inline rows carries both."""

    def __init__(self, prefix: str, entry: Any) -> None:
        super().__init__()
        self.seen = format_html(
            '<input type="hidden" name="{}-{}" value="{}">', prefix, SEEN, entry or ""
        )

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return super().render(*args, **kwargs) + self.seen


def name_of(prefix: str, name: str) -> str:
    return f"{prefix}-{name}" if prefix else name


def entry_id(sent: str | None) -> int | None:
    return int(sent) if sent and sent.isascii() and sent.isdigit() and len(sent) < 19 else None


class Sent:
    """What a form has sent, with the rows of its inlines."""

    def __init__(self, data: QueryDict) -> None:
        self.data: Any = data.copy()

    def put(self, form: Any, name: str, value: Any) -> None:
        """Send for the field `name` of `form` the stored `value`, as the form itself would."""
        bound = form[name]
        key, widget = bound.html_name, bound.field.widget
        value = bound.field.prepare_value(value)
        if isinstance(getattr(widget, "widget", widget), CheckboxInput):
            self.data.setlist(key, ["on"] if value else [])
        elif isinstance(value, list | tuple):
            self.data.setlist(key, [str(item) for item in value])
        else:
            shown = widget.format_value(value)
            shown = shown[0] if isinstance(shown, list) and shown else shown
            self.data[key] = "" if shown in (None, []) else str(shown)

    def rearrange(self, prefix: str, *, without: set[int], anew: set[int]) -> None:
        """Take the rows `without` out of an inline, and send the rows `anew` as new ones."""
        count = {name: entry_id(self.data.get(f"{prefix}-{name}")) or 0 for name in MANAGEMENT[:2]}
        rows = [(i, self._take(f"{prefix}-{i}-")) for i in range(count["TOTAL_FORMS"])]
        kept = [row for i, row in rows[: count["INITIAL_FORMS"]] if i not in without | anew]
        new = [row for i, row in rows[count["INITIAL_FORMS"] :]]
        for i in sorted(anew):
            new.append({**rows[i][1], "id": [""]})
            new[-1].pop(SEEN, None)
            new[-1].pop("DELETE", None)
        for i, row in enumerate([*kept, *new]):
            for name, values in row.items():
                self.data.setlist(f"{prefix}-{i}-{name}", values)
        self.data[f"{prefix}-INITIAL_FORMS"] = str(len(kept))
        self.data[f"{prefix}-TOTAL_FORMS"] = str(len(kept) + len(new))

    def _take(self, start: str) -> dict[str, list[str]]:
        names = [name for name in self.data if name.startswith(start)]
        return {name.removeprefix(start): self.data.pop(name) for name in names}

    def tidy(self) -> None:
        """Without what only the conflict page asks."""
        for name in [n for n in self.data if n.startswith((ASKED, CHOICE, EDITED, BASE))]:
            del self.data[name]

    def hidden(self) -> Iterator[tuple[str, str]]:
        """All that was sent, to be sent once more, but for buttons and what the conflict page asks."""
        for name, values in self.data.lists():
            if name not in BUTTONS and not name.startswith((ASKED, CHOICE, EDITED, BASE)):
                yield from ((name, value) for value in values)
