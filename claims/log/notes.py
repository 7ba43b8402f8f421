"""Texts signed with Ed25519, by C2SP's “signed-note” (https://c2sp.org/signed-note).

A note is a text that ends with a line break, an empty line, and one line for each signature. Keys are written
in the forms that Go's checksum database has: `name+id+key` for all, `PRIVATE+KEY+name+id+key` for the one who
signs. Pure, but for `SigningKey.generate`, which asks the system for random bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# “Signature types”: Ed25519 as that specification describes it, the only type here.
ED25519 = 1
ID_SIZE, KEY_SIZE = 4, 32
# Verifiers accept at least 16; notes with more than this are not signed but filled.
MAX_SIGNATURES = 100

PRIVATE = "PRIVATE+KEY+"
_DASH = "— "
# ASCII control characters; the line break stands for itself.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY = re.compile(r"(?P<name>[^+]*)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]+={0,2})")


class KeyFormatError(ValueError):
    """What should be a key, or the name of one, is none; the message says why."""


class NoteError(ValueError):
    """A note cannot be trusted; the message says why."""


class MalformedNote(NoteError):
    """It is no note: a rule of its format is broken."""


class UnsignedNote(NoteError):
    """None of the known keys signed it."""


class WrongSignature(NoteError):
    """A signature that names a known key was not made by it over this text."""


@dataclass(frozen=True)
class VerifierKey:
    """What a note is verified with: the `name` of who signs, and the public key, 32 bytes (RFC 8032)."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != KEY_SIZE:
            raise KeyFormatError(f"A public key has {KEY_SIZE} bytes.")

    @property
    def id(self) -> bytes:
        """The 4 bytes that stand for name, type and key together (“Ed25519 signatures”)."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed()).digest()[:ID_SIZE]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+id+key`, as `str()` writes it (“Verifier keys”). Raises KeyFormatError."""
        name, identifier, key = _key_parts(text)
        found = cls(name, key)
        _check_id(found, identifier)
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self._typed()).decode()}"

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (64 bytes, without the key's id) is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    def _typed(self) -> bytes:
        return bytes([ED25519]) + self.public_key


@dataclass(frozen=True)
class SigningKey:
    """What a note is signed with: the `name` of who signs, and the `secret`, 32 bytes (RFC 8032), which is
    not shown where the object is."""

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.secret) != KEY_SIZE:
            raise KeyFormatError(f"A private key has {KEY_SIZE} bytes.")

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """Return a new key. Raises KeyFormatError where nobody can have this name."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read `PRIVATE+KEY+name+id+key`, as `exported` writes it. Raises KeyFormatError, which does not
        repeat what was read."""
        if not text.startswith(PRIVATE):
            raise KeyFormatError(f"A private key begins with {PRIVATE}.")
        name, identifier, secret = _key_parts(text.removeprefix(PRIVATE))
        found = cls(name, secret)
        _check_id(found.verifier, identifier)
        return found

    def exported(self) -> str:
        """`PRIVATE+KEY+name+id+key`, which nobody else may see; the id is the verifier's."""
        key = base64.b64encode(bytes([ED25519]) + self.secret).decode()
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{key}"

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._key().public_key().public_bytes_raw())

    def signature(self, text: str) -> bytes:
        """The 64 bytes of the signature over `text`."""
        return self._key().sign(text.encode())

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)


