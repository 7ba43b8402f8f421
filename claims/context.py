"""What every page says about the site itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, to_locale

from .cards import site_picture


def site(request: HttpRequest) -> dict[str, Any]:
    """The publisher, how to reach it, the address that canonical URLs start with, the `language` of this
    page (BCP 47), and `languages`: of each that the pages come in (its tag, own name, path of this page);
    the `question` of this address; the `card` that a page is shared with, unless it has its own; and whether
    readers may report errors (`takes_reports`)."""
    return {
        "publisher_name": settings.PUBLISHER_NAME,
        "publisher_contact": settings.PUBLISHER_CONTACT,
        "site_url": settings.SITE_URL,
        "language": _tag(get_language()),
        "languages": [
            (_tag(code), name, _prefix(code) + _bare(request.path))
            for code, name in settings.LANGUAGES
        ],
        "question": f"?{request.GET.urlencode()}" if request.GET else "",
        "card": site_picture(),
        "takes_reports": settings.READER_REPORTS,
    }


def _tag(code: str | None) -> str:
    return to_locale(code or settings.LANGUAGE_CODE).replace("_", "-")


def _prefix(code: str | None) -> str:
    """What the addresses of a language begin with (config/urls.py)."""
    return "" if code in (None, settings.LANGUAGE_CODE) else f"/{code}"


def _bare(path: str) -> str:
    """The path of a page in the language of the public contract."""
    prefix = _prefix(get_language())
    # Not removeprefix(): Django takes /de-at/ for German too, and such an address leads nowhere.
    return path[len(prefix) :] if path.startswith(f"{prefix}/") else path
