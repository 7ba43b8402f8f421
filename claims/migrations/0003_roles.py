"""The three roles of the desk, as groups: researcher, editor, administrator."""

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations

RECORD = ["passage", "snapshot", "source", "speaker", "speakername", "turn"]
JUDGEMENT = ["appearance", "citation", "claim", "evidence", "rebuttal", "search", "topic", "verdict"]
SCALE = ["rating", "ratingscale"]


def _all(actions, models):
    return [f"{action}_{model}" for model in models for action in actions]


# What is public keeps its address whatever the role (`Publishable.deletable_by`), and what something
# else rests on stays.
RESEARCHER = (
    _all(["view", "add", "change"], RECORD + JUDGEMENT)
    + _all(["delete"], ["source", "speaker", "speakername", "topic"])
    + _all(["delete"], ["appearance", "citation", "claim", "evidence", "rebuttal", "search", "verdict"])
    + _all(["view"], SCALE)
    + ["submit_verdict"]
)
EDITOR = (
    RESEARCHER
    + _all(["delete"], ["passage", "turn"])
    + _all(["add", "change"], SCALE)
    + ["publish_source", "publish_claim", "approve_verdict", "withdraw_verdict"]
)
ADMINISTRATOR = _all(["view"], RECORD + JUDGEMENT + SCALE) + _all(
    ["view", "add", "change", "delete"], ["user", "group"]
)

ROLES = {"researcher": RESEARCHER, "editor": EDITOR, "administrator": ADMINISTRATOR}


def create_roles(apps, schema_editor):
    # Permissions are made after all migrations; here they are needed before.
    for label in ("auth", "sources", "claims"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_contenttypes(config, apps=apps, verbosity=0)
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(
            Permission.objects.filter(
                codename__in=codenames,
                content_type__app_label__in=["auth", "sources", "claims"],
            )
        )


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sources", "0002_record_triggers"),
        ("claims", "0002_verdict_triggers"),
    ]

    operations = [migrations.RunPython(create_roles, remove_roles)]
