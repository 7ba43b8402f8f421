"""Ways to ask for the names of speakers."""

from __future__ import annotations

from typing import Any

from django.db import models


class SpeakerNameQuerySet(models.QuerySet[Any]):
    def resolve(self, labels: set[str]) -> dict[str, int]:
        """Map each printed label that exactly one Speaker bears to that Speaker's id.

        A label borne by nobody, or by several ("THE PRESIDENT"), is left out: who spoke is then for
        a person to say.
        """
        bearers: dict[str, set[int]] = {}
        for name, speaker_id in self.filter(name__in=labels).values_list("name", "speaker_id"):
            bearers.setdefault(name, set()).add(speaker_id)
        return {name: ids.pop() for name, ids in bearers.items() if len(ids) == 1}
