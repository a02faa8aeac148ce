"""The keyring file: each body's key-encryption key (KEK), sealed under a passphrase, and what that KEK wraps.

JSON, 0600. For every body, and for the pseudo body PORTAL (the portal's own rows): KEKs with version and state, a register key for
columns, a MAC key for rows that open something, and the recipient of the offline recovery key. The passphrase goes through Argon2id
(RFC 9106). Nothing here returns a KEK as bytes.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from portal.kernel.errors import Misconfigured
from portal.vault.age import new_recovery_identity
from portal.vault.label import framed

PORTAL = "PORTAL"
FORMAT = "portal/keyring/v1"


@dataclass(frozen=True, slots=True)
class Kek:
    """A body's key-encryption key, as a cipher that cannot be asked for its key. `id` is `BODY/version`."""

    id: str
    state: str
    cipher: AESGCMSIV = field(repr=False)


@dataclass(frozen=True, slots=True)
class BodyKeys:
    """What the holder uses for one body. `keks` by id, the active one last; `register` and `mac` are 32 bytes."""

    body: str
    keks: Mapping[str, Kek]
    active: str
    register: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    recipient: str


@dataclass(frozen=True, slots=True)
class Keyring:
    bodies: Mapping[str, BodyKeys]

    def of(self, body: str) -> BodyKeys:
        """Raises `Misconfigured` for a body the keyring does not know."""
        try:
            return self.bodies[body]
        except KeyError:
            raise Misconfigured(f"the keyring has no keys for {body}; make an installation that knows this body") from None

    def recovery(self, body: str) -> str:
        """The recipient (`age1…`) of this body's offline recovery key."""
        return self.of(body).recipient


def create_keyring(
    path: Path, passphrase: str, bodies: Sequence[str], *, memory_kib: int = 65_536, passes: int = 3, lanes: int = 4
) -> dict[str, str]:
    """Make a new keyring (refuses to overwrite); returns each body's recovery identity, which is kept nowhere here."""
    salt = secrets.token_bytes(16)
    document: dict[str, Any] = {
        "format": FORMAT,
        "kdf": {"name": "argon2id", "salt": _text(salt), "memory_kib": memory_kib, "passes": passes, "lanes": lanes},
        "bodies": {},
    }
    root = _derive(passphrase, document["kdf"])
    recovery = {}
    for body in (*bodies, PORTAL):
        identity, recipient = new_recovery_identity()
        if body != PORTAL:
            recovery[body] = identity
        kek, kek_id = secrets.token_bytes(32), f"{body}/1"
        document["bodies"][body] = {
            "keks": [{"id": kek_id, "state": "active", "key": _seal(root, kek, "kek", body, kek_id)}],
            "register": _seal(kek, secrets.token_bytes(32), "register", body, kek_id),
            "mac": _seal(kek, secrets.token_bytes(32), "mac", body, kek_id),
            "recipient": recipient,
        }
    _write_new(path, json.dumps(document, indent=1).encode())
    return recovery


def load_keyring(path: Path, passphrase: str) -> Keyring:
    """Open the keyring. Raises `Misconfigured`: unreadable, readable by others, damaged, or a wrong passphrase."""
    try:
        if path.stat().st_mode & 0o077:
            raise Misconfigured(f"the keyring {path} can be read by others: chmod 600 it")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"the keyring {path} cannot be read: {error.strerror}. Run `portal init` for a new installation.") from error
    except ValueError as error:
        raise Misconfigured(f"the keyring {path} is damaged; restore it from its backup") from error
    try:
        if document["format"] != FORMAT:
            raise Misconfigured(f"the keyring {path} has format {document['format']!r}; this portal reads {FORMAT}")
        root = _derive(passphrase, document["kdf"])
        return Keyring({body: _body(root, body, entry) for body, entry in document["bodies"].items()})
    except InvalidTag as error:
        raise Misconfigured(f"the passphrase does not open the keyring {path}, or the keyring was changed") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"the keyring {path} is damaged; restore it from its backup") from error


def _body(root: bytes, body: str, entry: Mapping[str, Any]) -> BodyKeys:
    raw = {kek["id"]: _open(root, kek["key"], "kek", body, kek["id"]) for kek in entry["keks"] if kek["state"] != "destroyed"}
    active = next(kek["id"] for kek in entry["keks"] if kek["state"] == "active")
    return BodyKeys(
        body=body,
        keks={kek["id"]: Kek(kek["id"], kek["state"], AESGCMSIV(raw[kek["id"]])) for kek in entry["keks"] if kek["id"] in raw},
        active=active,
        register=_open(raw[active], entry["register"], "register", body, active),
        mac=_open(raw[active], entry["mac"], "mac", body, active),
        recipient=entry["recipient"],
    )


def _derive(passphrase: str, kdf: Mapping[str, Any]) -> bytes:
    salt = base64.b64decode(kdf["salt"], validate=True)
    return Argon2id(salt=salt, length=32, iterations=kdf["passes"], lanes=kdf["lanes"], memory_cost=kdf["memory_kib"]).derive(
        passphrase.encode()
    )


def _aad(purpose: str, body: str, kek: str) -> bytes:
    return b"".join(framed(part.encode()) for part in (FORMAT, purpose, body, kek))


def _seal(key: bytes, secret: bytes, purpose: str, body: str, kek: str) -> str:
    nonce = secrets.token_bytes(12)
    return _text(nonce + AESGCMSIV(key).encrypt(nonce, secret, _aad(purpose, body, kek)))


def _open(key: bytes, text: str, purpose: str, body: str, kek: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    return AESGCMSIV(key).decrypt(data[:12], data[12:], _aad(purpose, body, kek))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _write_new(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise Misconfigured(f"there is a keyring already at {path}; nothing was changed") from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
