"""Where archived bytes are kept, from the environment: a folder, or a bucket of an S3-compatible service."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.environment import origin_from_env, text_from_env


def archive_storage_from_env(folder: Path) -> dict[str, Any]:
    """Return the entry of STORAGES. ARCHIVE_ROOT (`folder` if left out) is a directory; ARCHIVE_S3_BUCKET,
    with ARCHIVE_S3_ENDPOINT where the service is not Amazon's, ARCHIVE_S3_REGION, ARCHIVE_S3_KEY and
    ARCHIVE_S3_SECRET, a bucket. Raises ImproperlyConfigured for half of either."""
    bucket = text_from_env("ARCHIVE_S3_BUCKET")
    if not bucket:
        for name in ("ENDPOINT", "REGION", "KEY", "SECRET"):
            if text_from_env(f"ARCHIVE_S3_{name}"):
                raise ImproperlyConfigured(
                    f"ARCHIVE_S3_{name} is set and ARCHIVE_S3_BUCKET is not: name the bucket, or leave both "
                    "out."
                )
        return {
            "BACKEND": "sources.folder.Folder",
            "OPTIONS": {"location": Path(text_from_env("ARCHIVE_ROOT", str(folder))).absolute()},
        }
    if text_from_env("ARCHIVE_ROOT"):
        raise ImproperlyConfigured(
            "ARCHIVE_ROOT and ARCHIVE_S3_BUCKET are both set: the archive is kept in one place."
        )
    if find_spec("storages") is None:
        raise ImproperlyConfigured(
            "ARCHIVE_S3_BUCKET is set, and its client is not installed: pip install 'counterclaim[s3]'."
        )
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
    }
    if endpoint := text_from_env("ARCHIVE_S3_ENDPOINT"):
        options["endpoint_url"] = origin_from_env("ARCHIVE_S3_ENDPOINT", endpoint)
    for name, option in (
        ("REGION", "region_name"),
        ("KEY", "access_key"),
        ("SECRET", "secret_key"),
    ):
        if value := text_from_env(f"ARCHIVE_S3_{name}"):
            options[option] = value
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
