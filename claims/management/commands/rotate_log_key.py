from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.log.notes import KeyFormatError, SigningKey
from claims.models import LogKeyRotation


class Command(BaseCommand):
    help = (
        "Let another key sign the log (docs/log.md). One person proposes the key, another confirms it; both "
        "need the permission to change it. LOG_KEY is still the present key, which signs the change; set it "
        "to the new one, in all processes, as soon as this is done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=["propose", "confirm", "withdraw"])
        parser.add_argument("--by", required=True, help="The user name of who takes this step.")
        parser.add_argument(
            "--key",
            type=Path,
            metavar="FILE",
            help="The file with the new key, as make_log_key printed it.",
        )

    def handle(self, *args: Any, step: str, by: str, key: Path | None, **options: Any) -> None:
        user = get_user_model().objects.filter(username=by, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no user {by}.")
        try:
            if step == "withdraw":
                n = LogKeyRotation.withdraw(by=user)
                self.stdout.write("The proposal is withdrawn." if n else "Nothing was proposed.")
                return
            if key is None:
                raise CommandError("Say which key: --key FILE.")
            new = SigningKey.parse(key.read_text("ascii").strip())
            if step == "propose":
                LogKeyRotation.propose(str(new.verifier), by=user)
                self.stdout.write(f"Proposed: {new.verifier}. Another person confirms it.")
                return
            LogKeyRotation.confirm(new, by=user)
        except (OSError, UnicodeDecodeError, KeyFormatError) as error:
            raise CommandError(f"{key}: {error}") from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(self.style.SUCCESS(f"The log is signed by {new.verifier} from now on."))
        self.stdout.write("Set LOG_KEY to it and restart every process of the site.")
