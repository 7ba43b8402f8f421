"""The one form of constraint that recurs on every model: a field holds one of its choices."""

from django.db import models


def one_of(field: str, choices: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """Return a check constraint, called `name`, that `field` holds one of the values of `choices`."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": choices.values}),
        name=name,
        violation_error_message=f"{field}: choose one of {', '.join(choices.values)}.",
    )
