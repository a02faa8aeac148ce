"""The published log, checked by `tools/verify_portal_log.py` alone: what was changed there is found, and what is sound is called so.

Whoever holds the folder, or the portal's database and files, is the attacker; the log's key is theirs only where a test says so.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit.checkpoint import Head, sign_checkpoint
from portal.audit.cosignature import WitnessKey
from portal.audit.publishing import Unpublishable, publish_log
from portal.audit.signing import BadNote, LogKey
from portal.audit.tiles import Edge, published_entries, unbundle, write_tile
from portal.kernel.errors import Misconfigured
from portal.kernel.merkle import leaf_hash
from tests.rooms.audit.stage import NOON, ORIGIN, Stage, reading
from tools.tour.stage import ROOT


@dataclass
class Mirror:
    """A log that was published to a folder, and its verifier."""

    stage: Stage
    folder: Path

    def publish(self) -> Head:
        return publish_log(self.stage.log_dir, self.folder, self.stage.key.verifier)

    def grow(self, events: int = 5) -> None:
        self.stage.happen(*[reading(number) for number in range(events)])
        self.stage.sequence()

    def verdict(self, *options: str, key: str = "") -> tuple[int, str]:
        """What the verifier's own process says of the folder."""
        file = self.folder.parent / "given.vkey"
        file.write_text(key or str(self.stage.key.verifier))
        command = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), str(self.folder), "--key", str(file), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def kept(self) -> Path:
        """The checkpoint as somebody keeps it for the next time."""
        return Path(shutil.copy(self.folder / "checkpoint", self.folder.parent / "kept"))

    def rebuild(self, entries: list[bytes], key: LogKey) -> None:
        """The folder as whoever holds `key` would make it of these entries: all its hashes fit."""
        shutil.rmtree(self.folder)
        edge = Edge()
        for entry in entries:
            for tile, content in edge.append(entry):
                write_tile(self.folder, tile, content)
        for tile, content in edge.partial():
            write_tile(self.folder, tile, content)
        (self.folder / "checkpoint").write_text(sign_checkpoint(key, edge.size, edge.root(), NOON).note)

    def entries(self) -> list[bytes]:
        return published_entries(self.folder, 0) or []


@pytest.fixture
def mirror(log: Stage, tmp_path: Path) -> Mirror:
    """A log of 48 leaves, published."""
    made = Mirror(log, tmp_path / "mirror")
    made.publish()
    return made


def test_a_published_log_is_in_order_and_so_is_what_it_grows_to(mirror: Mirror) -> None:
    assert mirror.verdict() == (0, f"In order: 48 leaves of {ORIGIN}, root {mirror.publish().root.hex()[:16]}\n")
    kept = mirror.kept()
    mirror.grow(300)
    assert mirror.publish().size == 352
    assert mirror.verdict("--since", str(kept))[0] == 0
    files = {str(file.relative_to(mirror.folder)) for file in mirror.folder.rglob("*") if file.is_file()}
    assert files == {
        "checkpoint",
        "log.vkey",
        "policy",
        "tile/0/000",
        "tile/0/001.p/96",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/96",
    }
    assert (mirror.folder / "log.vkey").read_text() == f"{mirror.stage.key.verifier}\n"


def test_it_remembers_for_the_next_time_only_what_was_in_order(mirror: Mirror, tmp_path: Path) -> None:
    remembered = tmp_path / "remembered"
    assert mirror.verdict("--remember", str(remembered))[0] == 0
    assert remembered.read_bytes() == (mirror.folder / "checkpoint").read_bytes()
    remembered.unlink()
    (mirror.folder / "tile/0/000.p/48").write_bytes(bytes(48 * 32))
    assert mirror.verdict("--remember", str(remembered))[0] == 1
    assert not remembered.exists()


def test_a_forged_entry_is_found_although_its_stored_hash_fits(mirror: Mirror) -> None:
    bundle, hashes = mirror.folder / "tile/entries/000.p/48", mirror.folder / "tile/0/000.p/48"
    content = bytearray(bundle.read_bytes())
    content[51 * 7 + 30] ^= 1
    bundle.write_bytes(content)
    hashes.write_bytes(b"".join(leaf_hash(entry) for entry in unbundle(bytes(content))))
    code, said = mirror.verdict()
    assert code == 1
    assert "the entries do not give the root that was signed" in said


