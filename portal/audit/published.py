"""A published log, read from a folder or an address and checked with no database: by an auditor who has this package and no portal.

No stored hash is believed. The tree is built from the entries, and every published tile must be what they give; the checkpoint must be
signed by the log's key, have the tree's root, and go on from the one that the auditor kept. Whatever is read is bounded, and read where it
was asked for: an answer that sends elsewhere is none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from portal.audit.checkpoint import FILE, Head, read_checkpoint
from portal.audit.cosignature import WitnessVerifier
from portal.audit.findings import Findings, Kind, Report
from portal.audit.guard import EMPTY_ROOT
from portal.audit.signing import BadNote, VerifierKey
from portal.audit.tiles import ENTRIES, WIDTH, Edge, Tile, unbundle
from portal.kernel.errors import Misconfigured, Tampered

#: Bytes of a file that are read: a full bundle has 13,056. Seconds that an answer is waited for, and that a witness's clock may be ahead.
MOST, PATIENCE, SKEW = 1 << 20, 20.0, 300
_ENTRY, _VERSION = 49, b"\x01"


class Unsound(Tampered):
    """Something published is not what it must be; `detail` says what."""

    code = "unsound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is demanded of whoever signed. `since`: a checkpoint kept earlier, as text. `quorum`: how many witnesses, all if it is None;
    `max_age`: seconds since the newest of their signatures."""

    key: VerifierKey
    since: str | None = None
    witnesses: Sequence[WitnessVerifier] = ()
    quorum: int | None = None
    max_age: float | None = None


#: The content of a published file, by its name; None if there is none. Raises `Misconfigured` if that cannot be said, `Unsound` if it is
#: larger than any file of a log.
Read = Callable[[str], bytes | None]


def reader(place: str) -> Read:
    """Reads a folder, or what is below an address."""
    return _address(place.rstrip("/")) if place.startswith(("http://", "https://")) else _folder(Path(place))


def _folder(folder: Path) -> Read:
    def read(name: str) -> bytes | None:
        try:
            with (folder / name).open("rb") as file:
                return _bounded(name, file.read(MOST + 1))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Misconfigured(f"{folder / name} cannot be read: {error.strerror}") from error

    return read


def _address(address: str) -> Read:
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"

    def read(name: str) -> bytes | None:
        try:
            with session.get(f"{address}/{name}", timeout=PATIENCE, allow_redirects=False, stream=True) as answer:
                if answer.status_code == 404:
                    return None
                if answer.status_code != 200:
                    raise Misconfigured(f"{address}/{name}: the server answered {answer.status_code}")
                content = b""
                for piece in answer.iter_content(1 << 16):
                    content = _bounded(name, content + piece)
                return content
        except requests.RequestException as error:
            raise Misconfigured(f"{address}/{name} cannot be read: {type(error).__name__}") from error

    return read


def _bounded(name: str, content: bytes) -> bytes:
    if len(content) > MOST:
        raise Unsound(f"{name} is larger than any file of a log")
    return content


def verify_published(read: Read, demand: Demand, *, at: datetime) -> tuple[Report, str]:
    """What was found, and the checkpoint as it stands there. Raises `Misconfigured` if it cannot be checked at all."""
    findings, edge, checked, note = Findings(), Edge(), 0, ""
    try:
        content = read(FILE)
        if content is None:
            raise Misconfigured("there is no checkpoint: name the folder or address of a published log")
        note = content.decode()
        head = read_checkpoint(note, demand.key)
        checked = 1
        _demand_witnesses(note, head, demand, at.timestamp(), findings)
        since = Head(demand.key.name, 0, EMPTY_ROOT) if demand.since is None else read_checkpoint(demand.since, demand.key)
        checked += demand.since is not None
        if since.size > head.size:
            raise Unsound(f"the log has shrunk: it had {since.size} leaves, and has {head.size}")
        edge = _rebuilt(read, head, since, findings)
    except BadNote as error:
        findings.add(Kind.CHECKPOINT_BAD, f"a checkpoint cannot be relied on: {error.detail}")
    except UnicodeDecodeError:
        findings.add(Kind.CHECKPOINT_BAD, "the checkpoint is no text")
    except Unsound as error:
        findings.add(Kind.PUBLISHED_CHANGED, error.detail)
    return Report(tuple(findings.named), findings.more, edge.size, edge.root(), checked, at), note


