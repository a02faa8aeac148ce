"""Cosignatures (c2sp.org/tlog-cosignature): that a witness saw a checkpoint, when, and that it goes on from the last one it saw."""

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.audit.durable import create_durably
from portal.audit.signing import decode64, is_key_name, read_private
from portal.kernel.errors import Misconfigured

COSIGNATURE = b"\x04"


@dataclass(frozen=True, slots=True)
class WitnessVerifier:
    """Who may cosign: a name and an Ed25519 public key (32 bytes)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + COSIGNATURE + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(COSIGNATURE + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "WitnessVerifier":
        """Read `name+hexid+base64`. Raises `Misconfigured`."""
        try:
            name, identity, encoded = text.strip().split("+", 2)
            raw = decode64(encoded)
        except ValueError as error:
            raise Misconfigured("a witness's verifier key is name+id+base64, as `portal witness init` prints it") from error
        key = cls(name, raw[1:])
        if len(raw) != 33 or raw[:1] != COSIGNATURE or not is_key_name(name) or identity != key.id.hex():
            raise Misconfigured(f"the verifier key of the witness {name!r} is damaged, or of another kind: copy it anew")
        return key

    def signed_at(self, text: str, line: str) -> int | None:
        """When this witness signed the text, in seconds since 1970, if the signature line is its own and right; else None."""
        match line.split(" "):
            case ["—", self.name, encoded]:
                pass
            case _:
                return None
        try:
            raw = decode64(encoded)
            at = int.from_bytes(raw[4:12], "big")
            if raw[:4] != self.id or len(raw) != 76:
                return None
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw[12:], cosigned(text, at))
        except (ValueError, InvalidSignature):
            return None
        return at


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """What a witness signs with. Never printed; its file is 0600."""

    name: str
    _seed: bytes = field(repr=False)

    @property
    def verifier(self) -> WitnessVerifier:
        return WitnessVerifier(self.name, Ed25519PrivateKey.from_private_bytes(self._seed).public_key().public_bytes_raw())

    def line(self, text: str, at: int) -> str:
        """The signature line for a checkpoint's text, with its newline."""
        signature = Ed25519PrivateKey.from_private_bytes(self._seed).sign(cosigned(text, at))
        return f"— {self.name} {base64.b64encode(self.verifier.id + at.to_bytes(8, 'big') + signature).decode()}\n"


def cosigned(text: str, at: int) -> bytes:
    """The bytes that a witness signs."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def create_witness_key(path: Path, name: str) -> WitnessKey:
    """Make a witness's key and keep it in a new file, 0600. Raises `Misconfigured` if there is a file, or the name cannot be one."""
    if not is_key_name(name):
        raise Misconfigured("a witness's name is for good, for example office.example/witness: no spaces, no plus")
    key = WitnessKey(name, Ed25519PrivateKey.generate().private_bytes_raw())
    text = f"PRIVATE+KEY+{name}+{key.verifier.id.hex()}+{base64.b64encode(COSIGNATURE + key._seed).decode()}\n"
    try:
        create_durably(path, text.encode(), 0o600)
    except FileExistsError as error:
        raise Misconfigured(f"{path} exists: a witness keeps its key") from error
    return key


def load_witness_key(path: Path) -> WitnessKey:
    """Read the key file. Raises `Misconfigured` if it is missing, open to others or damaged."""
    text = read_private(path, "witness.key")
    damaged = f"witness.key {path} is damaged: restore it from its backup"
    try:
        word, rest = text[:12], text[12:].removesuffix("\n")
        name, identity, encoded = rest.split("+", 2)
        raw = decode64(encoded)
    except ValueError as error:
        raise Misconfigured(damaged) from error
    key = WitnessKey(name, raw[1:])
    if word != "PRIVATE+KEY+" or len(raw) != 33 or raw[:1] != COSIGNATURE or identity != key.verifier.id.hex():
        raise Misconfigured(damaged)
    return key
