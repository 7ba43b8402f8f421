"""What other publishers found of a claim, and what the three roles may do with it."""

from importlib import import_module

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
import sources.fields
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models


_roles = import_module("claims.migrations.0003_roles")
_workbench = import_module("claims.migrations.0005_workbench_roles")

WRITES = _roles._all(["view", "add", "change", "delete"], ["externalreview"])
ADDED = {
    "researcher": WRITES,
    "editor": WRITES,
    "administrator": _roles._all(["view"], ["externalreview"]),
}


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    config = apps.get_app_config("claims")
    config.models_module = True
    create_contenttypes(config, apps=apps, verbosity=0)
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for name, codenames in ADDED.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*_workbench.permissions(apps, codenames))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ADDED):
        group.permissions.remove(*_workbench.permissions(apps, ADDED[group.name]))


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0007_webhooks"),
        ("claims", "0005_workbench_roles"),
        ("sources", "0003_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalExternalReview",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="When the public could first see this. Empty: a draft, seen by the desk alone.",
                        null=True,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "publisher_name",
                    sources.fields.LineField(
                        help_text="Who reviewed it: AFP Factual.", max_length=300
                    ),
                ),
                (
                    "publisher_site",
                    sources.fields.LineField(
                        help_text="Its host name: factual.afp.com.",
                        max_length=253,
                        verbose_name="publisher's site",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        help_text="Where the review can be read. One page may review several claims.",
                        max_length=2000,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="address",
                    ),
                ),
                (
                    "title",
                    sources.fields.LineField(
                        blank=True, help_text="The headline of the review.", max_length=500
                    ),
                ),
                (
                    "claim_reviewed",
                    sources.fields.ProseField(
                        help_text="The claim in the publisher's words, which the desk's may differ from."
                    ),
                ),
                (
                    "rating_text",
                    sources.fields.LineField(
                        blank=True,
                        help_text="As printed: Mostly false. Never translated.",
                        max_length=300,
                        verbose_name="rating",
                    ),
                ),
                (
                    "rating_value",
                    sources.fields.LineField(
                        blank=True, help_text="As printed, never interpreted.", max_length=50
                    ),
                ),
                (
                    "rating_best",
                    sources.fields.LineField(blank=True, max_length=50, verbose_name="best value"),
                ),
                (
                    "rating_worst",
                    sources.fields.LineField(blank=True, max_length=50, verbose_name="worst value"),
                ),
                (
                    "reviewed_on",
                    models.DateField(blank=True, help_text="When the review appeared.", null=True),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="BCP 47 tag of the review; empty where it is not known.",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
                                "Give a BCP 47 language tag: en, ru, pt-BR.",
                            )
                        ],
                    ),
                ),
                (
                    "claimant_name",
                    sources.fields.LineField(
                        blank=True,
                        help_text="Who made the claim, as the publisher prints it.",
                        max_length=300,
                    ),
                ),
                (
                    "claimed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the claim was made, as the publisher says.",
                        null=True,
                    ),
                ),
                (
                    "appearance_urls",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Addresses as the publisher gives them, as a list. Not shown to readers.",
                        verbose_name="where the claim was made",
                    ),
                ),
                ("key", models.CharField(db_index=True, editable=False, max_length=64)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "claimant",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The speaker of that name, if the desk knows one. Shown once the speaker is public.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="sources.speaker",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical external review",
                "verbose_name_plural": "historical external reviews",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ExternalReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        db_index=True,
                        editable=False,
                        help_text="When the public could first see this. Empty: a draft, seen by the desk alone.",
                        null=True,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "publisher_name",
                    sources.fields.LineField(
                        help_text="Who reviewed it: AFP Factual.", max_length=300
                    ),
                ),
                (
                    "publisher_site",
                    sources.fields.LineField(
                        help_text="Its host name: factual.afp.com.",
                        max_length=253,
                        verbose_name="publisher's site",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        help_text="Where the review can be read. One page may review several claims.",
                        max_length=2000,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="address",
                    ),
                ),
                (
                    "title",
                    sources.fields.LineField(
                        blank=True, help_text="The headline of the review.", max_length=500
                    ),
                ),
                (
                    "claim_reviewed",
                    sources.fields.ProseField(
                        help_text="The claim in the publisher's words, which the desk's may differ from."
                    ),
                ),
                (
                    "rating_text",
                    sources.fields.LineField(
                        blank=True,
                        help_text="As printed: Mostly false. Never translated.",
                        max_length=300,
                        verbose_name="rating",
                    ),
                ),
                (
                    "rating_value",
                    sources.fields.LineField(
                        blank=True, help_text="As printed, never interpreted.", max_length=50
                    ),
                ),
                (
                    "rating_best",
                    sources.fields.LineField(blank=True, max_length=50, verbose_name="best value"),
                ),
                (
                    "rating_worst",
                    sources.fields.LineField(blank=True, max_length=50, verbose_name="worst value"),
                ),
                (
                    "reviewed_on",
                    models.DateField(blank=True, help_text="When the review appeared.", null=True),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="BCP 47 tag of the review; empty where it is not known.",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
                                "Give a BCP 47 language tag: en, ru, pt-BR.",
                            )
                        ],
                    ),
                ),
                (
                    "claimant_name",
                    sources.fields.LineField(
                        blank=True,
                        help_text="Who made the claim, as the publisher prints it.",
                        max_length=300,
                    ),
                ),
                (
                    "claimed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the claim was made, as the publisher says.",
                        null=True,
                    ),
                ),
                (
                    "appearance_urls",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Addresses as the publisher gives them, as a list. Not shown to readers.",
                        verbose_name="where the claim was made",
                    ),
                ),
                ("key", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="external_reviews",
                        to="claims.claim",
                    ),
                ),
                (
                    "claimant",
                    models.ForeignKey(
                        blank=True,
                        help_text="The speaker of that name, if the desk knows one. Shown once the speaker is public.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="sources.speaker",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "external review",
                "ordering": ["claim", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("published_at__isnull", True), ("published_by__isnull", True)
                            ),
                            models.Q(
                                ("published_at__isnull", False), ("published_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="claims_externalreview_published_when_and_by_whom",
                        violation_error_message="Publication is recorded with both its time and its editor.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publisher_name", ""), _negated=True),
                            models.Q(("publisher_site", ""), _negated=True),
                            models.Q(("claim_reviewed", ""), _negated=True),
                        ),
                        name="claims_externalreview_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("url__regex", "^https?://")),
                        name="claims_externalreview_web_address",
                        violation_error_message="A review is read on the web: its address begins with https://.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("language", ""),
                            ("language__regex", "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
                            _connector="OR",
                        ),
                        name="claims_externalreview_language_tag",
                    ),
                    models.UniqueConstraint(
                        fields=("claim", "key"),
                        name="claims_externalreview_once",
                        violation_error_message="This claim has that review already.",
                    ),
                ],
            },
        ),
        migrations.RunPython(give, take),
    ]
