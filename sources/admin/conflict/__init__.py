"""Two people at one form: the second save is refused, and both versions are shown, field by field.

A form carries, in fields called `_seen`, the history entries that it and its inline rows were made
from. Before a form is read, they are compared with what is stored (`sources.models.seen`), under the
rows' locks. Where somebody has saved in between:

- a row in which nothing was typed is sent as it is stored now: both edits stay;
- of a row in which both have changed something, the page of this package asks. Its answers come back as
  the same form, to the same address, with the new entries in `_seen`: there is no second way to save.
"""

from .comparison import Comparison
from .pages import conflict_page, gone_page
from .sent import SEEN, SeenInput, entry_id

__all__ = ["SEEN", "Comparison", "SeenInput", "conflict_page", "entry_id", "gone_page"]
