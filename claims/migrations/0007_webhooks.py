"""Webhooks and their deliveries, and what the three roles may do with them and with the background queue."""

from importlib import import_module

import claims.models.webhook
import claims.webhooks.signing
import django.db.models.deletion
import django.utils.timezone
import sources.fields
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import migrations, models

_all = import_module("claims.migrations.0003_roles")._all

LOOK = _all(["view"], ["webhook", "delivery", "job", "failedattempt", "worker"])
ADDED = {
    "editor": LOOK + _all(["add", "change", "delete"], ["webhook"]) + ["replay_delivery", "retry_job"],
    "administrator": LOOK,
}

APPS = ["claims", "jobs"]


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
        ("claims", "0006_part_that_decides"),
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(help_text='Where events are sent to by POST: https, on port 443 or 8443, on the public internet.', max_length=500, validators=[claims.models.webhook.check_url], verbose_name='address')),
                ('description', sources.fields.LineField(help_text='Whose it is, and whom to ask about it.', max_length=120)),
                ('types', models.JSONField(blank=True, default=list, help_text='Which events are sent. None chosen: all of them.', validators=[claims.models.webhook.check_types], verbose_name='events')),
                ('secret', models.CharField(default=claims.webhooks.signing.new_secret, editable=False, max_length=100)),
                ('last_secret', models.CharField(blank=True, editable=False, max_length=100)),
                ('secret_since', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('failing_since', models.DateTimeField(editable=False, help_text='Nothing has arrived since. Empty: the last one did.', null=True)),
                ('off_at', models.DateTimeField(editable=False, null=True, verbose_name='switched off at')),
                ('off_because', models.TextField(blank=True, editable=False, verbose_name='why')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('off_by', models.ForeignKey(editable=False, help_text='Empty: by the site itself.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'ordering': ['description', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveBigIntegerField(help_text='Of the event in the change feed.')),
                ('type', models.CharField(max_length=40, verbose_name='event')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('arrived', 'Arrived'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('status', models.PositiveSmallIntegerField(help_text='Of the last answer. Empty: there was none.', null=True)),
                ('error', models.TextField(blank=True, verbose_name='last error')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tried_at', models.DateTimeField(null=True, verbose_name='last tried at')),
                ('arrived_at', models.DateTimeField(null=True)),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='claims.webhook')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['-position', '-pk'],
                'permissions': [('replay_delivery', 'Can replay delivery')],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('off_at__isnull', True), ('off_because', '')), models.Q(('off_at__isnull', False), models.Q(('off_because', ''), _negated=True)), _connector='OR'), name='claims_webhook_off_with_reason', violation_error_message='What is switched off says why.'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', 'state'], name='claims_delivery_state'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('webhook', 'position'), name='claims_delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'arrived', 'failed'])), name='claims_delivery_state_known'),
        ),
        migrations.RunPython(give, take),
    ]
