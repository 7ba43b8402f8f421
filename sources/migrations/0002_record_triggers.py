"""Snapshots never change, and a passage says what its snapshot says: kept by the database itself.

A trap for later migrations: on SQLite, altering a table makes it anew and drops its triggers. A
migration that alters sources_snapshot or sources_passage calls `install` of this module again
(tests/sources/test_triggers.py fails otherwise).
"""

from django.db import migrations

SNAPSHOT = "a snapshot never changes and is never deleted: another text is another edition"
PASSAGE = "a passage reads exactly what its snapshot reads from start to end, in its turn"

# The same in both dialects. Substrings alone would not do: past the end of a text they come out short.
PASSAGE_IS_EXACT = """
    EXISTS (
        SELECT 1 FROM sources_snapshot s WHERE s.id = NEW.snapshot_id
        AND length(NEW.exact) = NEW."end" - NEW.start
        AND substr(s.text, NEW.start + 1, NEW."end" - NEW.start) = NEW.exact
        AND length(NEW.prefix) <= NEW.start
        AND substr(s.text, NEW.start + 1 - length(NEW.prefix), length(NEW.prefix)) = NEW.prefix
        AND substr(s.text, NEW."end" + 1, length(NEW.suffix)) = NEW.suffix
    ) AND (
        NEW.turn_id IS NULL OR EXISTS (
            SELECT 1 FROM sources_turn t WHERE t.id = NEW.turn_id
            AND t.snapshot_id = NEW.snapshot_id AND t.start <= NEW.start AND t."end" >= NEW."end"
        )
    )
"""

POSTGRESQL_INSTALL = f"""
    CREATE FUNCTION sources_snapshot_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{SNAPSHOT}' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER sources_snapshot_is_immutable BEFORE UPDATE OR DELETE ON sources_snapshot
        FOR EACH ROW EXECUTE FUNCTION sources_snapshot_is_immutable();
    CREATE TRIGGER sources_snapshot_is_not_truncated BEFORE TRUNCATE ON sources_snapshot
        FOR EACH STATEMENT EXECUTE FUNCTION sources_snapshot_is_immutable();
    CREATE FUNCTION sources_passage_is_exact() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT ({PASSAGE_IS_EXACT}) THEN
            RAISE EXCEPTION '{PASSAGE}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER sources_passage_is_exact BEFORE INSERT OR UPDATE ON sources_passage
        FOR EACH ROW EXECUTE FUNCTION sources_passage_is_exact();
"""

POSTGRESQL_REMOVE = """
    DROP TRIGGER sources_passage_is_exact ON sources_passage;
    DROP FUNCTION sources_passage_is_exact();
    DROP TRIGGER sources_snapshot_is_not_truncated ON sources_snapshot;
    DROP TRIGGER sources_snapshot_is_immutable ON sources_snapshot;
    DROP FUNCTION sources_snapshot_is_immutable();
"""

# INSERT OR REPLACE deletes the row in its way without asking the delete trigger: hence the first one.
SQLITE = {
    "sources_snapshot_is_not_replaced": f"""
        BEFORE INSERT ON sources_snapshot
            WHEN EXISTS (
                SELECT 1 FROM sources_snapshot s
                WHERE s.id = NEW.id OR (
                    s.source_id = NEW.source_id
                    AND (s.edition = NEW.edition OR s.sha256 = NEW.sha256)
                )
            )
            BEGIN SELECT RAISE(ABORT, '{SNAPSHOT}'); END
    """,
    "sources_snapshot_is_not_updated": f"""
        BEFORE UPDATE ON sources_snapshot
            BEGIN SELECT RAISE(ABORT, '{SNAPSHOT}'); END
    """,
    "sources_snapshot_is_not_deleted": f"""
        BEFORE DELETE ON sources_snapshot
            BEGIN SELECT RAISE(ABORT, '{SNAPSHOT}'); END
    """,
    "sources_passage_is_exact_when_made": f"""
        BEFORE INSERT ON sources_passage
            WHEN NOT ({PASSAGE_IS_EXACT}) BEGIN SELECT RAISE(ABORT, '{PASSAGE}'); END
    """,
    "sources_passage_is_exact_when_changed": f"""
        BEFORE UPDATE ON sources_passage
            WHEN NOT ({PASSAGE_IS_EXACT}) BEGIN SELECT RAISE(ABORT, '{PASSAGE}'); END
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
    dependencies = [("sources", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
