"""Why the desk keeps no copy of a source, for readers."""

from importlib import import_module

from django.db import migrations

import sources.fields

_chains = import_module("sources.migrations.0006_links_and_chains")

HELP = "For readers, where the desk keeps no copy: printed book, no address, archiving refused."


def field():
    return sources.fields.ProseField(
        blank=True, help_text=HELP, verbose_name="why it is not archived"
    )


class Migration(migrations.Migration):
    dependencies = [("sources", "0006_links_and_chains")]

    operations = [
        migrations.RunPython(_chains.remove, _chains.install),
        migrations.AddField("historicalsource", "not_archived", field()),
        migrations.AddField("source", "not_archived", field()),
        migrations.RunPython(_chains.install, _chains.remove),
    ]
