"""How long somebody stays signed in: kept in the database, ended by the clock whatever the browser does.

A session ends with the browser, after SESSION_COOKIE_AGE without a request, and SESSION_LONGEST after
it began. Signing in and changing the password begin a new one.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone

BEGAN = "began"  # seconds since 1970, UTC
# How late a request may be noted: a write for each of them would queue readers behind writers.
GRAIN = 5 * 60  # seconds


class SessionStore(DatabaseSessionStore):
    def save(self, must_create: bool = False) -> None:
        if must_create:
            self._get_session(no_load=True)[BEGAN] = int(time.time())  # type: ignore[attr-defined]
        super().save(must_create)

    def load(self) -> dict[str, Any]:
        stored = self._get_session_from_db()  # type: ignore[attr-defined]
        if stored is None:
            return {}
        data: dict[str, Any] = self.decode(stored.session_data)
        if time.time() - data.get(BEGAN, 0) > settings.SESSION_LONGEST:
            self.delete()
            self._session_key = None
            return {}
        left = (stored.expire_date - timezone.now()).total_seconds()
        if left < settings.SESSION_COOKIE_AGE - GRAIN:
            self.modified = True  # written at the end of this request, with a new end
        return data
