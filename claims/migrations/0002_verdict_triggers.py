"""A published verdict never changes, except that its end is recorded once: kept by the database itself.

A trap for later migrations: on SQLite, altering a table makes it anew and drops its triggers. A
migration that alters claims_verdict calls `install` of this module again, with a new column added to
CONTENT (tests/claims/test_triggers.py fails otherwise). 0017_withdrawals adds a trigger to the same table.
"""

from django.db import migrations

PUBLISHED = "a published verdict never changes: write a new version, or withdraw it"
DELETED = "a published verdict is never deleted: withdraw it, and say why"
SECOND = "a claim has at most one verdict in force"

CONTENT = [
    "id", "claim_id", "version", "rating_id", "claim_text", "headline", "rationale", "reason", "note",
    "author_id", "created_at", "submitted_at", "submitted_by_id", "published_at", "reviewer_id",
]  # fmt: skip

POSTGRESQL_INSTALL = f"""
    CREATE FUNCTION claims_verdict_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.published_at IS NOT NULL AND (
                OLD.ended_at IS NOT NULL
                OR to_jsonb(NEW) - '{{ended_at,ended_by_id,ending,ending_reason}}'::text[]
                    IS DISTINCT FROM
                    to_jsonb(OLD) - '{{ended_at,ended_by_id,ending,ending_reason}}'::text[]
            ) THEN
                RAISE EXCEPTION '{PUBLISHED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        ELSIF TG_OP = 'DELETE' THEN
            IF OLD.published_at IS NOT NULL THEN
                RAISE EXCEPTION '{DELETED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '{DELETED}' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER claims_verdict_stays BEFORE UPDATE OR DELETE ON claims_verdict
        FOR EACH ROW EXECUTE FUNCTION claims_verdict_stays();
    CREATE TRIGGER claims_verdict_is_not_truncated BEFORE TRUNCATE ON claims_verdict
        FOR EACH STATEMENT EXECUTE FUNCTION claims_verdict_stays();
"""

POSTGRESQL_REMOVE = """
    DROP TRIGGER claims_verdict_is_not_truncated ON claims_verdict;
    DROP TRIGGER claims_verdict_stays ON claims_verdict;
    DROP FUNCTION claims_verdict_stays();
"""

CHANGED = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in CONTENT)

# INSERT OR REPLACE and UPDATE OR REPLACE delete the row in their way without asking the delete
# trigger: hence the checks for a published row that would be in the way.
SQLITE = {
    "claims_verdict_is_not_updated": f"""
        BEFORE UPDATE ON claims_verdict
            WHEN OLD.published_at IS NOT NULL AND (OLD.ended_at IS NOT NULL OR {CHANGED})
            BEGIN SELECT RAISE(ABORT, '{PUBLISHED}'); END
    """,
    "claims_verdict_is_not_deleted": f"""
        BEFORE DELETE ON claims_verdict
            WHEN OLD.published_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, '{DELETED}'); END
    """,
    "claims_verdict_is_not_replaced_by_insert": f"""
        BEFORE INSERT ON claims_verdict
            WHEN EXISTS (
                SELECT 1 FROM claims_verdict v WHERE v.published_at IS NOT NULL AND (
                    v.id = NEW.id OR (v.claim_id = NEW.claim_id AND v.version = NEW.version)
                )
            )
            BEGIN SELECT RAISE(ABORT, '{PUBLISHED}'); END
    """,
    "claims_verdict_is_not_replaced_by_update": f"""
        BEFORE UPDATE ON claims_verdict
            WHEN EXISTS (
                SELECT 1 FROM claims_verdict v
                WHERE v.published_at IS NOT NULL AND v.id IS NOT OLD.id AND (
                    v.id = NEW.id OR (v.claim_id = NEW.claim_id AND v.version = NEW.version)
                )
            )
            BEGIN SELECT RAISE(ABORT, '{PUBLISHED}'); END
    """,
    "claims_verdict_is_the_only_one_made": f"""
        BEFORE INSERT ON claims_verdict
            WHEN NEW.published_at IS NOT NULL AND NEW.ended_at IS NULL AND EXISTS (
                SELECT 1 FROM claims_verdict v WHERE v.claim_id = NEW.claim_id
                AND v.published_at IS NOT NULL AND v.ended_at IS NULL
            )
            BEGIN SELECT RAISE(ABORT, '{SECOND}'); END
    """,
    "claims_verdict_is_the_only_one_published": f"""
        BEFORE UPDATE ON claims_verdict
            WHEN NEW.published_at IS NOT NULL AND NEW.ended_at IS NULL AND EXISTS (
                SELECT 1 FROM claims_verdict v WHERE v.claim_id = NEW.claim_id AND v.id IS NOT OLD.id
                AND v.published_at IS NOT NULL AND v.ended_at IS NULL
            )
            BEGIN SELECT RAISE(ABORT, '{SECOND}'); END
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
    dependencies = [("claims", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
