#!/usr/bin/env python3
"""Check a published log of the Portal, with no Portal installed: this file, Python 3.11 and the library `cryptography` are enough.

    verify_portal_log.py FOLDER-OR-URL --key log.vkey [--since OLD] [--remember NEW] [--witness KEY ... --quorum N] [--max-age SECONDS]
    verify_portal_log.py --attestation FILE --key log.vkey [--witness KEY ... --quorum N] [--max-age SECONDS]

It believes no stored hash. The tree is built anew from the entries (`tile/entries/...`), and then:

* every published hash tile must be what the entries give;
* the checkpoint must be signed by the log's key, and its root must be that of the tree;
* `--since`: a checkpoint that you kept earlier must be signed by the same key, and the tree must have had its root at its size. So nothing
  before it was taken away or changed, and the log did not shrink and grow again. `--remember` keeps this checkpoint for the next time;
* `--attestation` needs no log: it was signed, and the act that it shows is in the log that was signed soon after, and in a later one.
* `--witness`: keys of witnesses, who keep the last checkpoint themselves and sign no other history. At least `--quorum` of them (all, if it
  is not given) must have signed this one. `--max-age`: the newest of their signatures may be so many seconds old. (A checkpoint
  holds no time: without a witness a log that is held back cannot be told from one that nobody used.)

Exit 0: in order. 1: not in order, and what. 2: it could not be checked.

Forms: c2sp.org/tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature; RFC 6962, section 2.1; for an entry docs/formats/log.md.
"""

import argparse
import base64
import hashlib
import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256
ENTRY = 49  # bytes: version, 16 of an id, 32 of a commitment
LOG, COSIGNATURE = b"\x01", b"\x04"  # kinds of keys
MOST = 1 << 20  # bytes of a file that are read; a full bundle has 13,056
#: Seconds that a witness's clock may be ahead of ours.
SKEW = 300


class NotInOrder(Exception):
    """The log is not what it says it is; the text says where."""


class CannotCheck(Exception):
    """Something that the check needs is not there; the text says what."""


#: The log is read where it was asked for: an answer that sends elsewhere is none.
STRAIGHT = type("Straight", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *_: None})
OPENER = urllib.request.build_opener(STRAIGHT)


@dataclass(frozen=True)
class Published:
    """A folder, or the address of one."""

    place: str

    def read(self, name: str) -> bytes | None:
        """The file; None if there is none."""
        there = self.place.startswith(("http://", "https://"))
        try:
            with OPENER.open(f"{self.place.rstrip('/')}/{name}", timeout=60) if there else (Path(self.place) / name).open("rb") as file:
                content = bytes(file.read(MOST + 1))
        except OSError as error:
            if isinstance(error, FileNotFoundError) or getattr(error, "code", None) == 404:
                return None
            raise CannotCheck(f"{name}: {error}") from error
        if len(content) <= MOST:
            return content
        raise NotInOrder(f"{name} is larger than any file of a log")

    def tile(self, level: int | str, index: int, width: int, size: int) -> bytes:
        """The first `width` items of a tile, each of `size` bytes: its own file, or the start of the full one that replaced it."""
        path = f"tile/{level}/{numbered(index)}"
        for name in (path, f"{path}.p/{width}", path) if width < WIDTH else (path,):
            content = self.read(name)
            if content is not None:
                expected = size * (WIDTH if name == path else width)
                if len(content) != expected:
                    raise NotInOrder(f"{name} has {len(content)} bytes, not {expected}")
                return content[: size * width]
        raise NotInOrder(f"{path}: there is no such tile, and the checkpoint needs it")