@pytest.mark.parametrize("file", ["tile/0/000.p/48", "tile/entries/000.p/48"])
def test_an_edited_tile_is_found(mirror: Mirror, file: str) -> None:
    content = bytearray((mirror.folder / file).read_bytes())
    content[-1] ^= 1
    (mirror.folder / file).write_bytes(content)
    assert mirror.verdict()[0] == 1


@pytest.mark.parametrize("file", ["tile/0/000.p/48", "tile/entries/000.p/48"])
def test_a_truncation_is_found(mirror: Mirror, file: str) -> None:
    whole = (mirror.folder / file).read_bytes()
    for content in (whole[:-1], whole[:-51], whole + bytes(51), b""):
        (mirror.folder / file).write_bytes(content)
        assert mirror.verdict()[0] == 1
    (mirror.folder / file).unlink()
    assert mirror.verdict()[0] == 1


def test_a_log_that_shrank_is_found_by_whoever_kept_a_checkpoint(mirror: Mirror) -> None:
    kept = mirror.kept()
    mirror.rebuild(mirror.entries()[:32], mirror.stage.key)  # the portal itself, with its key
    assert mirror.verdict()[0] == 0
    code, said = mirror.verdict("--since", str(kept))
    assert code == 1
    assert "has shrunk" in said


@pytest.mark.parametrize("size", [48, 64])
def test_a_rollback_that_grew_again_and_a_fork_are_found_by_whoever_kept_a_checkpoint(mirror: Mirror, size: int) -> None:
    kept, entries = mirror.kept(), mirror.entries()
    other = [b"\x01" + bytes([number]) * 48 for number in range(size - 32)]
    mirror.rebuild([*entries[:32], *other], mirror.stage.key)
    assert mirror.verdict()[0] == 0
    code, said = mirror.verdict("--since", str(kept))
    assert code == 1
    assert "the history was rewritten" in said


def test_another_key_under_the_same_name_is_refused(mirror: Mirror) -> None:
    other = LogKey(ORIGIN, bytes(range(32)))
    code, said = mirror.verdict(key=str(other.verifier))
    assert (code, "is not signed by" in said) == (1, True)
    mirror.rebuild(mirror.entries(), other)
    assert mirror.verdict()[0] == 1


def test_a_signature_that_was_touched_is_refused(mirror: Mirror) -> None:
    note = (mirror.folder / "checkpoint").read_text()
    head, _, line = note.rpartition(" ")
    raw = bytearray(base64.b64decode(line.strip()))
    raw[20] ^= 1
    (mirror.folder / "checkpoint").write_text(f"{head} {base64.b64encode(raw).decode()}\n")
    assert mirror.verdict() == (1, f"NOT in order: the signature of {ORIGIN} is wrong\n")


def test_what_cannot_be_checked_is_not_called_in_order(mirror: Mirror) -> None:
    assert mirror.verdict(key="no key")[0] == 2
    (mirror.folder / "checkpoint").unlink()
    assert mirror.verdict()[0] == 2


# --- witnesses --------------------------------------------------------------------------------------------------------------------------


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


def test_a_witness_who_signed_lately_is_named(mirror: Mirror) -> None:
    options = witnessed(mirror, int(time.time()))
    code, said = mirror.verdict(*options, "--max-age", "3600")
    assert code == 0
    assert said.endswith(", witnessed by office.example/witness\n")


def test_a_stale_checkpoint_is_refused(mirror: Mirror) -> None:
    options = witnessed(mirror, int(time.time()) - 7200)
    assert mirror.verdict(*options)[0] == 0
    code, said = mirror.verdict(*options, "--max-age", "3600")
    assert (code, "stale" in said) == (1, True)
    assert mirror.verdict("--max-age", "3600")[0] == 1  # nobody signed


def test_a_witness_who_did_not_sign_or_signed_something_else_or_tomorrow_is_missed(mirror: Mirror) -> None:
    elsewhere = witnessed(mirror, int(time.time()), text=f"{ORIGIN}\n16\n{base64.b64encode(bytes(32)).decode()}\n")
    assert "is wrong" in mirror.verdict(*elsewhere)[1]
    mirror.publish()  # without what the witness wrote
    assert mirror.verdict(*elsewhere)[0] == 1
    tomorrow = witnessed(mirror, int(time.time()) + 86400, by="early.example/witness")
    assert "still to come" in mirror.verdict(*tomorrow)[1]


