"""What readers report: rows, the triggers that keep them as they were written, and who may do what.

A trap for later migrations: on SQLite, altering a table makes it anew and drops its triggers. A migration that
alters claims_readerreport calls `remove` before and `install` after it, with a new column of what the reader wrote
added to WRITTEN (tests/claims/test_reader_reports.py fails otherwise).
"""

from importlib import import_module

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models

import sources.fields

_all = import_module("claims.migrations.0003_roles")._all

VIEW = _all(["view"], ["readerreport"])
ADDED = {"researcher": VIEW, "editor": [*VIEW, "settle_readerreport"], "administrator": VIEW}

STAYS = "what a reader reported never changes, and is settled and withheld once"
KEPT = "what a reader reported is never deleted"

WRITTEN = [
    "id", "ticket", "claim_id", "verdict_id", "kind", "text", "source_url", "consent", "received_at",
    "deadline",
]  # fmt: skip
SETTLED = ["outcome", "answer", "correction_id", "settled_at", "settled_by_id"]
WITHHELD = ["withheld_at", "withheld_by_id", "withheld_because"]


def differs(columns, how):
    return " OR ".join(f"NEW.{column} {how} OLD.{column}" for column in columns)


def changed(how):
    """The condition of an UPDATE that is refused; `how` the dialect says “is another value than”. The e-mail
    address may go, and never come."""
    return f"""
        {differs(WRITTEN, how)}
        OR (NEW.contact {how} OLD.contact AND NEW.contact <> '')
        OR (OLD.settled_at IS NOT NULL AND ({differs(SETTLED, how)}))
        OR (OLD.withheld_at IS NOT NULL AND ({differs(WITHHELD, how)}))
    """


POSTGRESQL_INSTALL = f"""
    CREATE FUNCTION claims_readerreport_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF {changed("IS DISTINCT FROM")} THEN
                RAISE EXCEPTION '{STAYS}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER claims_readerreport_stays BEFORE UPDATE OR DELETE ON claims_readerreport
        FOR EACH ROW EXECUTE FUNCTION claims_readerreport_stays();
    CREATE TRIGGER claims_readerreport_is_not_truncated BEFORE TRUNCATE ON claims_readerreport
        FOR EACH STATEMENT EXECUTE FUNCTION claims_readerreport_stays();
"""

POSTGRESQL_REMOVE = """
    DROP TRIGGER claims_readerreport_is_not_truncated ON claims_readerreport;
    DROP TRIGGER claims_readerreport_stays ON claims_readerreport;
    DROP FUNCTION claims_readerreport_stays();
"""

