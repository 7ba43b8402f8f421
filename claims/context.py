"""What every page says about the site itself."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """The publisher, how to reach it, and the address that canonical URLs start with."""
    return {
        "publisher_name": settings.PUBLISHER_NAME,
        "publisher_contact": settings.PUBLISHER_CONTACT,
        "site_url": settings.SITE_URL,
    }
