"""What the three roles may do with the desk's own notes on its work, and with sign-in."""

from importlib import import_module

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations

_all = import_module("claims.migrations.0003_roles")._all

# A note is never changed, and its author or an editor takes it back (`Note.deletable_by`).
RESEARCHER = (
    _all(["view", "add", "delete"], ["note"])
    + _all(["view", "add", "change"], ["assignment"])
    + _all(["view", "add", "change", "delete"], ["savedfilter"])
    + ["view_merge", "merge_claim"]
)
EDITOR = RESEARCHER
# To delete failed attempts ends a lock-out; to delete a device lets in whoever has lost it.
ADMINISTRATOR = (
    _all(["view"], ["note", "assignment", "savedfilter", "merge", "accesslog"])
    + _all(["view", "delete"], ["accessattempt", "totpdevice"])
)

ADDED = {"researcher": RESEARCHER, "editor": EDITOR, "administrator": ADMINISTRATOR}


APPS = ["claims", "axes", "otp_totp"]


def permissions(apps, codenames):
    return apps.get_model("auth", "Permission").objects.filter(
        codename__in=codenames, content_type__app_label__in=APPS
    )


def give(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    for label in APPS:
        config = apps.get_app_config(label)
        config.models_module = True
        create_contenttypes(config, apps=apps, verbosity=0)
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    for name, codenames in ADDED.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*permissions(apps, codenames))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ADDED):
        group.permissions.remove(*permissions(apps, ADDED[group.name]))


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_workbench"),
        ("claims", "0003_roles"),
        ("axes", "0010_accessattemptexpiration"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(give, take)]
