"""Withdrawals take two people: the table of what is proposed and decided, who may read it, and triggers.

No verdict is withdrawn without a confirmed row of claims_withdrawal that says the same; and such a row
changes once, from proposed to decided, and never goes. Verdicts that were withdrawn before were by one
person: they stay as they are, without a row, and the desk says so. So does what an import brings in, which
withdraws nothing that was in force here: the trigger asks of a change, not of a row that is new.

A trap for later migrations: on SQLite, altering a table makes it anew and drops its triggers. A migration
that alters claims_verdict calls `remove` and `install` of this module around that, as one that alters
claims_withdrawal does (tests/claims/test_triggers.py fails otherwise).
"""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models

import sources.fields

VIEW = import_module("claims.migrations.0003_roles")._all(["view"], ["withdrawal"])
ROLES = ["researcher", "editor", "administrator"]

ALONE = "a verdict is withdrawn by two people: one proposes it, and another confirms"
STAYS = "what was proposed about a withdrawal never changes, nor what was decided, once it is"

# The same in both dialects.
BY_TWO = """
    EXISTS (
        SELECT 1 FROM claims_withdrawal w WHERE w.verdict_id = NEW.id AND w.outcome = 'confirmed'
        AND w.proposed_by_id <> NEW.ended_by_id AND w.decided_by_id = NEW.ended_by_id
        AND w.decided_at = NEW.ended_at AND w.reason = NEW.ending_reason
    )
"""

POSTGRESQL_INSTALL = f"""
    CREATE FUNCTION claims_verdict_is_withdrawn_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.ending = 'withdrawn' AND OLD.ending <> 'withdrawn' AND NOT ({BY_TWO}) THEN
            RAISE EXCEPTION '{ALONE}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER claims_verdict_is_withdrawn_by_two BEFORE UPDATE ON claims_verdict
        FOR EACH ROW EXECUTE FUNCTION claims_verdict_is_withdrawn_by_two();
    CREATE FUNCTION claims_withdrawal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.outcome = '' AND
                to_jsonb(NEW) - '{{outcome,decided_at,decided_by_id,declined_because}}'::text[]
                IS NOT DISTINCT FROM
                to_jsonb(OLD) - '{{outcome,decided_at,decided_by_id,declined_because}}'::text[]
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{STAYS}' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER claims_withdrawal_stays BEFORE UPDATE OR DELETE ON claims_withdrawal
        FOR EACH ROW EXECUTE FUNCTION claims_withdrawal_stays();
    CREATE TRIGGER claims_withdrawal_is_not_truncated BEFORE TRUNCATE ON claims_withdrawal
        FOR EACH STATEMENT EXECUTE FUNCTION claims_withdrawal_stays();
"""

POSTGRESQL_REMOVE = """
    DROP TRIGGER claims_withdrawal_is_not_truncated ON claims_withdrawal;
    DROP TRIGGER claims_withdrawal_stays ON claims_withdrawal;
    DROP FUNCTION claims_withdrawal_stays();
    DROP TRIGGER claims_verdict_is_withdrawn_by_two ON claims_verdict;
    DROP FUNCTION claims_verdict_is_withdrawn_by_two();
"""

CHANGED = " OR ".join(
    f"NEW.{column} IS NOT OLD.{column}"
    for column in ("id", "verdict_id", "reason", "proposed_at", "proposed_by_id")
)

# INSERT OR REPLACE deletes the row in its way without asking the delete trigger: hence the last one.
SQLITE = {
    "claims_verdict_is_withdrawn_by_two": f"""
        BEFORE UPDATE ON claims_verdict
            WHEN NEW.ending = 'withdrawn' AND OLD.ending <> 'withdrawn' AND NOT ({BY_TWO})
            BEGIN SELECT RAISE(ABORT, '{ALONE}'); END
    """,
    "claims_withdrawal_is_not_updated": f"""
        BEFORE UPDATE ON claims_withdrawal WHEN OLD.outcome <> '' OR {CHANGED}
            BEGIN SELECT RAISE(ABORT, '{STAYS}'); END
    """,
    "claims_withdrawal_is_not_deleted": f"""
        BEFORE DELETE ON claims_withdrawal BEGIN SELECT RAISE(ABORT, '{STAYS}'); END
    """,
    "claims_withdrawal_is_not_replaced": f"""
        BEFORE INSERT ON claims_withdrawal
            WHEN EXISTS (
                SELECT 1 FROM claims_withdrawal w WHERE w.id = NEW.id
                OR (w.verdict_id = NEW.verdict_id AND w.outcome = '' AND NEW.outcome = '')
            )
            BEGIN SELECT RAISE(ABORT, '{STAYS}'); END
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
    return apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="claims", codename__in=VIEW
    )


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    config = apps.get_app_config("claims")
    config.models_module = True
    create_contenttypes(config, apps=apps, verbosity=0)
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for name in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*permissions(apps))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0016_log_backfill"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    sources.fields.ProseField(
                        help_text="For readers: why the desk no longer stands by the verdict."
                    ),
                ),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "confirmed"),
                            ("declined", "declined"),
                            ("taken-back", "taken back"),
                            (
                                "lapsed",
                                "fell away: another version took the place of the verdict",
                            ),
                        ],
                        help_text="Empty while it waits.",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "declined_because",
                    sources.fields.ProseField(blank=True, help_text="For the desk alone."),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals_decided",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals_proposed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals",
                        to="claims.verdict",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at", "-pk"],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("verdict",),
                        name="claims_withdrawal_one_waits",
                        violation_error_message=(
                            "Its withdrawal is proposed already, and waits for a second person."
                        ),
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="claims_withdrawal_tells_readers_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("outcome", ""),
                            ),
                            models.Q(
                                ("decided_at__gte", models.F("proposed_at")),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                (
                                    "outcome__in",
                                    ["confirmed", "declined", "taken-back", "lapsed"],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="claims_withdrawal_decided_when_by_whom_and_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome__in", ["confirmed", "declined"]), _negated=True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="claims_withdrawal_by_two_people",
                        violation_error_message=(
                            "A withdrawal is decided by another person than who proposed it."
                        ),
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "taken-back"), _negated=True),
                            ("decided_by", models.F("proposed_by")),
                            _connector="OR",
                        ),
                        name="claims_withdrawal_taken_back_by_who_proposed_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "declined"),
                                models.Q(("declined_because", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("outcome", "declined"), _negated=True),
                                ("declined_because", ""),
                            ),
                            _connector="OR",
                        ),
                        name="claims_withdrawal_declined_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(give, take),
    ]