def numbered(index: int) -> str:
    """1234067 → x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups)


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def joined(hashes: list[bytes]) -> bytes:
    """The root over these (RFC 6962, section 2.1): level by level, what is left over goes up as it is."""
    sha = hashlib.sha256
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=False)
        hashes = [sha(b"\x01" + left + right).digest() for left, right in pairs] + hashes[len(hashes) & ~1 :]
    return hashes[0] if hashes else sha(b"").digest()


class Tree:
    """Grows by leaves, and holds the unfinished tile of each level. Each published tile is compared as soon as it is complete here."""

    def __init__(self, log: Published) -> None:
        self.size = 0
        self._log = log
        self._levels: list[list[bytes]] = []

    def add(self, digests: list[bytes], level: int = 0) -> None:
        """Leaves of one tile, or what such tiles amount to."""
        self.size += len(digests) if level == 0 else 0
        if level == len(self._levels):
            self._levels.append([])
        hashes = self._levels[level]
        hashes += digests
        if len(hashes) == WIDTH:
            self._compare(level)
            self._levels[level] = []
            self.add([joined(hashes)], level + 1)

    def root(self) -> bytes:
        right: list[bytes] = []  # what the levels below amount to
        for hashes in self._levels:
            right = [joined(hashes + right)] if hashes or right else []
        return joined(right)

    def finish(self) -> None:
        for level in range(len(self._levels)):
            self._compare(level)

    def _compare(self, level: int) -> None:
        hashes = self._levels[level]
        index = (self.size - 1) // WIDTH ** (level + 1)
        if hashes and self._log.tile(level, index, len(hashes), 32) != b"".join(hashes):
            raise NotInOrder(f"tile/{level}/{numbered(index)} is not what the entries give")


def leaves(log: Published, size: int) -> Iterator[list[bytes]]:
    """The hashes of the entries, bundle by bundle."""
    step, sha, start = 2 + ENTRY, hashlib.sha256, ENTRY.to_bytes(2, "big") + b"\x01"
    for index in range(-(-size // WIDTH)):
        content = log.tile("entries", index, min(WIDTH, size - index * WIDTH), step)
        if wrong := [at // step for at in range(0, len(content), step) if content[at : at + 3] != start]:
            raise NotInOrder(f"entry {index * WIDTH + wrong[0]} is not of the form that this log has")
        yield [sha(b"\x00" + content[at + 2 : at + step]).digest() for at in range(0, len(content), step)]


def decoded(text: str) -> bytes:
    """Base64 in its one canonical spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NotInOrder("something that should be base64 is not") from error
    if base64.b64encode(raw).decode() != text:
        raise NotInOrder("base64 in a spelling that is not canonical")
    return raw


@dataclass(frozen=True)
class Key:
    """A verifier key: `name+id+base64`."""

    name: str
    kind: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str, kind: bytes) -> "Key":
        try:
            name, identity, encoded = text.strip().split("+", 2)
            raw = decoded(encoded)
        except (ValueError, NotInOrder) as error:
            raise CannotCheck(f"{text.strip()[:60]!r} is no verifier key (name+id+base64)") from error
        key = cls(name, raw[:1], raw[1:])
        if key.kind != kind or len(key.public) != 32 or key.id.hex() != identity:
            raise CannotCheck(f"the verifier key of {name!r} is damaged, or of another kind than is needed here")
        return key

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def signed(self, text: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Note:
    """A signed note: its text, and its signatures as (name, key id, bytes)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, content: bytes) -> "Note":
        try:
            whole = content.decode()
        except UnicodeDecodeError as error:
            raise NotInOrder("the checkpoint is no text") from error
        text, found, tail = whole.rpartition("\n\n")
        if not found or not tail.endswith("\n") or any(ord(letter) < 32 and letter != "\n" for letter in whole):
            raise NotInOrder("the checkpoint is no signed note")
        signatures = []
        for line in tail[:-1].split("\n"):
            match = re.fullmatch(r"— (\S+) (\S+)", line)
            raw = decoded(match[2]) if match else b""
            if not match or len(raw) < 5:
                raise NotInOrder("a signature line of the checkpoint is malformed")
            signatures.append((match[1], raw[:4], raw[4:]))
        return cls(text + "\n", tuple(signatures))

    def of(self, key: Key) -> list[bytes]:
        return [signature for name, identity, signature in self.signatures if (name, identity) == (key.name, key.id)]

    def must_be_signed(self, key: Key) -> None:
        if not self.of(key):
            raise NotInOrder(f"it is not signed by {key.name} (key {key.id.hex()})")
        if not all(key.signed(self.text.encode(), signature) for signature in self.of(key)):
            raise NotInOrder(f"the signature of {key.name} is wrong")


def read_head(note: Note, key: Key) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the log's key signed."""
    note.must_be_signed(key)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or lines[0] != key.name or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) or len(decoded(lines[2])) != 32:
        raise NotInOrder("the checkpoint does not say origin, size and root")
    return int(lines[1]), decoded(lines[2])


