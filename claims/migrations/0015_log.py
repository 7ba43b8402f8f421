"""The log: entries, documents, tree, checkpoints, keys; append-only by triggers of the database.

Each migration of a table of these on SQLite makes the table anew and drops its triggers: such a one calls
`install` of this module again.
"""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

_before = import_module("claims.migrations.0014_gates")

APPENDED = "the log is append-only: nothing in it changes or goes"
GAP = "an entry has the next number of the log"
LONGER = "the log only grows, and its head stays"

TABLES = ["logentry", "logdocument", "lognode", "logcheckpoint", "logkey"]

POSTGRESQL_INSTALL = f"""
    CREATE FUNCTION claims_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{APPENDED}' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE FUNCTION claims_log_has_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.number > 0 AND NOT EXISTS (
            SELECT 1 FROM claims_logentry e WHERE e.number = NEW.number - 1
        ) THEN
            RAISE EXCEPTION '{GAP}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER claims_log_has_no_gap BEFORE INSERT ON claims_logentry
        FOR EACH ROW EXECUTE FUNCTION claims_log_has_no_gap();
    CREATE FUNCTION claims_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.size >= OLD.size THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{LONGER}' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER claims_log_only_grows BEFORE UPDATE OR DELETE ON claims_loghead
        FOR EACH ROW EXECUTE FUNCTION claims_log_only_grows();
    CREATE TRIGGER claims_loghead_is_not_truncated BEFORE TRUNCATE ON claims_loghead
        FOR EACH STATEMENT EXECUTE FUNCTION claims_log_only_grows();
    CREATE FUNCTION claims_logkeyrotation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' OR OLD.confirmed_at IS NOT NULL THEN
            RAISE EXCEPTION '{APPENDED}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER claims_logkeyrotation_stays BEFORE UPDATE OR DELETE ON claims_logkeyrotation
        FOR EACH ROW EXECUTE FUNCTION claims_logkeyrotation_stays();
    CREATE TRIGGER claims_logkeyrotation_is_not_truncated BEFORE TRUNCATE ON claims_logkeyrotation
        FOR EACH STATEMENT EXECUTE FUNCTION claims_logkeyrotation_stays();
""" + "".join(
    f"""
    CREATE TRIGGER claims_{table}_stays BEFORE UPDATE OR DELETE ON claims_{table}
        FOR EACH ROW EXECUTE FUNCTION claims_log_is_append_only();
    CREATE TRIGGER claims_{table}_is_not_truncated BEFORE TRUNCATE ON claims_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION claims_log_is_append_only();
    """
    for table in TABLES
)

# Dropping the functions takes their triggers along.
POSTGRESQL_REMOVE = """
    DROP FUNCTION claims_logkeyrotation_stays() CASCADE;
    DROP FUNCTION claims_log_only_grows() CASCADE;
    DROP FUNCTION claims_log_has_no_gap() CASCADE;
    DROP FUNCTION claims_log_is_append_only() CASCADE;
"""

