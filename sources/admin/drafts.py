"""What a browser keeps of a form until it is saved (claims/static/admin-counterclaim/drafts.js).

Only the server knows that a form was saved; it tells by a cookie that names the form. An answer with
errors, a conflict and the sign-in page do not set it, and the draft stays.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse

COOKIE = "desk-saved"
SECONDS = 300  # that the next page may take to read it

# Of an address, what leads back to a list or out of a window is nothing of the form's own.
PASSING = ("_changelist_filters", "_popup", "_to_field")


def draft_key(request: HttpRequest) -> str:
    """The name of the form at this address."""
    asked = [(name, value) for name, value in request.GET.items() if name not in PASSING]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def mark_saved(response: HttpResponse, key: str) -> None:
    """Let the browser forget what it keeps under `key`: it is saved."""
    response.set_cookie(COOKIE, quote(key, safe=""), max_age=SECONDS, path="/", samesite="Lax")
