"""Pairs of claims that may be one; and what the three roles may do with them."""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models

import sources.fields

_all = import_module("claims.migrations.0003_roles")._all

VIEW = _all(["view"], ["likelyduplicate"])
RESEARCHER = [*VIEW, "reject_likelyduplicate"]
ADDED = {"researcher": RESEARCHER, "editor": RESEARCHER, "administrator": VIEW}


def permissions(apps):
    return apps.get_model("auth", "Permission").objects.filter(content_type__app_label="claims")


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    config = apps.get_app_config("claims")
    config.models_module = True
    create_contenttypes(config, apps=apps, verbosity=0)
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for name, codenames in ADDED.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*permissions(apps).filter(codename__in=codenames))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ADDED):
        codenames = ADDED[group.name]
        group.permissions.remove(*permissions(apps).filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0011_claim_vectors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comparison",
            fields=[
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="comparison",
                        serialize=False,
                        to="claims.claim",
                    ),
                ),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HistoricalLikelyDuplicate",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "probability",
                    models.FloatField(
                        help_text="0 to 1: how likely it is that both say the same, as far as their words tell."
                    ),
                ),
                ("why", models.TextField(help_text="What they share, in words.")),
                (
                    "first_text",
                    models.TextField(help_text="As it read when they were compared, or rejected."),
                ),
                (
                    "second_text",
                    models.TextField(help_text="As it read when they were compared, or rejected."),
                ),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("rejected_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "reason",
                    sources.fields.ProseField(
                        blank=True,
                        help_text="What tells the two apart, for whoever wonders later. For the desk alone.",
                    ),
                ),
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
                    "first",
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rejected_by",
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
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The younger of the two.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical likely duplicate",
                "verbose_name_plural": "historical likely duplicates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LikelyDuplicate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "probability",
                    models.FloatField(
                        help_text="0 to 1: how likely it is that both say the same, as far as their words tell."
                    ),
                ),
                ("why", models.TextField(help_text="What they share, in words.")),
                (
                    "first_text",
                    models.TextField(help_text="As it read when they were compared, or rejected."),
                ),
                (
                    "second_text",
                    models.TextField(help_text="As it read when they were compared, or rejected."),
                ),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("rejected_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "reason",
                    sources.fields.ProseField(
                        blank=True,
                        help_text="What tells the two apart, for whoever wonders later. For the desk alone.",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "rejected_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        help_text="The younger of the two.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "verbose_name": "likely duplicate",
                "ordering": ["-probability", "pk"],
                "permissions": [
                    (
                        "reject_likelyduplicate",
                        "Can say that two claims are not the same, and take that back",
                    )
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"), name="claims_likelyduplicate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="claims_likelyduplicate_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("probability__gte", 0), ("probability__lte", 1)),
                        name="claims_likelyduplicate_probability",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("reason", ""),
                                ("rejected_at__isnull", True),
                                ("rejected_by__isnull", True),
                            ),
                            models.Q(
                                ("rejected_at__isnull", False), ("rejected_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="claims_likelyduplicate_rejected_when_and_by_whom",
                    ),
                ],
            },
        ),
        migrations.RunPython(give, take),
    ]
