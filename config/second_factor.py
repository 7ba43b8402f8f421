"""The second factor: who has one, who needs one, setting it up, using it, taking it away.

An authenticator's time-based codes (RFC 6238; six digits, 30 seconds) and ten recovery codes, each good
once, kept by django-otp, which also makes who guesses wait, twice as long after each wrong code. What is
done to somebody's second factor is an entry in that person's history in the admin.
"""

from __future__ import annotations

import datetime as dt
import time
from base64 import b32encode
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

RECOVERY_CODES = 10
# For how long its owner is told at each sign-in what others did to an account: who got into it by
# that does not swallow the notice.
TOLD_FOR = dt.timedelta(days=14)
RECOVERY_CODE_LENGTH = 12
# Without letters and digits that look alike. 31 ** 12 is 59 bits: too many to guess, few to type.
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# Who has one of these rights decides what the public reads or who may do so: an editor, an
# administrator, a superuser, and whoever else is given one.
WEIGHTY_RIGHTS = (
    "claims.approve_verdict",
    "claims.withdraw_verdict",
    "claims.publish_claim",
    "sources.publish_source",
    "auth.add_user",
    "auth.change_user",
    "auth.change_group",
)


class Backend(ModelBackend):
    """Django's accounts. With the user of a request comes whether there is a second factor."""

    def get_user(self, user_id: int) -> Any:
        users = get_user_model()._default_manager.annotate(second_factor_is_set=is_set_condition())
        user = users.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def is_set_condition() -> Exists:
    return Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))


def is_set(user: Any) -> bool:
    """Whether `user` has a second factor. No query for the user of a request."""
    if hasattr(user, "second_factor_is_set"):
        return bool(user.second_factor_is_set)
    return device_of(user) is not None


def is_required(user: Any) -> bool:
    """Whether SECOND_FACTOR asks one of `user`."""
    if settings.SECOND_FACTOR == "everybody":
        return True
    return settings.SECOND_FACTOR == "editors" and any(map(user.has_perm, WEIGHTY_RIGHTS))


def device_of(user: Any) -> Any:
    """The authenticator of `user`, or None."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()


# --- Setting up and taking away -------------------------------------------------------------------


def new_key() -> str:
    """A secret to share with an authenticator: 20 random bytes, in hexadecimal digits."""
    return str(default_key())


def spelled(key: str) -> str:
    """The secret as a person types it into an authenticator: base 32, in groups of four."""
    words = b32encode(bytes.fromhex(key)).decode()
    return " ".join(words[place : place + 4] for place in range(0, len(words), 4))


def address(user: Any, key: str) -> str:
    """What the QR code says: `otpauth://totp/…`, with the name of this site and of the account."""
    return str(TOTPDevice(user=user, key=key).config_url)


@transaction.atomic
def set_up(user: Any, key: str, code: str) -> list[str]:
    """Make `key` the second factor of `user`, in the place of one that was there before.

    `code` is what the authenticator shows. Returns the new recovery codes, which cannot be had again.
    Raises ValidationError where the code is not of this key and this moment.
    """
    _lock(user)
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    digits = plain(code)
    if not (digits.isascii() and digits.isdigit()) or not totp.verify(int(digits), tolerance=1):
        raise ValidationError(
            "That is not the code which belongs to this secret now. Check that the clock of your "
            "phone is right, and enter the code that is shown at this moment."
        )
    before = _forget(user)
    TOTPDevice.objects.create(
        user=user, key=key, name="Authenticator", confirmed=True, drift=totp.drift, last_t=totp.t()
    )
    _note(user, "Replaced the second factor." if before else "Set up a second factor.")
    return _new_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(user: Any) -> list[str]:
    """Ten new recovery codes of `user`; those that were left are void."""
    _lock(user)
    codes = _new_recovery_codes(user)
    _note(user, "Made new recovery codes.")
    return codes


@transaction.atomic
def remove(user: Any, *, by: Any = None, reason: str = "") -> bool:
    """Take the second factor of `user` away; whether there was one. `by` is who does it, the person
    itself if left out."""
    _lock(user)
    found = _forget(user)
    if found:
        _note(user, f"Removed the second factor{reason and f' ({reason})'}.", by=by)
    return found


def recovery_codes_left(user: Any) -> int:
    return sum(device.token_set.count() for device in StaticDevice.objects.filter(user=user))


def _lock(user: Any) -> None:
    get_user_model()._default_manager.select_for_update().get(pk=user.pk)


def _forget(user: Any) -> bool:
    StaticDevice.objects.filter(user=user).delete()
    deleted, _ = TOTPDevice.objects.filter(user=user).delete()
    return bool(deleted)


def _new_recovery_codes(user: Any) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes", confirmed=True)
    codes = [
        get_random_string(RECOVERY_CODE_LENGTH, RECOVERY_ALPHABET) for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        device.token_set.create(token=_fingerprint(user, code))
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _fingerprint(user: Any, code: str) -> str:
    """What is stored of a recovery code, so that a copy of the database does not tell it: 64 bits of
    an HMAC under SECRET_KEY."""
    return salted_hmac(f"recovery code {user.pk}", code, algorithm="sha256").hexdigest()[:16]


def _note(user: Any, what: str, *, by: Any = None) -> None:
    LogEntry.objects.log_actions(
        user_id=(by or user).pk,
        queryset=[user],
        action_flag=CHANGE,
        change_message=what,
        single_object=True,
    )


def done_by_others(user: Any) -> Any:
    """What others changed in the account of `user` lately (password, second factor, roles, …), as
    entries of its history, the latest first."""
    entries: Any = LogEntry.objects.filter(
        content_type__app_label="auth",
        content_type__model="user",
        object_id=str(user.pk),
        action_flag=CHANGE,
        action_time__gt=timezone.now() - TOLD_FOR,
    )
    return entries.exclude(user=user).select_related("user").order_by("-action_time", "-pk")


# --- Using it -------------------------------------------------------------------------------------


def plain(code: str) -> str:
    """A code as typed, without spaces and hyphens and in small letters."""
    return "".join(code.split()).replace("-", "").lower()


@transaction.atomic
def _check(user: Any, code: str) -> tuple[Any, dt.datetime | None]:
    """The device that took `code`, or None; and until when another is not looked at."""
    code = plain(code)
    rows: Any = TOTPDevice if len(code) == 6 else StaticDevice
    for device in rows.objects.select_for_update().filter(user=user, confirmed=True):
        allowed, why = device.verify_is_allowed()
        if not allowed:
            return None, why["locked_until"]
        if device.verify_token(code if rows is TOTPDevice else _fingerprint(user, code)):
            if rows is StaticDevice:
                _note(user, "Signed in with a recovery code.")
            return device, None
    return None, None


def verify(user: Any, code: str) -> Any:
    """The device of `user` that `code` is of: six digits of the authenticator, or a recovery code,
    which is then used up.

    Raises ValidationError where it is of none, or where too many wrong ones came before.
    """
    # What is raised inside the transaction would undo the count of wrong codes.
    device, until = _check(user, code)
    if until is not None:
        wait = max(1, round((until - timezone.now()).total_seconds()))
        raise ValidationError(
            f"Too many wrong codes. Wait {_span(wait)}, then enter the code that is shown then."
        )
    if device is None:
        raise ValidationError(
            "That code is not right, or was used before. Enter the one that is shown now, or a "
            "recovery code that you have not used yet."
        )
    return device


def _span(seconds: int) -> str:
    """A time to wait, in words."""
    if seconds < 90:
        return f"{seconds} second{'s' * (seconds != 1)}"
    return f"{-(-seconds // 60)} minutes"
