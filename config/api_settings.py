"""How the API answers, and which sites may read what programs read: settings that no environment changes."""

from __future__ import annotations

from typing import Any

from claims.api import VERSION

__all__ = [
    "CORS_ALLOW_ALL_ORIGINS",
    "CORS_ALLOW_HEADERS",
    "CORS_ALLOW_METHODS",
    "CORS_EXPOSE_HEADERS",
    "CORS_URLS_REGEX",
    "REST_FRAMEWORK",
    "SPECTACULAR_SETTINGS",
]

# Read-only and public: it looks at no cookie, and a key shows nothing more (config/api_access.py).
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_FILTER_BACKENDS": ["claims.api.strictness.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "claims.api.pagination.CursorPages",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "claims.api.formats.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "claims.api.problems.answer",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS answers 405 (claims/api/strictness.py)
    "URL_FORMAT_OVERRIDE": None,  # ?format= is read by claims.api.formats.Negotiation
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Counterclaim",
    "DESCRIPTION": "Claims, rebuttals, evidence for and against, and verdicts with their history.",
    "VERSION": VERSION,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "claims.api.schema.describe",
    ],
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    # Three things have a kind: without names of our own, their enumerations would be numbered.
    "ENUM_NAME_OVERRIDES": {
        "ClaimKind": "claims.models.claim.ClaimKind",
        "SourceKind": "sources.models.source.SourceKind",
        "SpeakerKind": "sources.models.speaker.SpeakerKind",
        "RenditionKind": "sources.models.source.Rendition",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    # The docs page loads its files from this site, not from a foreign host.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Nor does it ask a foreign validator what it thinks of the document.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}

# Pages of any other site may read what programs read: no cookie is looked at there, so nothing is given away.
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = (
    r"^(/(api|v1alpha1|\$discovery|data)/|/oembed/?$|/.*\.jsonld$"
    r"|/feeds/.*\.atom$|/claims/[^/]+/citation\.(json|bib)$)"
)
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]  # texts to match are sent
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "cache-control", "content-type"),
    *("if-none-match", "range", "x-api-key"),
    *("x-goog-api-key", "x-goog-fieldmask"),
]
CORS_EXPOSE_HEADERS = [
    *("API-Version", "Deprecation", "ETag", "Link"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "Sunset"),
]