def witnessed(note: Note, witnesses: list[Key], quorum: int, max_age: float | None, now: float) -> list[str]:
    """The names of the witnesses who signed, if they are enough and not too long ago."""
    times: dict[str, int] = {}
    for witness in witnesses:
        for signature in note.of(witness):
            at = int.from_bytes(signature[:8], "big")
            if len(signature) != 72 or not witness.signed(f"cosignature/v1\ntime {at}\n{note.text}".encode(), signature[8:]):
                raise NotInOrder(f"the signature of the witness {witness.name} is wrong")
            if at > now + SKEW:
                raise NotInOrder(f"the witness {witness.name} signed at a time that is still to come")
            times[witness.name] = max(at, times.get(witness.name, 0))
    if len(times) < quorum:
        raise NotInOrder(f"{len(times)} of {len(witnesses)} witnesses signed this checkpoint, and {quorum} are demanded")
    if max_age is not None and (not times or now - max(times.values()) > max_age):
        raise NotInOrder(f"the checkpoint is stale: no witness has signed it within {max_age:.0f} seconds")
    return sorted(times)


def check(log: Published, key: Key, since: bytes | None) -> tuple[Note, bytes, int, bytes]:
    """The checkpoint as a note and as it stands there, its size and root. Raises `NotInOrder`, `CannotCheck`."""
    content = log.read("checkpoint")
    if content is None:
        raise CannotCheck(f"{log.place} holds no checkpoint")
    note = Note.parse(content)
    size, root = read_head(note, key)
    old_size, old_root = read_head(Note.parse(since), key) if since is not None else (0, joined([]))
    if old_size > size:
        raise NotInOrder(f"the log has shrunk: it had {old_size} leaves, and has {size}")
    tree, at_old = Tree(log), joined([])
    for digests in leaves(log, size):
        here = old_size - tree.size
        if 0 < here <= len(digests):  # the history that is known ends in this tile
            tree.add(digests[:here])
            at_old, digests = tree.root(), digests[here:]
        tree.add(digests)
    if tree.root() != root:
        raise NotInOrder("the entries do not give the root that was signed: something was changed, put in or taken out")
    if at_old != old_root:
        raise NotInOrder(f"the first {old_size} leaves are not those of the checkpoint that you kept: the history was rewritten")
    tree.finish()
    return note, content, size, root


