"""What `manage.py check --deploy` says of the log."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning


def key_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A warning where nothing signs the log."""
    if settings.LOG_KEY:
        return []
    return [
        Warning(
            "LOG_KEY is not set: what is published is logged, and nobody can tell by a signature that the "
            "log was not changed.",
            hint="Set it to the output of manage.py make_log_key (docs/log.md).",
            id="claims.W001",
        )
    ]
