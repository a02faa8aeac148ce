"""Signed notes (c2sp.org/signed-note) with Ed25519, and the log's key file.

Reading is strict: exact separators, canonical base64, no control characters. A note that is not exactly right is `BadNote`.
"""

import base64
import binascii
import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.audit.durable import create_durably
from portal.kernel.errors import Misconfigured, Tampered

ED25519 = b"\x01"
MAX_NOTE = 1 << 20
MAX_SIGNATURES = 64


class BadNote(Tampered):
    """A note that is malformed, or not signed by the key that was expected."""

    code = "bad_note"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may sign: a name and an Ed25519 public key (32 bytes)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `name+hexid+base64`. Raises `Misconfigured`."""
        try:
            name, identity, encoded = text.split("+", 2)
            raw = decode64(encoded)
        except ValueError as error:
            raise Misconfigured("a verifier key is name+id+base64, as `log.vkey` holds it") from error
        key = cls(name, raw[1:])
        if len(raw) != 33 or raw[:1] != ED25519 or not is_key_name(name) or identity != key.id.hex():
            raise Misconfigured(f"the verifier key of {name!r} is damaged, or not an Ed25519 key: copy it anew")
        return key

    def verify(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key that signs checkpoints. Never printed; its file is 0600."""

    name: str
    _seed: bytes = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, Ed25519PrivateKey.from_private_bytes(self._seed).public_key().public_bytes_raw())

    def named(self, suffix: str) -> "LogKey":
        """The same key under a longer name: what it signs under that name never passes for a checkpoint."""
        return LogKey(self.name + suffix, self._seed)

    def sign(self, text: str) -> str:
        """The note: the text, a blank line, our signature line."""
        if not text.endswith("\n"):
            raise ValueError("the text of a note ends with a newline")
        signature = Ed25519PrivateKey.from_private_bytes(self._seed).sign(text.encode())
        return f"{text}\n— {self.name} {base64.b64encode(self.verifier.id + signature).decode()}\n"


def is_key_name(name: str) -> bool:
    """Not empty, no space of any kind, no plus, nothing unprintable."""
    return bool(name) and name.isprintable() and not any(c.isspace() or c == "+" for c in name)


def decode64(text: str) -> bytes:
    """Standard base64 in its one canonical spelling; `ValueError` for any other."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not canonical base64")
    return raw


def open_note(note: str, key: VerifierKey) -> str:
    """The text of a note, if `key` signed it. Signatures of others are ignored, a wrong one of `key` is fatal. Raises `BadNote`."""
    if len(note) > MAX_NOTE or any(ord(c) < 0x20 and c != "\n" for c in note):
        raise BadNote("the note is too long or holds control characters")
    text, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise BadNote("the note has no signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(f"the note has more than {MAX_SIGNATURES} signatures")
    text += "\n"
    verified = False
    for line in lines:
        name, identity, signature = _signature_line(line)
        if (name, identity) == (key.name, key.id):
            if not key.verify(text, signature):
                raise BadNote(f"the signature of {key.name} is wrong")
            verified = True
    if not verified:
        raise BadNote(f"the note is not signed by {key.name} (key {key.id.hex()})")
    return text


def _signature_line(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        raw = decode64(encoded)
    except ValueError as error:
        raise BadNote("a signature is not canonical base64") from error
    if dash != "—" or not is_key_name(name) or len(raw) < 5:
        raise BadNote("a signature line is malformed")
    return name, raw[:4], raw[4:]


def create_log_key(path: Path, origin: str) -> LogKey:
    """Make the log's key and keep it in a new file, 0600. Raises `Misconfigured` if there is a file, or the origin cannot be a name."""
    if not is_key_name(origin):
        raise Misconfigured("log.origin names the log for good, for example portal.example/log1: no spaces, no plus")
    key = LogKey(origin, Ed25519PrivateKey.generate().private_bytes_raw())
    text = f"PRIVATE+KEY+{origin}+{key.verifier.id.hex()}+{base64.b64encode(ED25519 + key._seed).decode()}\n"
    try:
        create_durably(path, text.encode(), 0o600)
    except FileExistsError as error:
        raise Misconfigured(f"{path} exists: a log keeps its key; a new key needs a new origin and a new file") from error
    return key


def load_log_key(path: Path, origin: str | None = None) -> LogKey:
    """Read the key file. Raises `Misconfigured` if it is missing, open to others, damaged, or for another origin."""
    text = read_private(path, "log.key")
    prefix = "PRIVATE+KEY+"
    try:
        if not text.startswith(prefix) or not text.endswith("\n"):
            raise ValueError("no key")
        name, identity, encoded = text[len(prefix) : -1].split("+", 2)
        raw = decode64(encoded)
        if len(raw) != 33 or raw[:1] != ED25519:
            raise ValueError("no Ed25519 key")
    except ValueError as error:
        raise Misconfigured(f"log.key {path} is damaged: restore it from its backup") from error
    key = LogKey(name, raw[1:])
    if not is_key_name(name) or identity != key.verifier.id.hex():
        raise Misconfigured(f"log.key {path} is damaged: its name or id does not fit the key; restore it from its backup")
    if origin is not None and origin != name:
        raise Misconfigured(f"log.key {path} signs for {name!r}, but log.origin is {origin!r}: name the key of this log")
    return key


def read_private(path: Path, setting: str) -> str:
    """The text of a small file that nobody else may read. Raises `Misconfigured`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        advice = "restore it from its backup (`portal init` makes it, once, for a new installation)"
        raise Misconfigured(f"{setting} {path} cannot be read ({error.strerror}): {advice}") from error
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise Misconfigured(f"{setting} {path} is open to others: chmod 600 {path}")
        try:
            return file.read(1 << 16).decode()
        except UnicodeDecodeError as error:
            raise Misconfigured(f"{setting} {path} is damaged: restore it from its backup") from error
