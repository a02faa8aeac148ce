"""Witnesses of a published log: who signed, what and when, is demanded by the verifier.

Whoever holds the folder, or the portal's database and files, is the attacker; the log's key is theirs only where a test says so.
"""

import base64
import hashlib
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.rooms.audit.mirror import Mirror
from tests.rooms.audit.stage import ORIGIN


@dataclass
class Signer:
    """A witness's key (c2sp.org/tlog-cosignature)."""

    name: str
    key: Ed25519PrivateKey

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self._typed).decode()}"

    @property
    def id(self) -> bytes:
        return hashlib.sha256(f"{self.name}\n".encode() + self._typed).digest()[:4]

    @property
    def _typed(self) -> bytes:
        return b"\x04" + self.key.public_key().public_bytes_raw()

    def line(self, text: str, at: int) -> str:
        signature = self.key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        return f"— {self.name} {base64.b64encode(self.id + at.to_bytes(8, 'big') + signature).decode()}\n"


def witnessed(mirror: Mirror, at: int, *, text: str = "", by: str = "office.example/witness") -> list[str]:
    """Let a witness sign the published checkpoint (or this text instead); the options with which to check it."""
    signer = Signer(by, Ed25519PrivateKey.generate())
    file = mirror.folder / "checkpoint"
    note = file.read_text()
    file.write_text(note + signer.line(text or note.rpartition("\n\n")[0] + "\n", at))
    key = mirror.folder.parent / f"{by.replace('/', '-')}.vkey"
    key.write_text(signer.vkey)
    return ["--witness", str(key)]


def test_a_witness_who_signed_lately_is_named(either: Mirror) -> None:
    options = witnessed(either, int(time.time()))
    code, said = either.verdict(*options, "--max-age", "3600")
    assert code == 0
    assert said.startswith("In order: 48 leaves")


def test_a_stale_checkpoint_is_refused(either: Mirror) -> None:
    options = witnessed(either, int(time.time()) - 7200)
    assert either.verdict(*options)[0] == 0
    code, said = either.verdict(*options, "--max-age", "3600")
    assert (code, "stale" in said) == (1, True)
    assert either.verdict("--max-age", "3600")[0] == 1  # nobody signed


def test_a_witness_who_did_not_sign_or_signed_something_else_or_tomorrow_is_missed(either: Mirror) -> None:
    elsewhere = witnessed(either, int(time.time()), text=f"{ORIGIN}\n16\n{base64.b64encode(bytes(32)).decode()}\n")
    assert "is wrong" in either.verdict(*elsewhere)[1]
    either.publish()  # without what the witness wrote
    assert either.verdict(*elsewhere)[0] == 1
    tomorrow = witnessed(either, int(time.time()) + 86400, by="early.example/witness")
    assert "still to come" in either.verdict(*tomorrow)[1]


def test_a_quorum_of_witnesses_is_enough(either: Mirror) -> None:
    one = witnessed(either, int(time.time()), by="one.example/witness")
    note = (either.folder / "checkpoint").read_text()
    other = witnessed(either, int(time.time()), by="two.example/witness")
    (either.folder / "checkpoint").write_text(note)  # the second's line is lost
    assert either.verdict(*one, *other)[0] == 1
    assert either.verdict(*one, *other, "--quorum", "1")[0] == 0
