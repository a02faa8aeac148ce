"""The keyring file: the keys of each body, sealed under a passphrase (docs/formats/wrap.md).

Each body, and the pseudo body `PORTAL` for the portal's own rows, has key-encryption keys (`CTED/1`) in versions, a register key for its
words, a MAC key for its rows, and the recipient of its offline recovery identity. The whole file carries a MAC, so that nobody puts in
a recipient of their own. Once loaded, keys exist only inside ciphers and MACs that can be used but not read: nothing returns a key.
"""

import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from portal.kernel.errors import Misconfigured
from portal.vault.age import decode_recipient, new_recovery_identity
from portal.vault.durable import created
from portal.vault.errors import AlreadyThere, Broken
from portal.vault.filekey import derived
from portal.vault.framing import framed

#: The body under whose keys lie the portal's own rows. It has no objects and nobody signs in for it.
PORTAL = "PORTAL"

_FORMAT = "portal/keyring/v1"
_BODY = re.compile(r"[A-Z][A-Z0-9_-]{0,15}")
_NONCE = 12
_MAX_MEMORY_KIB = 4 * 1024 * 1024


class KeyState(StrEnum):
    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt_only"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Cipher:
    """A key that can be used and not be read."""

    id: str
    aead: AESGCMSIV = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class _BodyKeys:
    recovery: str
    keks: Mapping[str, tuple[KeyState, Cipher | None]]
    register: Mapping[str, tuple[KeyState, Cipher | None]]
    macs: Sequence[tuple[KeyState, "hmac.HMAC"]]


class Keyring:
    """The loaded keys. Made by `load_keyring`."""

    def __init__(self, bodies: Mapping[str, _BodyKeys]) -> None:
        self._bodies = dict(bodies)

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies with keys here, without `PORTAL`."""
        return tuple(sorted(self._bodies.keys() - {PORTAL}))

    def recovery(self, body: str) -> str:
        """The `age1…` or `age1pq1…` recipient of the body's offline recovery identity; `Misconfigured` for a body that has no keys here."""
        if body == PORTAL or body not in self._bodies:
            raise Misconfigured(f"the keyring has no keys for {body!r}; it knows {', '.join(self.bodies)}")
        return self._bodies[body].recovery

    def states(self, body: str) -> dict[str, KeyState]:
        """Every version of the body's key-encryption keys and register keys by its id, destroyed ones included, and how it stands."""
        held = self._keys(body)
        return {key_id: state for keys in (held.keks, held.register) for key_id, (state, _) in keys.items()}

    def kek(self, body: str, key_id: str) -> Cipher:
        """This version of the body's key-encryption key; `Broken` if it is not one of this very body, or destroyed."""
        return _known(self._keys(body).keks, key_id)

    def active_kek(self, body: str) -> Cipher:
        return _active(self._keys(body).keks)

    def register(self, body: str, key_id: str) -> Cipher:
        """This version of the body's register key; `Broken` if it is not one of this very body, or destroyed."""
        return _known(self._keys(body).register, key_id)

    def active_register(self, body: str) -> Cipher:
        return _active(self._keys(body).register)

    def macs(self, body: str) -> "Sequence[hmac.HMAC]":
        """Fresh HMAC-SHA256 contexts of the body's MAC keys, the active one first."""
        held = sorted(self._keys(body).macs, key=lambda pair: pair[0] is not KeyState.ACTIVE)
        return [context.copy() for _, context in held]

    def _keys(self, body: str) -> _BodyKeys:
        if body not in self._bodies:
            raise Broken(f"there are no keys for {body!r}")
        return self._bodies[body]

    def __repr__(self) -> str:
        return f"<Keyring {' '.join(self.bodies)}>"


def _known(keys: Mapping[str, tuple[KeyState, Cipher | None]], key_id: str) -> Cipher:
    _, cipher = keys.get(key_id, (None, None))
    if cipher is None:
        raise Broken(f"key {key_id!r} is destroyed, or not one of this body's")
    return cipher


def _active(keys: Mapping[str, tuple[KeyState, Cipher | None]]) -> Cipher:
    for state, cipher in keys.values():
        if state is KeyState.ACTIVE and cipher is not None:
            return cipher
    raise Broken("no key is active")


def create_keyring(
    path: Path,
    passphrase: str,
    bodies: Sequence[str],
    *,
    post_quantum: bool = False,
    memory_kib: int = 64 * 1024,
    passes: int = 3,
    lanes: int = 4,
) -> dict[str, str]:
    """Make the file (0600, never over another) and return each body's recovery identity: print it once, keep it offline, store it nowhere.

    `post_quantum` decides the kind of these identities. `memory_kib`, `passes`, `lanes` are those of Argon2id (RFC 9106). `Misconfigured`
    says what stands in the way.
    """
    if not passphrase:
        raise Misconfigured("the passphrase of the keyring is empty: write one into its file")
    if PORTAL in bodies or len(set(bodies)) != len(bodies) or not all(_BODY.fullmatch(body) for body in bodies):
        raise Misconfigured(f"a body's code is capitals, digits, _ and -, at most 16, each once, and not {PORTAL}: {', '.join(bodies)}")
    derivation = {"name": "argon2id", "memory_kib": memory_kib, "passes": passes, "lanes": lanes, "salt": secrets.token_hex(16)}
    root = _root(passphrase, derivation)
    identities, content = {}, {}
    for body in (*bodies, PORTAL):
        recipient = ""
        if body != PORTAL:
            identities[body], recipient = new_recovery_identity(post_quantum=post_quantum)
        content[body] = _new_body(root, body, recipient)
    document: dict[str, Any] = {"format": _FORMAT, "kdf": derivation, "bodies": content}
    document["mac"] = _mac(root, document)
    try:
        with created(path) as file:
            file.write(json.dumps(document, indent=1, sort_keys=True).encode() + b"\n")
    except AlreadyThere:
        raise Misconfigured(f"there is a keyring already ({path}); nothing was changed") from None
    except OSError as error:
        raise Misconfigured(f"the keyring {path} cannot be written: {error.strerror}") from error
    return identities


