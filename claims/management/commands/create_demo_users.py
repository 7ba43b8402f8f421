from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from claims.seeding import ROLES, role_account

DUTIES = {
    "researcher": "writes and submits verdicts",
    "editor": "approves and publishes them",
}


class Command(BaseCommand):
    help = "Give the accounts “researcher” and “editor” random passwords, and print them, once."

    def handle(self, *args: Any, **options: Any) -> None:
        for role in ROLES:
            try:
                user = role_account(role)
            except PermissionError as error:
                raise CommandError(str(error)) from error
            if user.has_usable_password():
                self.stdout.write(
                    f"The {role} exists already. To set a new password: "
                    f'make manage DO="changepassword {role}"'
                )
                continue
            password = secrets.token_urlsafe(12)
            user.set_password(password)
            user.save(update_fields=["password"])
            self.stdout.write(f"{role:<10}  password {password}  ({DUTIES[role]})")
        self.stdout.write(f"Sign in at {settings.SITE_URL}/admin/")
