"""Why the desk checks each claim: from now on, every new one says so. Of those that are there already it is not
known; they say that, until somebody who knows it edits them."""

import sources.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0017_withdrawals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="selection",
            field=models.CharField(
                choices=[
                    ("repeated", "it is widely repeated"),
                    ("decides", "a decision or a policy rests on it"),
                    ("reader", "a reader asked for it"),
                    ("document", "it stands in a document that is checked whole"),
                    ("part", "it is a part of a compound claim"),
                    ("answer", "it answers a claim that is checked"),
                    ("contradiction", "it contradicts another claim"),
                    ("reviewed", "another publisher has reviewed it"),
                    ("other", "for another reason"),
                    ("not-recorded", "the reason was not recorded"),
                ],
                default="not-recorded",
                help_text="Why the desk checks this claim and not another, for readers: said of every claim, and counted for every speaker alike.",
                max_length=20,
                verbose_name="why selected",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="claim",
            name="selection_note",
            field=sources.fields.LineField(
                blank=True,
                help_text="For readers: needed for another reason than those named; otherwise where it helps.",
                max_length=300,
                verbose_name="why, in words",
            ),
        ),
        migrations.AddField(
            model_name="historicalclaim",
            name="selection",
            field=models.CharField(
                choices=[
                    ("repeated", "it is widely repeated"),
                    ("decides", "a decision or a policy rests on it"),
                    ("reader", "a reader asked for it"),
                    ("document", "it stands in a document that is checked whole"),
                    ("part", "it is a part of a compound claim"),
                    ("answer", "it answers a claim that is checked"),
                    ("contradiction", "it contradicts another claim"),
                    ("reviewed", "another publisher has reviewed it"),
                    ("other", "for another reason"),
                    ("not-recorded", "the reason was not recorded"),
                ],
                default="not-recorded",
                help_text="Why the desk checks this claim and not another, for readers: said of every claim, and counted for every speaker alike.",
                max_length=20,
                verbose_name="why selected",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="historicalclaim",
            name="selection_note",
            field=sources.fields.LineField(
                blank=True,
                help_text="For readers: needed for another reason than those named; otherwise where it helps.",
                max_length=300,
                verbose_name="why, in words",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "selection__in",
                        [
                            "repeated",
                            "decides",
                            "reader",
                            "document",
                            "part",
                            "answer",
                            "contradiction",
                            "reviewed",
                            "other",
                            "not-recorded",
                        ],
                    )
                ),
                name="claims_claim_selection_known",
                violation_error_message="selection: choose one of repeated, decides, reader, document, part, answer, contradiction, reviewed, other, not-recorded.",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("selection", "other"), _negated=True),
                    models.Q(("selection_note", ""), _negated=True),
                    _connector="OR",
                ),
                name="claims_claim_other_selection_in_words",
                violation_error_message="Say in words what the other reason is.",
            ),
        ),
    ]