@dataclass(frozen=True)
class Signature:
    """A line below a note: the `name` and 4-byte `id` of the key that it says made it, and the rest, whose
    form is that key's affair."""

    name: str
    id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.id + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A note as read, unverified: the `text` with its last line break, and the signatures as they stand."""

    text: str
    signatures: tuple[Signature, ...]


def sign(text: str, *keys: SigningKey) -> str:
    """Return the note of `text`, which ends with a line break, signed with each of `keys`.

    Raises MalformedNote where no note can hold the text, ValueError without a key or with too many.
    """
    if not 1 <= len(keys) <= MAX_SIGNATURES:
        raise ValueError(f"A note is signed by 1 to {MAX_SIGNATURES} keys.")
    _check_text(text)
    if not text.endswith("\n"):
        raise MalformedNote("The text does not end with a line break.")
    lines = [str(Signature(key.name, key.verifier.id, key.signature(text))) for key in keys]
    return f"{text}\n{''.join(lines)}"


def read(note: str | bytes) -> Note:
    """Return what `note` (UTF-8 where it is bytes) says, before anything is verified (“Format”).

    Raises MalformedNote.
    """
    if isinstance(note, bytes):
        try:
            note = note.decode()
        except UnicodeDecodeError as error:
            raise MalformedNote(f"It is not in UTF-8: byte {error.start} cannot be read.") from None
    _check_text(note)
    text, gap, below = note.rpartition("\n\n")
    if not gap:
        raise MalformedNote("No empty line divides the text from its signatures.")
    if not below:
        raise MalformedNote("No signature follows the last empty line.")
    if not below.endswith("\n"):
        raise MalformedNote("The last line does not end with a line break.")
    lines = below.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedNote(f"It has more than {MAX_SIGNATURES} signatures.")
    return Note(f"{text}\n", tuple(_signature(line) for line in lines))


def verify(note: str | bytes, keys: Iterable[VerifierKey]) -> str:
    """Return the text of `note`, which at least one of `keys` signed (“Signatures”).

    Signatures of other keys are ignored, as the specification has it: also of those that share only the name
    or only the id with a known one. Raises MalformedNote; WrongSignature where a line names a known key that
    did not sign this text; UnsignedNote where none does.
    """
    found = read(note)
    known = {(key.name, key.id): key for key in keys}
    signed = False
    for each in found.signatures:
        if key := known.get((each.name, each.id)):
            if not key.has_signed(found.text, each.signature):
                raise WrongSignature(
                    f"The signature of {each.name}+{each.id.hex()} is not of this text."
                )
            signed = True
    if not signed:
        raise UnsignedNote("None of the known keys signed it.")
    return found.text


def decode_base64(text: str) -> bytes:
    """Return what `text` stands for in Base 64 (RFC 4648, section 4): padded, without other characters, and
    without bits that say nothing (section 3.5), so that there is one way to write it. Raises ValueError."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("it is not Base 64.") from None
    if base64.b64encode(data).decode() != text:
        raise ValueError("its Base 64 ends with bits that say nothing.")
    return data


def _signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise MalformedNote("A line below the last empty line does not begin with an em dash.")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        _check_name(name)
        data = decode_base64(encoded)
    except KeyFormatError as error:
        raise MalformedNote(f"A signature names no key: {error}") from None
    except ValueError as error:
        raise MalformedNote(f"The signature of {name} cannot be read: {error}") from None
    if len(data) <= ID_SIZE:
        raise MalformedNote(f"The signature of {name} is too short.")
    return Signature(name, data[:ID_SIZE], data[ID_SIZE:])


def _check_text(text: str) -> None:
    if found := _CONTROL.search(text):
        raise MalformedNote(f"It holds the control character U+{ord(found.group()):04X}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedNote("It holds half of a surrogate pair.") from None


def _check_name(name: str) -> None:
    if not name:
        raise KeyFormatError("The name is empty.")
    if "+" in name or any(character.isspace() for character in name):
        raise KeyFormatError("The name holds a space or a plus sign.")
    try:
        _check_text(name)
    except MalformedNote as error:
        raise KeyFormatError(f"No note can hold the name. {error}") from None


def _key_parts(text: str) -> tuple[str, bytes, bytes]:
    """The name, the id, and the key without its type, of `name+id+key`."""
    match = _KEY.fullmatch(text)
    if not match:
        raise KeyFormatError("A key is a name, eight hexadecimal digits and Base 64, joined by +.")
    try:
        typed = decode_base64(match["key"])
    except ValueError as error:
        raise KeyFormatError(f"The key cannot be read: {error}") from None
    if typed[0] != ED25519:
        raise KeyFormatError(f"The key is of type {typed[0]}; {ED25519} (Ed25519) is known here.")
    return match["name"], bytes.fromhex(match["id"]), typed[1:]


def _check_id(key: VerifierKey, identifier: bytes) -> None:
    if key.id != identifier:
        raise KeyFormatError("The digits are not those of this name and key.")