def test_a_quorum_of_witnesses_is_enough(mirror: Mirror) -> None:
    one = witnessed(mirror, int(time.time()), by="one.example/witness")
    note = (mirror.folder / "checkpoint").read_text()
    other = witnessed(mirror, int(time.time()), by="two.example/witness")
    (mirror.folder / "checkpoint").write_text(note)  # the second's line is lost
    assert mirror.verdict(*one, *other)[0] == 1
    assert mirror.verdict(*one, *other, "--quorum", "1")[0] == 0


# --- publishing -------------------------------------------------------------------------------------------------------------------------


def published(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_shorter_log_another_one_or_other_things_are_never_overwritten(mirror: Mirror, tmp_path: Path) -> None:
    older = shutil.copytree(mirror.stage.log_dir, tmp_path / "older")
    mirror.grow()
    mirror.publish()
    before = published(mirror.folder)
    with pytest.raises(Unpublishable, match="64 leaves already"):
        publish_log(older, mirror.folder, mirror.stage.key.verifier)
    with pytest.raises(BadNote, match="another log"):
        _publish_other(mirror)
    assert published(mirror.folder) == before
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/letter").write_text("Dear")
    with pytest.raises(Misconfigured, match="empty folder"):
        publish_log(mirror.stage.log_dir, tmp_path / "letters", mirror.stage.key.verifier)
    with pytest.raises(Misconfigured, match="the log itself"):
        publish_log(mirror.stage.log_dir, mirror.stage.log_dir, mirror.stage.key.verifier)
    assert published(tmp_path / "letters") == {"letter": b"Dear"}


def _publish_other(mirror: Mirror) -> None:
    """A log of the same origin and another key, published where ours stands."""
    other = Mirror(mirror.stage, mirror.folder.parent / "other")
    other.publish()
    key = LogKey(ORIGIN, bytes(range(32)))
    other.rebuild(other.entries(), key)
    publish_log(other.folder, mirror.folder, key.verifier)


def test_another_history_is_not_published_and_nothing_is_written(mirror: Mirror, tmp_path: Path) -> None:
    fork = Mirror(mirror.stage, tmp_path / "fork")
    fork.publish()
    fork.rebuild([*fork.entries()[:40], *[b"\x01" + bytes([number]) * 48 for number in range(24)]], mirror.stage.key)
    before = published(mirror.folder)
    with pytest.raises(Unpublishable, match="first 48 leaves"):
        publish_log(fork.folder, mirror.folder, mirror.stage.key.verifier)
    assert published(mirror.folder) == before


@pytest.mark.parametrize("content", [b"", bytes(48 * 51)])
def test_damaged_entries_are_not_published(mirror: Mirror, tmp_path: Path, content: bytes) -> None:
    (mirror.stage.log_dir / "tile/entries/000.p/48").write_bytes(content)
    with pytest.raises(Unpublishable):
        publish_log(mirror.stage.log_dir, tmp_path / "new", mirror.stage.key.verifier)
    assert published(tmp_path / "new") == {}


def test_a_log_that_signed_nothing_yet_is_not_published(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no checkpoint yet"):
        publish_log(stage.log_dir, tmp_path / "mirror", stage.key.verifier)


def test_keys_and_policy_stand_beside_the_log(mirror: Mirror) -> None:
    assert (mirror.folder / "policy").read_text().splitlines() == [f"log {mirror.stage.key.verifier}", "quorum none"]
    keys = [WitnessKey(f"{name}.example/w", name[:1].encode() * 32).verifier for name in ("one", "two")]
    publish_log(mirror.stage.log_dir, mirror.folder, mirror.stage.key.verifier, keys, 1)
    lines = [f"witness {key.name} {key}" for key in keys]
    policy = [f"log {mirror.stage.key.verifier}", *lines, "group witnesses 1 one.example/w two.example/w", "quorum witnesses"]
    assert (mirror.folder / "policy").read_text().splitlines() == policy
    assert [(mirror.folder / f"witness-{number}.vkey").read_text() for number in (1, 2)] == [f"{key}\n" for key in keys]
