"""What the three roles may do with what is archived, checked, found again and aligned."""

from importlib import import_module

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations

_all = import_module("claims.migrations.0003_roles")._all

VIEW = _all(["view"], ["capture", "host", "link", "relocation", "alignment", "glossarynote"])
RESEARCHER = (
    VIEW
    + ["archive_source", "decide_relocation"]
    + _all(["add", "change", "delete"], ["alignment", "glossarynote"])
)
ADDED = {"researcher": RESEARCHER, "editor": RESEARCHER, "administrator": VIEW}


def permissions(apps):
    return apps.get_model("auth", "Permission").objects.filter(content_type__app_label="sources")


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    config = apps.get_app_config("sources")
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
        ("claims", "0008_external_reviews"),
        ("sources", "0005_sources_that_stay"),
    ]

    operations = [migrations.RunPython(give, take)]
