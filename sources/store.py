"""Bytes kept for good, each under its SHA-256, in the storage that settings.STORAGES calls "archive".

A local folder if nothing else is set, or any S3-compatible service (docs/archive.md). The database has the
digests, and the store has what they are of; to write the same twice is to write it once.
"""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

PIECE = 1 << 20  # bytes of a file that are held at a time


class Missing(LookupError):
    """The store has no such bytes."""


class Damaged(ValueError):
    """What the store has under a digest is something else."""


def storage() -> Storage:
    return storages["archive"]


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def path(sha256: str) -> str:
    """Where the bytes of that digest lie in the storage."""
    return f"sha256/{sha256[:2]}/{sha256}"


def keep(data: bytes) -> str:
    """Keep `data`, and return their SHA-256. Kept already, they are left as they are; what a process that was
    killed left of them is replaced."""
    sha256 = digest(data)
    try:
        read(sha256)
    except Missing:
        pass
    except Damaged:
        storage().delete(path(sha256))
    else:
        return sha256
    saved = storage().save(path(sha256), ContentFile(data))
    if saved != path(sha256):  # somebody else has just kept the same
        storage().delete(saved)
    return sha256


def read(sha256: str) -> bytes:
    """Return the bytes of that SHA-256. Raises Missing, and Damaged where they are no longer those."""
    return read_file(path(sha256), sha256)


def put_file(name: str, data: bytes) -> str:
    """Keep `data` under `name`, in the place of whatever is there, and return their SHA-256."""
    storage().delete(name)
    storage().save(name, ContentFile(data))
    return digest(data)


def read_file(name: str, sha256: str) -> bytes:
    """Return what is kept under `name`. Raises Missing, and Damaged where it has another SHA-256."""
    try:
        with storage().open(name) as file:
            data: bytes = file.read()
    except FileNotFoundError as error:
        raise Missing(f"The archive has no {name}.") from error
    if digest(data) != sha256:
        raise Damaged(f"What the archive keeps under {name} has another SHA-256 than {sha256}.")
    return data


def open_file(name: str, sha256: str) -> File[bytes]:
    """Open what is kept under `name`, at its beginning, once all of it has been held against `sha256`, a
    piece at a time. Raises Missing and Damaged; closing it is for the caller."""
    try:
        file: File[bytes] = storage().open(name)
    except FileNotFoundError as error:
        raise Missing(f"The archive has no {name}.") from error
    found = hashlib.sha256()
    for piece in file.chunks(PIECE):
        found.update(piece)
    if found.hexdigest() != sha256:
        file.close()
        raise Damaged(f"What the archive keeps under {name} has another SHA-256 than {sha256}.")
    file.seek(0)
    return file


def size(name: str) -> int:
    """Return how many bytes are kept under `name`. Raises Missing."""
    try:
        return storage().size(name)
    except FileNotFoundError as error:
        raise Missing(f"The archive has no {name}.") from error
