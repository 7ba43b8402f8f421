"""Where requests are counted, from the environment."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.environment import text_from_env


def cache_from_env(folder: Path) -> dict[str, Any]:
    """The entry of CACHES: what the worker processes of the site share, the numbers of requests to the API.

    Without Redis they are files in `folder`, which needs no service. Two processes that count in the same
    instant may then count once, and several machines count each for itself: good enough to keep a site
    answering.
    """
    url = text_from_env("REDIS_URL")
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": folder,
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    # The address itself is not repeated in a message: it may hold a password.
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            "REDIS_URL is not the address of a Redis: set it to redis://127.0.0.1:6379/0, or leave it out."
        )
    if importlib.util.find_spec("redis") is None:
        raise ImproperlyConfigured(
            "REDIS_URL is set, and its client is not installed: pip install 'counterclaim[redis]'."
        )
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        # A cache that hangs must not hold up answers: without it, nobody is counted.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
