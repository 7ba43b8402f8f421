"""What a site must have before it starts, from the environment: its key, its hosts, its address."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from config.environment import list_from_env, origin_from_env, text_from_env


def secret_key_from_env(*, debug: bool) -> str:
    key = text_from_env("SECRET_KEY")
    if debug:
        return key or "django-insecure-for-development-only-never-with-debug-off"
    how = (
        "Set SECRET_KEY to the output of: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(50))" '
        "and keep it secret and unchanged."
    )
    if not key:
        raise ImproperlyConfigured(f"SECRET_KEY is missing and DEBUG is off. {how}")
    # The same three tests as Django's own security.W009, which would only warn.
    if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(f"SECRET_KEY is too weak and DEBUG is off. {how}")
    return key


def allowed_hosts_from_env(*, debug: bool) -> list[str]:
    hosts = list_from_env("ALLOWED_HOSTS")
    hint = (
        "Set ALLOWED_HOSTS to the host names that the site is reached by, separated by commas, "
        "for example: ALLOWED_HOSTS=facts.example.org,www.facts.example.org"
    )
    for host in hosts:
        if "/" in host or any(c.isspace() for c in host):
            raise ImproperlyConfigured(f"ALLOWED_HOSTS holds {host!r}, not a host name. {hint}")
    if not hosts and not debug:
        raise ImproperlyConfigured(f"ALLOWED_HOSTS is empty and DEBUG is off. {hint}")
    return hosts


def site_url_from_env(allowed_hosts: list[str]) -> str:
    """Left out, https at the first named host, so that whoever forgets it is safe; a laptop speaks http."""
    host = allowed_hosts[0] if allowed_hosts else ""
    if not host or host.startswith((".", "*")) or host in {"127.0.0.1", "localhost", "[::1]"}:
        default = "http://127.0.0.1:8000"
    else:
        default = f"https://{host}"
    return origin_from_env("SITE_URL", default)


def csrf_trusted_origins_from_env(site_url: str) -> list[str]:
    origins = list_from_env("CSRF_TRUSTED_ORIGINS")
    for origin in origins:
        if not origin.startswith(("http://", "https://")):
            raise ImproperlyConfigured(
                f"CSRF_TRUSTED_ORIGINS holds {origin!r}: "
                "start each origin with https://, for example https://desk.example.org"
            )
    if site_url.startswith("https://") and site_url not in origins:
        origins.insert(0, site_url)
    return origins