def _new_body(root: bytes, body: str, recipient: str) -> dict[str, Any]:
    kek_id, kek = f"{body}/1", secrets.token_bytes(32)

    def wrapped(kind: str) -> list[dict[str, str]]:
        key_id = f"{body}/{kind}/1"
        sealed = _seal_key(kek, secrets.token_bytes(32), kind, body, key_id, kek_id)
        return [{"id": key_id, "state": KeyState.ACTIVE, "kek": kek_id, "sealed": sealed}]

    sealed = _seal_key(derived(root, salt=None, info=b"portal/keyring/seal/v1"), kek, "kek", body, kek_id, "passphrase")
    return {
        "recovery": recipient,
        "keks": [{"id": kek_id, "state": KeyState.ACTIVE, "sealed": sealed}],
        "register": wrapped("register"),
        "mac": wrapped("mac"),
    }


def load_keyring(path: Path, passphrase: str) -> Keyring:
    """Read the file and open its keys. Raises `Misconfigured` with what to do: others can read it, wrong passphrase, damaged."""
    document = _document(path)
    try:
        root = _root(passphrase, document["kdf"])
        if not hmac.compare_digest(_mac(root, document), str(document["mac"])):
            raise Misconfigured(f"the passphrase does not open the keyring {path}, or the file was changed: check keyring.passphrase_file")
        return Keyring({body: _loaded(root, body, entry) for body, entry in document["bodies"].items()})
    except (KeyError, TypeError, ValueError, AttributeError, InvalidTag) as error:
        raise Misconfigured(f"the keyring {path} is damaged: restore it from its backup") from error


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise Misconfigured(f"the keyring {path} can be read by others: chmod 600 it")
            document = json.load(file)
    except OSError as error:
        raise Misconfigured(f"the keyring {path} cannot be read: {error.strerror}; make one with python -m portal init") from error
    except ValueError as error:
        raise Misconfigured(f"the keyring {path} is damaged: restore it from its backup") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise Misconfigured(f"{path} is not a keyring of this portal ({_FORMAT})")
    return document


def _loaded(root: bytes, body: str, entry: Mapping[str, Any]) -> _BodyKeys:
    if body != PORTAL:
        decode_recipient(entry["recovery"])
    seal = derived(root, salt=None, info=b"portal/keyring/seal/v1")
    raw = {
        key["id"]: _open_key(seal, key["sealed"], "kek", body, key["id"], "passphrase")
        for key in entry["keks"]
        if KeyState(key["state"]) is not KeyState.DESTROYED
    }

    def unwrapped(kind: str) -> dict[str, tuple[KeyState, bytes]]:
        return {
            key["id"]: (KeyState(key["state"]), _open_key(raw[key["kek"]], key["sealed"], kind, body, key["id"], key["kek"]))
            for key in entry[kind]
            if KeyState(key["state"]) is not KeyState.DESTROYED
        }

    return _BodyKeys(
        recovery=entry["recovery"],
        keks={
            key["id"]: (KeyState(key["state"]), Cipher(key["id"], AESGCMSIV(raw[key["id"]])) if key["id"] in raw else None)
            for key in entry["keks"]
        },
        register={key_id: (state, Cipher(key_id, AESGCMSIV(key))) for key_id, (state, key) in unwrapped("register").items()},
        macs=[(state, hmac.new(key, digestmod="sha256")) for state, key in unwrapped("mac").values()],
    )


def _root(passphrase: str, derivation: Mapping[str, Any]) -> bytes:
    """Argon2id of the passphrase."""
    try:
        memory, passes, lanes = derivation["memory_kib"], derivation["passes"], derivation["lanes"]
        if derivation["name"] != "argon2id" or not 8 * lanes <= memory <= _MAX_MEMORY_KIB or not 1 <= passes <= 1000:
            raise ValueError("parameters out of range")
        salt = bytes.fromhex(derivation["salt"])
        return Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory).derive(passphrase.encode())
    except UnsupportedAlgorithm as error:
        raise Misconfigured("this installation's OpenSSL lacks Argon2id or AES-GCM-SIV: install cryptography's own wheel") from error
    except ValueError as error:
        raise Misconfigured(f"the keyring's derivation cannot be used: {error}") from error


def _mac(root: bytes, document: Mapping[str, Any]) -> str:
    """Over everything in the file but itself, as JSON with sorted keys and no spaces."""
    covered = {name: value for name, value in document.items() if name != "mac"}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(derived(root, salt=None, info=b"portal/keyring/mac/v1"), text, "sha256").hex()


def _seal_key(under: bytes, key: bytes, kind: str, body: str, key_id: str, under_id: str) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return (nonce + AESGCMSIV(under).encrypt(nonce, key, framed(_FORMAT, kind, body, key_id, under_id))).hex()


def _open_key(under: bytes, sealed: str, kind: str, body: str, key_id: str, under_id: str) -> bytes:
    raw = bytes.fromhex(sealed)
    key = AESGCMSIV(under).decrypt(raw[:_NONCE], raw[_NONCE:], framed(_FORMAT, kind, body, key_id, under_id))
    if len(key) != 32:
        raise ValueError("a key of another length")
    return key
