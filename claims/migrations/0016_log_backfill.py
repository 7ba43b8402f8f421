"""What was published before there was a log gets its entries; from then on no verdict is without them.

Altering claims_verdict (0015) dropped its triggers on SQLite. They are installed here, anew and with more:
what a published verdict names of the log stays, its end comes with an entry, and no entry says of a verdict
what the verdict does not say of itself. A later migration that alters claims_verdict calls `install` of this
module, not that of 0002.
"""

from importlib import import_module

from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models

from claims.log.afterwards import log_what_is_there

_before = import_module("claims.migrations.0002_verdict_triggers")
_gates = import_module("claims.migrations.0014_gates")
_workbench = import_module("claims.migrations.0005_workbench_roles")

UNKNOWN = "an entry of a verdict is the one that the verdict names"
ROLE, PERMISSION = "editor", ["rotate_log_key"]

# What may be written once a verdict is published: its end, whole.
_ENDING = "ended_at,ended_by_id,ending,ending_reason"
POSTGRESQL_VERDICT = _before.POSTGRESQL_INSTALL.replace(_ENDING, f"{_ENDING},ending_entry_id")
SQLITE_VERDICT = {
    name: body.replace(
        _gates.CHANGED,
        f"{_gates.CHANGED} OR NEW.publication_entry_id IS NOT OLD.publication_entry_id",
    )
    for name, body in _gates.SQLITE.items()
}

UNNAMED = """
    NEW.kind IN ('published', 'corrected') AND NOT EXISTS (
        SELECT 1 FROM claims_verdict v
        WHERE v.id = NEW.verdict_id AND v.publication_entry_id = NEW.number
    ) OR NEW.kind IN ('superseded', 'withdrawn') AND NOT EXISTS (
        SELECT 1 FROM claims_verdict v
        WHERE v.id = NEW.verdict_id AND v.ending_entry_id = NEW.number AND v.ending = NEW.kind
    )
"""
POSTGRESQL_ENTRY = f"""
    CREATE FUNCTION claims_logentry_is_named() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {UNNAMED} THEN
            RAISE EXCEPTION '{UNKNOWN}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER claims_logentry_is_named BEFORE INSERT ON claims_logentry
        FOR EACH ROW EXECUTE FUNCTION claims_logentry_is_named();
"""
SQLITE_ENTRY = {
    "claims_logentry_is_named": f"""
        BEFORE INSERT ON claims_logentry WHEN {UNNAMED}
            BEGIN SELECT RAISE(ABORT, '{UNKNOWN}'); END
    """
}


def execute(schema_editor, postgresql, sqlite):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(postgresql)
        else:
            for statement in sqlite:
                cursor.execute(statement)


def made(triggers):
    return [f"CREATE TRIGGER {name} {body}" for name, body in triggers.items()]


def dropped(triggers):
    return [f"DROP TRIGGER IF EXISTS {name}" for name in triggers]


def install(apps, schema_editor):
    """Install the triggers of claims_verdict, on which there are none."""
    execute(schema_editor, POSTGRESQL_VERDICT, made(SQLITE_VERDICT))


def remove(apps, schema_editor):
    execute(schema_editor, _before.POSTGRESQL_REMOVE, dropped(SQLITE_VERDICT))


def install_for_entries(apps, schema_editor):
    execute(schema_editor, POSTGRESQL_ENTRY, made(SQLITE_ENTRY))


def remove_for_entries(apps, schema_editor):
    execute(
        schema_editor,
        "DROP FUNCTION claims_logentry_is_named() CASCADE",
        dropped(SQLITE_ENTRY),
    )


def fill(apps, schema_editor):
    log_what_is_there(apps.get_model)
    if schema_editor.connection.vendor == "postgresql":
        # Or the table could not be altered in the same transaction.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    config = apps.get_app_config("claims")
    config.models_module = True
    create_contenttypes(config, apps=apps, verbosity=0)
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=ROLE)
    group.permissions.add(*_workbench.permissions(apps, PERMISSION))


def take(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.get(name=ROLE)
    group.permissions.remove(*_workbench.permissions(apps, PERMISSION))


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0015_log"),
        ("claims", "0005_workbench_roles"),
        ("sources", "0006_links_and_chains"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(_before.remove, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ending_entry__isnull", True),
                        ("publication_entry__isnull", True),
                        ("published_at__isnull", True),
                    ),
                    models.Q(
                        ("ended_at__isnull", True),
                        ("ending_entry__isnull", True),
                        ("publication_entry__isnull", False),
                        ("published_at__isnull", False),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ending_entry__isnull", False),
                        ("publication_entry__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="claims_verdict_logged",
            ),
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(install_for_entries, remove_for_entries),
        migrations.RunPython(give, take),
    ]
