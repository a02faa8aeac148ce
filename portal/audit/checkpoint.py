"""Checkpoints (c2sp.org/tlog-checkpoint): what the log says about itself, signed."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.audit.durable import write_durably
from portal.audit.signing import BadNote, LogKey, VerifierKey, decode64, open_note

FILE = "checkpoint"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Head:
    """The three lines every checkpoint has. `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head and the moment it was signed. The note itself holds no time."""

    size: int
    root: bytes
    note: str
    at: datetime


def sign_checkpoint(key: LogKey, size: int, root: bytes, at: datetime) -> Checkpoint:
    """Whoever calls has asked the guard first."""
    return Checkpoint(size, root, key.sign(Head(key.name, size, root).text), at)


def read_checkpoint(note: str, key: VerifierKey) -> Head:
    """The head in a note that `key` signed. Raises `BadNote`: malformed, not signed, or of another origin."""
    return parse_head(open_note(note, key), key.name)


def parse_head(text: str, origin: str) -> Head:
    """Origin, size, root; extension lines may follow and are ignored. Raises `BadNote`."""
    lines = text.split("\n")[:-1]
    if not text.endswith("\n") or len(lines) < 3 or "" in lines:
        raise BadNote("a checkpoint has three lines at least, none empty")
    if lines[0] != origin:
        raise BadNote(f"the checkpoint is of the log {lines[0]!r}, not of {origin!r}")
    if not _SIZE.fullmatch(lines[1]):
        raise BadNote("the size in the checkpoint is not a plain decimal number")
    try:
        root = decode64(lines[2])
    except ValueError as error:
        raise BadNote("the root in the checkpoint is not canonical base64") from error
    if len(root) != 32:
        raise BadNote("the root in the checkpoint is not 32 bytes")
    return Head(origin, int(lines[1]), root)


def publish_checkpoint(directory: Path, note: str) -> None:
    """The last step: whoever reads this file finds every tile it needs. Witnesses' lines may stand below ours."""
    write_durably(directory / FILE, note.encode())


def published_checkpoint(directory: Path) -> str | None:
    """The note in the directory, unverified; None where there is none. Raises `BadNote` if it is not text."""
    try:
        return (directory / FILE).read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadNote("the published checkpoint is not text") from error
