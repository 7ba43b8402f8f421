"""Why the desk took a claim up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WhySelected(models.TextChoices):
    """Said once, of every claim, when it is made (IFCN Code of Principles: on what grounds claims are
    selected). The labels finish the sentence “Why the desk checks it: …”."""

    REPEATED = "repeated", _("it is widely repeated")
    DECIDES = "decides", _("a decision or a policy rests on it")
    READER = "reader", _("a reader asked for it")
    DOCUMENT = "document", _("it stands in a document that is checked whole")
    PART = "part", _("it is a part of a compound claim")
    ANSWER = "answer", _("it answers a claim that is checked")
    CONTRADICTION = "contradiction", _("it contradicts another claim")
    REVIEWED = "reviewed", _("another publisher has reviewed it")
    OTHER = "other", _("for another reason")
    # Of claims that were there before the desk had to say: no new one may be so (`Claim.save`).
    NOT_RECORDED = "not-recorded", _("the reason was not recorded")


# What somebody who makes a claim chooses from.
TO_CHOOSE = [(each.value, each.label) for each in WhySelected if each != WhySelected.NOT_RECORDED]