# INSERT OR REPLACE deletes what is in its way without asking the delete trigger. A document that is there
# already is the same: another insert of it (which Django writes as OR IGNORE) does nothing.
IN_THE_WAY = {
    "logentry": "o.number = NEW.number",
    "logdocument": "o.sha256 = NEW.sha256",
    "lognode": 'o.id = NEW.id OR (o.level = NEW.level AND o."index" = NEW."index")',
    "logcheckpoint": "o.size = NEW.size",
    "logkey": "o.number = NEW.number OR o.verifier = NEW.verifier OR o.entry_id = NEW.entry_id",
}
SQLITE = {
    f"claims_{table}_is_not_{done}": f"""
        BEFORE {event} ON claims_{table} BEGIN SELECT RAISE(ABORT, '{APPENDED}'); END
    """
    for table in TABLES
    for done, event in {"updated": "UPDATE", "deleted": "DELETE"}.items()
} | {
    f"claims_{table}_is_not_replaced": f"""
        BEFORE INSERT ON claims_{table} WHEN EXISTS (SELECT 1 FROM claims_{table} o WHERE {same})
            BEGIN SELECT {"RAISE(IGNORE)" if table == "logdocument" else f"RAISE(ABORT, '{APPENDED}')"}; END
    """
    for table, same in IN_THE_WAY.items()
} | {
    "claims_log_has_no_gap": f"""
        BEFORE INSERT ON claims_logentry
            WHEN NEW.number > 0
            AND NOT EXISTS (SELECT 1 FROM claims_logentry e WHERE e.number = NEW.number - 1)
            BEGIN SELECT RAISE(ABORT, '{GAP}'); END
    """,
    "claims_log_only_grows": f"""
        BEFORE UPDATE ON claims_loghead WHEN NEW.size < OLD.size OR NEW.id IS NOT OLD.id
            BEGIN SELECT RAISE(ABORT, '{LONGER}'); END
    """,
    "claims_loghead_is_not_deleted": f"""
        BEFORE DELETE ON claims_loghead BEGIN SELECT RAISE(ABORT, '{LONGER}'); END
    """,
    "claims_loghead_is_not_replaced": f"""
        BEFORE INSERT ON claims_loghead WHEN EXISTS (SELECT 1 FROM claims_loghead)
            BEGIN SELECT RAISE(ABORT, '{LONGER}'); END
    """,
    "claims_logkeyrotation_is_not_updated": f"""
        BEFORE UPDATE ON claims_logkeyrotation WHEN OLD.confirmed_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, '{APPENDED}'); END
    """,
    "claims_logkeyrotation_is_not_deleted": f"""
        BEFORE DELETE ON claims_logkeyrotation WHEN OLD.confirmed_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, '{APPENDED}'); END
    """,
    "claims_logkeyrotation_is_not_replaced": f"""
        BEFORE INSERT ON claims_logkeyrotation
            WHEN EXISTS (
                SELECT 1 FROM claims_logkeyrotation o WHERE o.confirmed_at IS NOT NULL
                AND (o.id = NEW.id OR o.entry_id = NEW.entry_id)
            )
            BEGIN SELECT RAISE(ABORT, '{APPENDED}'); END
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


def begin(apps, schema_editor):
    apps.get_model("claims", "LogHead").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0014_gates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Altering claims_verdict drops its triggers on SQLite, there (0016) and back.
        migrations.RunPython(migrations.RunPython.noop, _before.install_whole),
        migrations.CreateModel(
            name="LogCheckpoint",
            fields=[
                (
                    "size",
                    models.PositiveBigIntegerField(
                        help_text="The number of entries.", primary_key=True, serialize=False
                    ),
                ),
                ("root", models.BinaryField(max_length=32)),
                ("note", models.TextField(help_text="The signed note.")),
            ],
            options={
                "ordering": ["-size"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "size",
                    models.PositiveBigIntegerField(default=0, help_text="The number of entries."),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogKey",
            fields=[
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="1, 2, 3, …", primary_key=True, serialize=False
                    ),
                ),
                (
                    "verifier",
                    models.CharField(
                        help_text="name+id+key, as C2SP's signed-note has it.",
                        max_length=300,
                        unique=True,
                    ),
                ),
                (
                    "since",
                    models.PositiveBigIntegerField(
                        help_text="The size of the first checkpoint that it signed."
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogKeyRotation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verifier", models.CharField(max_length=300)),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("confirmed_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("rotate_log_key", "Can change the key of the log, together with another")
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(help_text="0: of an entry.")),
                ("index", models.PositiveBigIntegerField(help_text="From the left, from 0.")),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "number",
                    models.PositiveBigIntegerField(
                        help_text="0, 1, 2, …, without gaps.", primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("published", "published"),
                            ("corrected", "corrected"),
                            ("superseded", "superseded"),
                            ("withdrawn", "withdrawn"),
                            ("merged", "merged"),
                            ("unmerged", "merging undone"),
                            ("overridden", "gate overridden"),
                            ("key-rotated", "key of the log changed"),
                            ("imported", "imported"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it happened (UTC).")),
                ("body", models.TextField(help_text="The entry itself, in canonical JSON.")),
                (
                    "sealed",
                    models.TextField(
                        blank=True,
                        help_text="What the entry has the digest of and the public does not see, in canonical JSON.",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_entries",
                        to="claims.claim",
                    ),
                ),
                (
                    "merge",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_entries",
                        to="claims.merge",
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_entries",
                        to="claims.verdict",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "log entries",
                "ordering": ["number"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogDocument",
            fields=[
                (
                    "sha256",
                    models.CharField(
                        max_length=64, primary_key=True, serialize=False, verbose_name="SHA-256"
                    ),
                ),
                (
                    "body",
                    models.TextField(help_text="In canonical JSON; the digest is of its UTF-8."),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        help_text="The first that names it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.logentry",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="historicalverdict",
            name="ending_entry",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="claims.logentry",
            ),
        ),
        migrations.AddField(
            model_name="historicalverdict",
            name="publication_entry",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="claims.logentry",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="ending_entry",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ended",
                to="claims.logentry",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="publication_entry",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="published",
                to="claims.logentry",
            ),
        ),
        migrations.AddField(
            model_name="logkey",
            name="entry",
            field=models.OneToOneField(
                help_text="By which it took the place of the one before; none of the first.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="key",
                to="claims.logentry",
            ),
        ),
        migrations.AddField(
            model_name="loghead",
            name="key",
            field=models.ForeignKey(
                help_text="By which checkpoints are signed; none before the first.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.logkey",
            ),
        ),
        migrations.AddField(
            model_name="logkeyrotation",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="logkeyrotation",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rotation",
                to="claims.logentry",
            ),
        ),
        migrations.AddField(
            model_name="logkeyrotation",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="lognode",
            constraint=models.UniqueConstraint(
                fields=("level", "index"), name="claims_lognode_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="logentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "published",
                            "corrected",
                            "superseded",
                            "withdrawn",
                            "merged",
                            "unmerged",
                            "overridden",
                            "key-rotated",
                            "imported",
                        ],
                    )
                ),
                name="claims_logentry_kind_known",
                violation_error_message="kind: choose one of published, corrected, superseded, withdrawn, merged, unmerged, overridden, key-rotated, imported.",
            ),
        ),
        migrations.AddConstraint(
            model_name="loghead",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="claims_loghead_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="logkeyrotation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True)),
                fields=("verifier",),
                name="claims_logkeyrotation_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="logkeyrotation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="claims_logkeyrotation_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="logkeyrotation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at__isnull", True),
                        ("confirmed_by__isnull", True),
                        ("entry__isnull", True),
                    ),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("entry__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="claims_logkeyrotation_confirmed_whole",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
