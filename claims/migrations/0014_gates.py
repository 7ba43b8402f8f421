"""Gates overridden, and why no primary source is cited; who may override; the triggers that keep both."""

from importlib import import_module

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models

import sources.fields

_triggers = import_module("claims.migrations.0002_verdict_triggers")

ADDED = ("no_primary", "overrides")
UPDATED = "claims_verdict_is_not_updated"
CHANGED = " OR ".join(
    f"NEW.{column} IS NOT OLD.{column}" for column in (*_triggers.CONTENT, *ADDED)
)
# PostgreSQL compares whole rows, and keeps its triggers when a column is added.
SQLITE = _triggers.SQLITE | {
    UPDATED: f"""
        BEFORE UPDATE ON claims_verdict
            WHEN OLD.published_at IS NOT NULL AND (OLD.ended_at IS NOT NULL OR {CHANGED})
            BEGIN SELECT RAISE(ABORT, '{_triggers.PUBLISHED}'); END
    """
}


def _execute(schema_editor, statements):
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def remove(apps, schema_editor):
    _execute(schema_editor, [f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE])


def install(apps, schema_editor):
    _execute(schema_editor, [f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()])


def install_as_before(apps, schema_editor):
    triggers = _triggers.SQLITE.items()
    _execute(schema_editor, [f"CREATE TRIGGER {name} {body}" for name, body in triggers])


def install_whole(apps, schema_editor):
    """All triggers of claims_verdict, on which there are none: what a later migration goes back to."""
    if schema_editor.connection.vendor == "postgresql":
        _triggers.install(apps, schema_editor)
    else:
        install(apps, schema_editor)


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    config = apps.get_app_config("claims")
    config.models_module = True
    create_contenttypes(config, apps=apps, verbosity=0)
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    editors, _ = apps.get_model("auth", "Group").objects.get_or_create(name="editor")
    editors.permissions.add(_permission(apps))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="editor"):
        group.permissions.remove(_permission(apps))


def _permission(apps):
    return apps.get_model("auth", "Permission").objects.get(
        codename="override_gate", content_type__app_label="claims"
    )


def no_primary():
    return sources.fields.ProseField(
        blank=True,
        help_text="For readers, where a rating that decides rests on no primary source. Empty otherwise.",
        verbose_name="why no primary source is cited",
    )


def overrides():
    return models.JSONField(
        blank=True,
        default=list,
        editable=False,
        help_text="What the evidence does not show that it should: gate, why it was let through, and when.",
        verbose_name="gates overridden",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0013_indexed_text"),
        ("sources", "0007_not_archived"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="verdict",
            options={
                "ordering": ["claim", "-version"],
                "permissions": [
                    ("submit_verdict", "Can submit a verdict for review"),
                    ("approve_verdict", "Can approve and publish a verdict, or send it back"),
                    ("withdraw_verdict", "Can withdraw a published verdict"),
                    (
                        "override_gate",
                        "Can let a verdict through a gate that its evidence does not pass",
                    ),
                ],
            },
        ),
        migrations.RunPython(remove, install_as_before),
        migrations.AddField("historicalverdict", "no_primary", no_primary()),
        migrations.AddField("historicalverdict", "overrides", overrides()),
        migrations.AddField("verdict", "no_primary", no_primary()),
        migrations.AddField("verdict", "overrides", overrides()),
        migrations.RunPython(install, remove),
        migrations.RunPython(give, take),
    ]
