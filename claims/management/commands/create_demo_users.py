from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from claims.seeding import role_account

DUTIES = {
    "researcher": "writes and submits verdicts",
    "editor": "approves and publishes them",
    "coeditor": "a second editor, for what takes two of them",
    "administrator": "manages people and their roles",
}


class Command(BaseCommand):
    help = "Make an account for each role, with a random password that is printed, once."

    def handle(self, *args: Any, **options: Any) -> None:
        for role, duty in DUTIES.items():
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
            self.stdout.write(f"{role:<13}  password {password}  ({duty})")
        self.stdout.write(f"Sign in at {settings.SITE_URL}/admin/")
