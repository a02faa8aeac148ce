"""The published log of a million entries, checked by the small verifier, against hashing alone."""

import hashlib
import importlib.util
import secrets
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from portal.audit.checkpoint import publish_checkpoint, sign_checkpoint
from portal.audit.signing import LogKey
from portal.audit.tiles import Edge
from portal.kernel.clock import SystemClock
from tools.bench.figures import Figure, alternating, timed
from tools.tour.stage import ROOT

ENTRIES = 1_000_000


def verifying(folder: Path) -> Iterator[Figure]:
    key = LogKey("bench.example/log", secrets.token_bytes(32))
    entries = [b"\x01" + secrets.token_bytes(48) for _ in range(ENTRIES)]
    log = folder / "log"
    _publish(log, key, entries)
    (folder / "log.vkey").write_text(str(key.verifier), encoding="utf-8")
    tool = _tool()

    def checked() -> None:
        with redirect_stdout(None):
            assert tool.main([str(log), "--key", str(folder / "log.vkey")]) == 0

    ours, theirs = alternating(lambda: timed(checked), lambda: timed(lambda: hashed(entries)), runs=3)
    name = f"the published log of {ENTRIES:,} entries checked by the small verifier, against hashing alone"
    yield Figure(name=name, ours=ours, theirs=theirs, unit="s", target=2.0, better="lower", runs=3)


def hashed(entries: list[bytes]) -> bytes:
    """The root, by nothing but hashing: each leaf, and each level of nodes above."""
    sha = hashlib.sha256
    level = [sha(b"\x00" + entry).digest() for entry in entries]
    while len(level) > 1:
        paired = [sha(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def _publish(log: Path, key: LogKey, entries: list[bytes]) -> None:
    """As the sequencer does, but for waiting for the disk at each of eight thousand files."""
    edge = Edge()
    for entry in entries:
        for tile, content in edge.append(entry):
            _write(log / tile.path, content)
    for tile, content in edge.partial():
        _write(log / tile.path, content)
    publish_checkpoint(log, sign_checkpoint(key, edge.size, edge.root(), SystemClock().now()).note)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _tool() -> ModuleType:
    """The verifier is one file for itself, and no module of ours."""
    spec = importlib.util.spec_from_file_location("verify_portal_log", ROOT / "tools" / "verify_portal_log.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
