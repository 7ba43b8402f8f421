"""The bytes of snapshots move from the database into the archive (docs/adr/0009), and each text gets its digest.

The triggers of migration 0002 are set aside meanwhile; 0005 puts them back.
"""

import importlib

from django.db import migrations, models

from sources import store

triggers = importlib.import_module("sources.migrations.0002_record_triggers")


def into_the_archive(apps, schema_editor):
    Snapshot = apps.get_model("sources", "Snapshot")
    for pk in Snapshot.objects.values_list("pk", flat=True).order_by("pk"):
        row = Snapshot.objects.get(pk=pk)
        kept = store.keep(bytes(row.content))
        if kept != row.sha256:
            raise ValueError(f"The bytes of snapshot {pk} have the SHA-256 {kept}, and not {row.sha256}.")
        digest = store.digest(row.text.encode())
        Snapshot.objects.filter(pk=pk).update(text_sha256=digest)


def out_of_the_archive(apps, schema_editor):
    Snapshot = apps.get_model("sources", "Snapshot")
    for pk, sha256 in Snapshot.objects.values_list("pk", "sha256").order_by("pk"):
        Snapshot.objects.filter(pk=pk).update(content=store.read(sha256))


class Migration(migrations.Migration):
    dependencies = [("sources", "0003_changes")]

    operations = [
        migrations.RunPython(triggers.remove, triggers.install),
        migrations.AddField(
            model_name="snapshot",
            name="text_sha256",
            field=models.CharField(
                default="",
                editable=False,
                help_text="Of the text in UTF-8, in lower-case hexadecimal.",
                max_length=64,
                verbose_name="SHA-256 of the text",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="content",
            field=models.BinaryField(default=b"", help_text="The bytes as retrieved."),
        ),
        migrations.RunPython(into_the_archive, out_of_the_archive),
        migrations.RemoveField(model_name="snapshot", name="content"),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("text_sha256__regex", "^[0-9a-f]{64}$")),
                name="sources_snapshot_text_sha256_form",
            ),
        ),
    ]
