from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The top floor has no models; it has commands, and the pages of people in the admin."""

    name = "config"
    verbose_name = "Sign-in"
