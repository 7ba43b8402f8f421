"""Writes the examples of the OpenAPI document anew, from the demo, after the shape of an answer has changed:

DEBUG=on DATABASE_URL=… LOG_KEY=… python -m tests.claims.api.examples
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

LONGEST = 200  # characters of a text


def shortened(value: Any) -> Any:
    """Of several one, and of a long text its beginning."""
    if isinstance(value, list):
        return [shortened(one) for one in value[:1]]
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST].rpartition(" ")[0] + " …"
    return value


def wealth(row: Any) -> int:
    """How much there is to see in a row."""
    if isinstance(row, dict):
        return sum(wealth(value) for value in row.values())
    return min(len(row), 1) if isinstance(row, list | str) else int(bool(row))


def examples() -> dict[str, Any]:
    """The answers, by their paths in the document."""
    from django.conf import settings
    from django.test import Client

    from tests.claims.world import RESOURCES

    def get(address: str) -> Any:
        return Client().get(address.removeprefix(settings.SITE_URL)).json()

    found = {}
    for resource in RESOURCES:
        path = f"/api/v1/{resource}/"
        row = max(get(f"{path}?page_size=200")["results"], key=wealth)
        full = get(row["api_url"])
        if "turns" in full:
            full["turns"].sort(key=wealth, reverse=True)
        more = f"{settings.SITE_URL}{path}?cursor=WyJzbHVnIiwgZmFsc2UsICJhIiwgMV0%3D"
        found[path] = shortened({"next": more, "previous": None, "results": [row]})
        found[f"{path}{{{'slug' if 'slug' in row else 'id'}}}/"] = shortened(full)
    found["/api/v1/changes/"] = get("/api/v1/changes/?page_size=1")
    asked = "After the Cold War NATO never promised not to admit Eastern European countries."
    found["/api/v1/match/"] = shortened(get(f"/api/v1/match/?text={quote(asked)}"))
    for path, asked in {
        "": "",
        "entries/{number}/": "entries/0/",
        "proof/consistency/": "proof/consistency/?from=1",
    }.items():
        found[f"/api/v1/log/{path}"] = shortened(get(f"/api/v1/log/{asked}"))
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ |= {"ALLOWED_HOSTS": "testserver", "SITE_URL": "http://127.0.0.1:8000"}
    import django

    django.setup()

    from claims.api.schema import EXAMPLES

    text = json.dumps(examples(), ensure_ascii=False, indent=1)
    EXAMPLES.write_text(f"{text}\n", encoding="utf-8")
