"""The form by which a reader reports an error: no account, no cookie, no script, nobody else's service.

Against programs that fill in whatever they find: a field that people do not see, a time that a person needs
at least, and a ticket, signed here, that makes one report at most (config/reading_access.py counts besides
how often an address sends one). There is no session, so nothing can be done in somebody's name by a forged
form; `from_elsewhere` keeps other sites from having their visitors send it.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.validators import MaxLengthValidator, URLValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sources.fields import ProseFormField

from .models import ReaderReport
from .models.reader_report import TEXT_LIMIT, ReportKind
from .words import legible

QUICKEST = 3  # seconds; nobody reads the form and writes a sentence in less
OPEN_FOR = 24 * 60 * 60  # seconds until a form has to be asked for anew
FORM, RECEIPT = "claims.reporting.form", "claims.reporting.receipt"  # what is signed for what
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def is_shown() -> bool:
    """Whether there is something to tell of readers' reports: they are taken, or were once."""
    return settings.READER_REPORTS or ReaderReport.objects.exists()


def from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that a page of another site has it send this. What sends neither header is no
    browser of today, and nobody's."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin", "null")
    return origin != "null" and origin.partition("://")[2] != request.get_host()


def new_ticket(slug: str) -> str:
    """Return a new ticket for a form about the claim `slug`, with the time of now."""
    return signing.dumps([slug, uuid.uuid4().hex, _now()], salt=FORM)


def receipt_for(ticket: uuid.UUID, at: dt.datetime) -> str:
    """Return what leads back to a report that was received `at`, and to no other: for who sent it."""
    return signing.dumps([ticket.hex, int(at.timestamp())], salt=RECEIPT)


def read_receipt(receipt: str) -> tuple[uuid.UUID, dt.datetime]:
    """The ticket and the time (UTC) in a receipt. Raises signing.BadSignature for what is none."""
    ticket, at = signing.loads(receipt, salt=RECEIPT)
    return uuid.UUID(ticket), dt.datetime.fromtimestamp(at, dt.UTC)


def _now() -> int:
    return int(timezone.now().timestamp())


class WordsField(ProseFormField):
    """What somebody writes, without what no program can show."""

    def to_python(self, value: Any) -> Any:
        words: str = super().to_python(value)
        return CONTROL.sub("", legible(words)).strip()


class WebAddressField(forms.URLField):
    """Typed without a scheme, it is of the web all the same; browsers are stricter."""

    widget = forms.TextInput
    default_validators = [URLValidator(schemes=["http", "https"])]


class ReportForm(forms.Form):
    """After `is_valid`, `ticket_number` is the number of its ticket."""

    kind = forms.ChoiceField(
        label=_("What is wrong"), choices=[("", _("Choose")), *ReportKind.choices]
    )
    text = WordsField(
        label=_("What you have found"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Say which words you mean, and what is right. Up to 5,000 characters."),
        validators=[MaxLengthValidator(TEXT_LIMIT)],
    )
    source_url = WebAddressField(
        label=_("Where one can see it, if you know: a web address"),
        required=False,
        max_length=2_000,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"size": 40, "inputmode": "url", "autocomplete": "off"}),
    )
    contact = forms.EmailField(
        label=_("Your e-mail address, if you want an answer by mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"size": 40, "autocomplete": "email"}),
        help_text=_("It is never published, and deleted when your report is settled."),
    )
    consent = forms.BooleanField(
        label=_("What I wrote may be published, with the desk’s answer"), required=False
    )
    # For programs alone: people neither see it nor come to it with the keyboard.
    website = forms.CharField(required=False)
    ticket = forms.CharField(required=False)

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug
        self.next_ticket = new_ticket(slug)
        self.ticket_number: uuid.UUID | None = None

    @property
    def is_bait(self) -> bool:
        """Whether the field was filled that nobody sees."""
        return bool(self.data.get("website", "").strip())

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that people see."""
        return [self[name] for name in ("kind", "text", "source_url", "contact", "consent")]

    @property
    def wrong(self) -> list[forms.BoundField]:
        return [field for field in self.shown if field.errors]

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        try:
            slug, number, made = signing.loads(sent.get("ticket", ""), salt=FORM)
        except signing.BadSignature:
            slug, number, made = None, "", 0
        age = _now() - made
        if slug != self.slug or age > OPEN_FOR:
            self.add_error(
                None,
                _("The form was open for more than a day, or did not arrive whole. Send it again."),
            )
            return sent
        self.next_ticket = self.data["ticket"]  # its time has begun, and it is good for one report
        self.ticket_number = uuid.UUID(number)
        if age < QUICKEST:
            self.add_error(
                None,
                _(
                    "That was quicker than people write. If you are one, wait a moment and send it again."
                ),
            )
        return sent
