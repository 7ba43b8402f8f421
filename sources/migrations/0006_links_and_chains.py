"""Since when an address fails; and no chain of sources bites its own tail: kept by the database itself.

A trap for later migrations: on SQLite, altering a table makes it anew and drops its triggers. A migration
that alters sources_source calls `remove` before and `install` after it (tests/sources/test_chains.py fails
otherwise).
"""

from django.db import migrations, models

CIRCLE = "a source is not derived from what is itself derived from it"

# Whether the row that was just written stands in its own chain. The same in both dialects.
BITES_ITS_TAIL = """
    EXISTS (
        WITH RECURSIVE chain(id) AS (
            SELECT NEW.derived_from_id
            UNION
            SELECT s.derived_from_id FROM sources_source s JOIN chain ON s.id = chain.id
            WHERE s.derived_from_id IS NOT NULL
        ) SELECT 1 FROM chain WHERE chain.id = NEW.id
    )
"""

# Two transactions that add half of a circle each do not see each other's half: so one waits for the other
# (`Source.lock_above` takes the same lock, earlier). SQLite has one writer at a time.
POSTGRESQL_INSTALL = f"""
    CREATE FUNCTION sources_source_has_an_origin() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.derived_from_id IS NULL THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF NEW.derived_from_id IS NOT DISTINCT FROM OLD.derived_from_id AND NEW.id = OLD.id THEN
                RETURN NULL;
            END IF;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('sources_source_has_an_origin'));
        IF {BITES_ITS_TAIL} THEN
            RAISE EXCEPTION '{CIRCLE}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER sources_source_has_an_origin AFTER INSERT OR UPDATE ON sources_source
        FOR EACH ROW EXECUTE FUNCTION sources_source_has_an_origin();
"""

POSTGRESQL_REMOVE = """
    DROP TRIGGER sources_source_has_an_origin ON sources_source;
    DROP FUNCTION sources_source_has_an_origin();
"""

SQLITE = {
    "sources_source_has_an_origin_when_made": f"""
        AFTER INSERT ON sources_source WHEN NEW.derived_from_id IS NOT NULL AND {BITES_ITS_TAIL}
            BEGIN SELECT RAISE(ABORT, '{CIRCLE}'); END
    """,
    "sources_source_has_an_origin_when_changed": f"""
        AFTER UPDATE ON sources_source
            WHEN NEW.derived_from_id IS NOT NULL
            AND (NEW.derived_from_id IS NOT OLD.derived_from_id OR NEW.id <> OLD.id)
            AND {BITES_ITS_TAIL}
            BEGIN SELECT RAISE(ABORT, '{CIRCLE}'); END
    """,
}


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_INSTALL)
        else:
            for name, body in SQLITE.items():
                cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_REMOVE)
        else:
            for name in SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("sources", "0005_sources_that_stay")]

    operations = [
        migrations.AlterModelOptions(
            name="link",
            options={
                "default_permissions": ("view",),
                "ordering": ["source"],
                "verbose_name_plural": "addresses of sources",
            },
        ),
        migrations.AddField(
            model_name="link",
            name="failing_since",
            field=models.DateTimeField(
                blank=True, help_text="When the first of these was.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("failing_since__isnull", True), ("failures", 0)),
                    models.Q(("failing_since__isnull", False), ("failures__gt", 0)),
                    _connector="OR",
                ),
                name="sources_link_failing_since_the_first_failure",
            ),
        ),
        migrations.RunPython(install, remove),
    ]
