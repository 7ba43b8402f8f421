"""Reading the environment: each value or a refusal (ImproperlyConfigured) that says what to set."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def text_from_env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag_from_env(name: str, *, default: bool = False) -> bool:
    value = text_from_env(name)
    if not value:
        return default
    if value.lower() in {"1", "on", "true", "yes"}:
        return True
    if value.lower() in {"0", "off", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: set it to on or off, or leave it out.")


def list_from_env(name: str) -> list[str]:
    return [part.strip() for part in text_from_env(name).split(",") if part.strip()]


def choice_from_env(name: str, *choices: str, default: str) -> str:
    """One of `choices`, which are all in small letters or all in capitals, in whichever it is given."""
    given = text_from_env(name, default)
    value = given.upper() if default.isupper() else given.lower()
    if value not in choices:
        *first, last = choices
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to {', '.join(first)} or {last}.")
    return value


def whole_number_from_env(name: str, default: int, *, least: int = 1) -> int:
    value = text_from_env(name, str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number from {least}.")
    return int(value)


def origin_from_env(name: str, default: str) -> str:
    """A web address without a path, such as https://facts.example.org."""
    value = text_from_env(name, default).rstrip("/")
    hint = "set it to an address such as https://facts.example.org, without a path."
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 -- reading it is what raises for a port that is no number
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: {hint}") from error
    if parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}":
        raise ImproperlyConfigured(f"{name} is {value!r}: {hint}")
    if not parts.hostname or "@" in parts.netloc or any(c.isspace() for c in value):
        raise ImproperlyConfigured(f"{name} is {value!r}: {hint}")
    return value
