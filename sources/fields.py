"""Text that people write for readers."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models

# What XML 1.0 (section 2.2) cannot carry, and a feed therefore cannot; word processors leave some behind.
no_control_characters = RegexValidator(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]",
    "It holds an invisible control character, perhaps from a word processor: type the words anew.",
    code="control_character",
    inverse_match=True,
)


not_only_white_space = RegexValidator(r"\S", "It is blank.", code="blank")


class LineField(models.CharField):
    """A line of text, without control characters."""

    default_validators = [no_control_characters, not_only_white_space]


class ProseFormField(forms.CharField):
    """A browser sends each line break as two characters. Kept so, every text that came in otherwise
    would be changed by a form in which nobody has changed it."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class ProseField(models.TextField):
    """Text of any length, without control characters but tabs and line ends."""

    default_validators = [no_control_characters, not_only_white_space]

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": ProseFormField, **kwargs})
