"""Which edition of a text a command means."""

from __future__ import annotations

from sources.models import Snapshot


def edition_of(slug: str, number: int | None = None) -> Snapshot:
    """Return edition `number` (the newest if left out) of the Source `slug`. Raises
    Snapshot.DoesNotExist, which says what is missing."""
    editions = Snapshot.objects.select_related("source").filter(source__slug=slug)
    if number is not None:
        editions = editions.filter(edition=number)
    snapshot = editions.order_by("-edition").first()
    if snapshot is None:
        which = "text" if number is None else f"edition {number}"
        raise Snapshot.DoesNotExist(f"There is no {which} of a source “{slug}”.")
    return snapshot
