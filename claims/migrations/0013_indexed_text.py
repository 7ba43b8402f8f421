"""The rows of the full-text index. What keeps them is installed after `migrate` (claims/apps.py)."""

from django.db import migrations, models


def install_extensions(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")


def remove_index(apps, schema_editor):
    from claims.search.full_text import installing

    installing.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        # By its number it stands before them; they were there first.
        ("claims", "0012_likely_duplicates"),
        ("sources", "0006_links_and_chains"),
    ]

    operations = [
        migrations.RunPython(install_extensions, migrations.RunPython.noop),
        migrations.CreateModel(
            name="IndexedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("key", models.BigIntegerField(help_text="The primary key of the row.")),
                ("is_public", models.BooleanField()),
                ("language", models.CharField(blank=True, max_length=35)),
                ("heading", models.TextField(help_text="What it is called, or its words.")),
                (
                    "others",
                    models.TextField(
                        blank=True, help_text="In what words it was said; other spellings."
                    ),
                ),
                ("body", models.TextField(blank=True, help_text="What is said about it.")),
                (
                    "names",
                    models.TextField(
                        blank=True, help_text="Who makes it, and what others write of it."
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "key"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=["kind", "key"], name="claims_indexedtext_once")
                ],
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, remove_index),
    ]