def _rebuilt(read: Read, head: Head, since: Head, findings: Findings) -> Edge:
    """The tree of the entries; every tile compared on the way. Raises `Unsound`."""
    edge, then = Edge(), EMPTY_ROOT
    for entry in _entries(read, head.size):
        for tile, content in edge.append(entry):
            _compare(read, tile, content, findings)
        if edge.size == since.size:
            then = edge.root()
    if edge.root() != head.root:
        text = "the entries do not give the root that was signed: something was changed, put in or taken out"
        findings.add(Kind.ROOT_DIFFERS, text)
    if then != since.root:
        text = f"the first {since.size} leaves are not those of the checkpoint that was kept: the history was rewritten"
        findings.add(Kind.INTERVAL_CHANGED, text)
    for tile, content in edge.partial():
        _compare(read, tile, content, findings)
    return edge


def _entries(read: Read, size: int) -> Iterator[bytes]:
    for index in range(-(-size // WIDTH)):
        tile = Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH))
        try:
            entries = unbundle(_tile(read, tile, 2 + _ENTRY))
        except ValueError as error:
            raise Unsound(f"{tile.path}: {error}") from error
        if len(entries) != tile.width or any(len(entry) != _ENTRY or entry[:1] != _VERSION for entry in entries):
            raise Unsound(f"{tile.path} holds entries that are not of the form that this log has")
        yield from entries


def _compare(read: Read, tile: Tile, content: bytes, findings: Findings) -> None:
    if tile.level != ENTRIES and _tile(read, tile, 32) != content:
        findings.add(Kind.PUBLISHED_CHANGED, f"{tile.path} is not what the entries give")


def _tile(read: Read, tile: Tile, size: int) -> bytes:
    """Its items, of `size` bytes each: from its own file, or from the full one that replaced it, perhaps while we look."""
    whole = Tile(tile.level, tile.index)
    for candidate in (tile, whole, tile):
        content = read(candidate.path)
        if content is not None:
            if len(content) != size * candidate.width:
                raise Unsound(f"{candidate.path} has {len(content)} bytes, not {size * candidate.width}")
            return content[: size * tile.width]
    raise Unsound(f"{tile.path}: there is no such tile, and the checkpoint needs it")


def _demand_witnesses(note: str, head: Head, demand: Demand, now: float, findings: Findings) -> None:
    """Enough of them must have signed this checkpoint, and not too long ago. Raises `Unsound` for a signature that is wrong."""
    text, _, tail = note.rpartition("\n\n")
    lines, newest, signed = tail.splitlines(), 0, 0
    for witness in demand.witnesses:
        ours = [line for line in lines if line.startswith(f"— {witness.name} ")]
        times = [witness.signed_at(f"{text}\n", line) for line in ours]
        known = [at for at in times if at is not None]
        if len(known) != len(times):
            raise Unsound(f"the signature of the witness {witness.name} is wrong, or of another key")
        if any(at > now + SKEW for at in known):
            raise Unsound(f"the witness {witness.name} signed at a time that is still to come")
        signed += bool(known)
        newest = max([newest, *known])
    quorum = len(demand.witnesses) if demand.quorum is None else demand.quorum
    if signed < quorum:
        text = f"{signed} of {len(demand.witnesses)} witnesses signed the checkpoint of {head.size} leaves, and {quorum} are demanded"
        findings.add(Kind.NOT_WITNESSED, text)
    if demand.max_age is not None and now - newest > demand.max_age:
        when = "never" if not newest else f"last at {datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M:%S} UTC"
        findings.add(Kind.STALE, f"the checkpoint is stale: a witness signed it {when}")
