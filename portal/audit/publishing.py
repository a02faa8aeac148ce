"""Publish the log elsewhere: on a mirror, on a carrier, before the world. What leaves is digests and random ids (docs/formats/log.md).

What is there already must be the beginning of what comes: another log, a longer one or another history is never overwritten. Nothing is
copied on trust: the tree is built from the entries first, and must have the root that was signed. The checkpoint is written last, so that
whoever reads there finds every tile it needs.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.audit.checkpoint import FILE, Head, published_checkpoint, read_checkpoint
from portal.audit.cosignature import WitnessVerifier
from portal.audit.durable import write_durably
from portal.audit.guard import EMPTY_ROOT
from portal.audit.signing import BadNote, VerifierKey
from portal.audit.tiles import WIDTH, Edge, Tile, drop_partials, published_entries, write_tile
from portal.kernel.errors import Misconfigured, Tampered

KEY, POLICY = "log.vkey", "policy"


class Unpublishable(Tampered):
    """What would be published is not what was signed, or does not go on from what is there."""

    code = "unpublishable"


def publish_log(source: Path, to: Path, key: VerifierKey, witnesses: Sequence[WitnessVerifier] = (), quorum: int = 0) -> Head:
    """Bring the folder `to` up to the log in `source`; its head. The same again changes nothing.

    Beside it stand the keys of the log and its witnesses, and a policy: how many of them must have signed.
    Raises `Misconfigured` if nothing was signed yet or `to` cannot be used, `BadNote` if a checkpoint is not signed by `key`,
    `Unpublishable` if entries and checkpoints do not fit each other. Then nothing was written.
    """
    if to.resolve() == source.resolve():
        raise Misconfigured(f"{to} is the log itself (log.path): name another folder")
    note = published_checkpoint(source)
    if note is None:
        raise Misconfigured(f"{source} holds no checkpoint yet: the portal signs one as soon as it serves")
    head = read_checkpoint(note, key)
    to.mkdir(parents=True, exist_ok=True)
    with _alone(to):
        before = _known(to, key)
        if before.size > head.size:
            raise Unpublishable(f"{to} holds {before.size} leaves already, and this log has {head.size}: the newest database is missing")
        _demand_one_history(source, before, head)
        completed = _write(source, to, head)
        _write_keys(to, key, witnesses, quorum)
        write_durably(to / FILE, note.encode())
        for tile in completed:
            drop_partials(to, tile)
    return head


@contextmanager
def _alone(to: Path) -> Iterator[None]:
    """One publisher at a time for this folder, so that an older checkpoint never takes a newer one's place."""
    handle = os.open(to, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _known(to: Path, key: VerifierKey) -> Head:
    """What was published there before; an empty log if nothing was."""
    note = published_checkpoint(to)
    if note is not None:
        try:
            return read_checkpoint(note, key)
        except BadNote as error:
            raise BadNote(f"{to} holds another log, which is left as it is: {error.detail}") from error
    if any(to.iterdir()):
        raise Misconfigured(f"{to} holds other things and no log: name an empty folder")
    return Head(key.name, 0, EMPTY_ROOT)


def _demand_one_history(source: Path, before: Head, head: Head) -> None:
    edge = Edge()
    for entry in _entries(source, head.size):
        if edge.size == before.size and edge.root() != before.root:
            break
        edge.append(entry)
    if edge.size < head.size or (before.size == head.size and edge.root() != before.root):
        raise Unpublishable(f"the first {before.size} leaves are not those that were published: run `portal audit verify`")
    if edge.root() != head.root:
        raise Unpublishable("the entries in log.path do not have the root that was signed: run `portal audit verify`")


def _entries(source: Path, size: int) -> Iterator[bytes]:
    for index in range(-(-size // WIDTH)):
        wanted = min(WIDTH, size - index * WIDTH)
        found = published_entries(source, index)
        if found is None or len(found) < wanted:
            raise Unpublishable(f"the bundle {index} of entries in log.path is missing, short or damaged: run `portal audit verify`")
        yield from found[:wanted]


def _write_keys(to: Path, key: VerifierKey, witnesses: Sequence[WitnessVerifier], quorum: int) -> None:
    """`log.vkey`, `witness-1.vkey` …, and `policy` (c2sp.org/tlog-policy). No addresses: those are the portal's to know."""
    write_durably(to / KEY, f"{key}\n".encode())
    lines = [f"log {key}"]
    for number, witness in enumerate(witnesses, start=1):
        write_durably(to / f"witness-{number}.vkey", f"{witness}\n".encode())
        lines.append(f"witness {witness.name} {witness}")
    if quorum:
        lines.append(" ".join(["group", "witnesses", str(quorum), *(witness.name for witness in witnesses)]))
    lines.append(f"quorum {'witnesses' if quorum else 'none'}")
    write_durably(to / POLICY, "".join(f"{line}\n" for line in lines).encode())


def _write(source: Path, to: Path, head: Head) -> list[Tile]:
    """Every tile of this tree; those that are full."""
    edge, completed = Edge(), list[Tile]()
    for entry in _entries(source, head.size):
        for tile, content in edge.append(entry):
            write_tile(to, tile, content)
            completed.append(tile)
    for tile, content in edge.partial():
        write_tile(to, tile, content)
    return completed
