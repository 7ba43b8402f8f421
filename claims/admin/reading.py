"""Lists to find and read what is made on other pages: on that of a claim, or in the queue."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sources.admin.desk import Desk


class ReadingAdmin(Desk):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