SQLITE = {
    "claims_readerreport_is_not_updated": f"""
        BEFORE UPDATE ON claims_readerreport WHEN {changed("IS NOT")}
            BEGIN SELECT RAISE(ABORT, '{STAYS}'); END
    """,
    "claims_readerreport_is_not_deleted": f"""
        BEFORE DELETE ON claims_readerreport
            BEGIN SELECT RAISE(ABORT, '{KEPT}'); END
    """,
    # INSERT OR REPLACE deletes the row in its way without asking the trigger above.
    "claims_readerreport_is_not_replaced": f"""
        BEFORE INSERT ON claims_readerreport
            WHEN EXISTS (
                SELECT 1 FROM claims_readerreport r WHERE r.id = NEW.id OR r.ticket = NEW.ticket
            )
            BEGIN SELECT RAISE(ABORT, '{KEPT}'); END
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
        ("claims", "0018_selection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalReaderReport",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                (
                    "deadline",
                    models.DateField(
                        help_text="The last day (UTC) on which it is settled in time."
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("corrected", "corrected"),
                            ("no-error", "no error found"),
                            ("already-corrected", "had been corrected already"),
                            ("not-about", "not about this claim, or abuse"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "answer",
                    sources.fields.ProseField(
                        blank=True,
                        help_text="What the desk found, and what it did about it.",
                        verbose_name="answer for readers",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("withheld_at", models.DateTimeField(blank=True, null=True)),
                (
                    "withheld_because",
                    sources.fields.ProseField(
                        blank=True, help_text="Why its text is not published. For the desk alone."
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
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Who looks into it. Empty: nobody yet.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "correction",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The version of the verdict that came of it.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="claims.verdict",
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
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The version that was in force when it was received.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="claims.verdict",
                    ),
                ),
                (
                    "withheld_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical reader’s report",
                "verbose_name_plural": "historical readers’ reports",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ReaderReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ticket",
                    models.UUIDField(
                        editable=False,
                        help_text="Of the form that was sent: it is received once, and its receipt leads here.",
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("factual", "A fact is wrong"),
                            ("misquotation", "Somebody is quoted wrongly, or out of context"),
                            ("missing-evidence", "Evidence is missing"),
                            ("source", "A source is wrong, lost or unfit"),
                            ("wording", "The wording is unclear, or not neutral"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                        verbose_name="what is wrong",
                    ),
                ),
                (
                    "text",
                    sources.fields.ProseField(
                        validators=[django.core.validators.MaxLengthValidator(5000)]
                    ),
                ),
                (
                    "source_url",
                    models.URLField(
                        blank=True,
                        help_text="As the reader gave it: nobody has looked at it.",
                        max_length=2000,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="source offered",
                    ),
                ),
                (
                    "contact",
                    models.EmailField(
                        blank=True,
                        help_text="Never public. It is deleted when the report is settled.",
                        max_length=254,
                    ),
                ),
                (
                    "consent",
                    models.BooleanField(
                        default=False,
                        help_text="Whether the reader lets the text be published.",
                        verbose_name="may be published",
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                (
                    "deadline",
                    models.DateField(
                        help_text="The last day (UTC) on which it is settled in time."
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("corrected", "corrected"),
                            ("no-error", "no error found"),
                            ("already-corrected", "had been corrected already"),
                            ("not-about", "not about this claim, or abuse"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "answer",
                    sources.fields.ProseField(
                        blank=True,
                        help_text="What the desk found, and what it did about it.",
                        verbose_name="answer for readers",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("withheld_at", models.DateTimeField(blank=True, null=True)),
                (
                    "withheld_because",
                    sources.fields.ProseField(
                        blank=True, help_text="Why its text is not published. For the desk alone."
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who looks into it. Empty: nobody yet.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reader_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reader_reports",
                        to="claims.claim",
                    ),
                ),
                (
                    "correction",
                    models.ForeignKey(
                        blank=True,
                        help_text="The version of the verdict that came of it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports_corrected",
                        to="claims.verdict",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        blank=True,
                        help_text="The version that was in force when it was received.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reader_reports",
                        to="claims.verdict",
                    ),
                ),
                (
                    "withheld_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "reader’s report",
                "verbose_name_plural": "readers’ reports",
                "ordering": ["deadline", "pk"],
                "permissions": [
                    (
                        "settle_readerreport",
                        "Can settle what a reader reports, and withhold its text",
                    )
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "factual",
                                    "misquotation",
                                    "missing-evidence",
                                    "source",
                                    "wording",
                                    "other",
                                ],
                            )
                        ),
                        name="claims_readerreport_kind_known",
                        violation_error_message="kind: choose one of factual, misquotation, missing-evidence, source, wording, other.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="claims_readerreport_text_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("text"), 5000
                        ),
                        name="claims_readerreport_text_within_limit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source_url", ""),
                            ("source_url__iregex", "^https?://"),
                            _connector="OR",
                        ),
                        name="claims_readerreport_source_on_the_web",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("deadline__gt", models.F("received_at"))),
                        name="claims_readerreport_deadline_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("outcome", ""),
                                ("settled_at__isnull", True),
                                ("settled_by__isnull", True),
                            ),
                            models.Q(
                                (
                                    "outcome__in",
                                    ["corrected", "no-error", "already-corrected", "not-about"],
                                ),
                                ("settled_at__gte", models.F("received_at")),
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="claims_readerreport_settled_when_by_whom_how_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_at__isnull", True), ("contact", ""), _connector="OR"
                        ),
                        name="claims_readerreport_no_contact_once_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("correction__isnull", True), ("outcome", "corrected"), _connector="OR"
                        ),
                        name="claims_readerreport_correction_of_what_was_corrected",
                        violation_error_message="A version of the verdict comes of a report that was “corrected”.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withheld_at__isnull", True),
                                ("withheld_because", ""),
                                ("withheld_by__isnull", True),
                            ),
                            models.Q(
                                ("withheld_at__isnull", False),
                                ("withheld_by__isnull", False),
                                models.Q(("withheld_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="claims_readerreport_withheld_when_by_whom_and_why",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(give, take),
    ]
