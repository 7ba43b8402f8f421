from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from claims.log.writing import sign_what_is_there, signing_key
from claims.models import LogHead


class Command(BaseCommand):
    help = (
        "Sign a checkpoint of the log as it is (docs/log.md): after LOG_KEY was set for the first time, or "
        "was missing for a while. Every event signs one by itself."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if signing_key() is None:
            raise CommandError("LOG_KEY is not set: manage.py make_log_key makes one.")
        head = LogHead.locked()
        if sign_what_is_there(head):
            self.stdout.write(self.style.SUCCESS(f"Signed: {head.size:,} entries."))
        elif head.key is not None and head.key.verifier != str(signing_key().verifier):  # type: ignore[union-attr]
            raise CommandError(f"LOG_KEY is not the key of the log, {head.key.verifier}.")
        else:
            self.stdout.write(f"Nothing to sign: {head.size:,} entries.")
