from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class ClaimsConfig(AppConfig):
    name = "claims"
    verbose_name = "The judgement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .log.checks import key_is_there
        from .search.full_text import installing
        from .search.neighbours import pgvector

        checks.register(key_is_there, checks.Tags.security, deploy=True)
        # A table that only some servers can have: a migration would fail on the others.
        post_migrate.connect(pgvector.prepare, sender=self, dispatch_uid="pgvector")
        # Views and triggers, which migrations need not know of.
        pre_migrate.connect(
            installing.before_migrations, sender=self, dispatch_uid="full text: away"
        )
        post_migrate.connect(
            installing.after_migrations, sender=self, dispatch_uid="full text: back"
        )