def up_to(index: int, size: int, digest: bytes, hashes: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to from a leaf's hash (RFC 6962, section 2.1.1). Takes from `hashes`."""
    if size == 1:
        return digest
    split, last = 1 << (size - 1).bit_length() - 1, hashes.pop()
    if index < split:
        return node(up_to(index, split, digest, hashes), last)
    return node(last, up_to(index - split, size - split, digest, hashes))


def both(old: int, size: int, root: bytes | None, hashes: list[bytes]) -> tuple[bytes, bytes]:
    """The roots at two sizes, as a consistency proof gives them (section 2.1.2), which leaves out `root`. Takes from `hashes`."""
    if old == size:
        known = root or hashes.pop()
        return known, known
    split, last = 1 << (size - 1).bit_length() - 1, hashes.pop()
    if old <= split:
        before, after = both(old, split, root, hashes)
        return before, node(after, last)
    before, after = both(old - split, size - split, None, hashes)
    return node(last, before), node(last, after)


def in_tree(index: int, size: int, root: bytes, digest: bytes, proof: list[str]) -> bool:
    """Does the proof, in base64, lead from a leaf's hash to this root?"""
    hashes = [decoded(line) for line in proof]
    try:
        return index < size and up_to(index, size, digest, hashes) == root and not hashes
    except IndexError:
        return False


ATTESTED = re.compile(
    r"(.*)=== inclusion ===\nc2sp\.org/tlog-proof@v1\nextra (\S+)\nindex (\d{1,19})\n((?:\S+\n)*)\n(.*)"
    r"=== consistency ===\nold (\d{1,19})\n((?:\S+\n)*)\n(.*)=== end ===\n",
    re.DOTALL,
)
#: The shared part of the act (docs/formats/log.md): its id, its time, what it is, and at its end the facts.
ACT = re.compile(rb"\0\0\0\x10(.{16})\0\0\0\x08(.{8})\0\0\0\x10request\.recorded\0\0\0\x04done.*(\{.*\})", re.DOTALL)


def attested(content: bytes, key: Key) -> tuple[Note, str]:
    """The later checkpoint of an attestation, and what its act says."""
    note, signer = Note.parse(content), Key(f"{key.name}/attestation", LOG, key.public)
    note.must_be_signed(signer)
    found = ATTESTED.fullmatch(note.text)
    extra = decoded(found[2]) if found else b""
    act = ACT.fullmatch(extra[64:])
    if not found or not act or not note.text.startswith(f"{signer.name}\n"):
        raise NotInOrder("this is no attestation of a request")
    index, later = int(found[3]), Note.parse(found[8].encode())
    shared = hashlib.sha256(b"portal/event/v1\0" + extra[64:]).digest()
    entry = b"\x01" + act[1] + hashlib.sha256(b"portal/leaf/v1\0" + extra[:32] + shared + extra[32:64]).digest()
    (size, root), (newest, newest_root) = read_head(Note.parse(found[5].encode()), key), read_head(later, key)
    goes_on = [decoded(line) for line in found[7].split()]
    if not in_tree(index, size, root, leaf(entry), found[4].split()):
        raise NotInOrder("the act is not in the log that was signed soon after it")
    try:
        if not int(found[6]) == size <= newest or both(size, newest, root, goes_on) != (root, newest_root) or goes_on:
            raise NotInOrder("the later log does not go on from the earlier one")
    except IndexError as error:
        raise NotInOrder("a proof is too short") from error
    at = datetime.fromtimestamp(int.from_bytes(act[2], "big") // 10**6, UTC)
    since = f"{at.day} {at:%B %Y, %H:%M:%S} UTC"
    if f"\nIn force since: {since}\n" not in found[1]:
        raise NotInOrder("the text says another time than the log")
    return later, f"a request was recorded on {since}, leaf {index} of {size}, and of {newest} now: {act[3].decode()}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("log", metavar="FOLDER-OR-URL", nargs="?")
    what.add_argument("--attestation", type=Path, help="a signed file of the Portal, checked without a log")
    parser.add_argument("--key", required=True, type=Path, help="file with the log's verifier key; not from where the log is")
    parser.add_argument("--since", type=Path, help="a checkpoint that you kept")
    parser.add_argument("--remember", type=Path, help="where to keep this one, if all is in order")
    parser.add_argument("--witness", action="append", default=[], type=Path, help="file with a witness's verifier key")
    parser.add_argument("--quorum", type=int, help="how many witnesses must have signed")
    parser.add_argument("--max-age", type=float, help="seconds since the newest signature of a witness")
    chosen = parser.parse_args(arguments)
    try:
        key = Key.parse(chosen.key.read_text(encoding="utf-8"), LOG)
        witnesses = [Key.parse(file.read_text(encoding="utf-8"), COSIGNATURE) for file in chosen.witness]
        content = b""
        if chosen.attestation:
            note, said = attested(chosen.attestation.read_bytes(), key)
        else:
            since = chosen.since.read_bytes() if chosen.since else None
            note, content, size, root = check(Published(chosen.log), key, since)
            said = f"{size} leaves of {key.name}, root {root.hex()[:16]}"
        quorum = len(witnesses) if chosen.quorum is None else chosen.quorum
        signers = witnessed(note, witnesses, quorum, chosen.max_age, time.time())
        if chosen.remember and content:
            chosen.remember.write_bytes(content)
    except NotInOrder as error:
        print(f"NOT in order: {error}")
        return 1
    except (CannotCheck, OSError) as error:
        print(f"could not be checked: {error}", file=sys.stderr)
        return 2
    print(f"In order: {said}" + (f", witnessed by {', '.join(signers)}" if signers else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
