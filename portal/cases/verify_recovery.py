"""An export for recovery held against a copy of the store, and opened: our own strict counterpart of `recover.sh`.

Needs neither database nor keyring nor configuration. What does not fit in every respect (signature, header, key commitment, root over the
ciphertext, sizes) is named and gives not one byte: a pair that was swapped, or a payload made to open under two keys, is found.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.audit.signing import BadNote, VerifierKey, open_note
from portal.cases.export_recovery import FORMAT, HEADERS, MANIFEST, NOTE, SIGNER, note_text
from portal.kernel.errors import Misconfigured
from portal.vault.age import open_header
from portal.vault.errors import Broken
from portal.vault.filekey import FileKey
from portal.vault.looking import payload_root
from portal.vault.store import HEADER_SUFFIX
from portal.vault.stream import Opening

_KEY = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,250}")


@dataclass(frozen=True, slots=True)
class Verified:
    """`found`: what is not in order, a line each. `opened`: objects whose every byte was opened, 0 without an identity."""

    objects: int
    opened: int
    found: tuple[str, ...]


def verify_recovery(export: Path, objects: Path, verifier: str, *, identity: str = "", to: Path | None = None) -> Verified:
    """Check one body's folder of an export against a copy of the store (as files or as a bucket lays them out).

    `verifier`: the key that verifies the log, as `portal init` printed it. With `identity` everything is opened; `to` is where it goes.
    Raises `Misconfigured` for what cannot be read, and for a manifest that was not signed by that key.
    """
    manifest = _manifest(export, verifier)
    if to is not None:
        if not identity:
            raise Misconfigured("nothing can be written without an identity: name its file with --identity")
        to.mkdir(mode=0o700, exist_ok=True)
    found, opened = [], 0
    entries = manifest["objects"]
    for entry in entries:
        try:
            opened += _verified(entry, export, objects, identity, to)
        except Broken as error:
            found.append(f"{entry['name']}: {error.detail}")
    return Verified(len(entries), opened, tuple(found))


def _manifest(export: Path, verifier: str) -> Mapping[str, Any]:
    log = VerifierKey.parse(verifier.strip())
    try:
        raw, note = (export / MANIFEST).read_bytes(), (export / NOTE).read_text(encoding="utf-8")
        manifest = json.loads(raw)
        text = open_note(note, VerifierKey(log.name + SIGNER, log.public))
        if text != note_text(str(manifest["body"]), hashlib.sha256(raw).hexdigest()) or manifest["format"] != FORMAT:
            raise BadNote("the note is of another manifest")
        if not all(_KEY.fullmatch(entry["key"]) and _NAME.fullmatch(entry["name"]) for entry in manifest["objects"]):
            raise BadNote("the manifest names what cannot be an object")
    except OSError as error:
        raise Misconfigured(f"{export} is no body's folder of an export ({error.strerror}): name the one that holds {MANIFEST}") from error
    except (BadNote, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"the manifest in {export} was changed, or signed by another key: use another copy of the export") from error
    assert isinstance(manifest, dict)
    return manifest


def _verified(entry: Mapping[str, Any], export: Path, objects: Path, identity: str, to: Path | None) -> int:
    """1 if the object was opened. `Broken` says what is wrong with it."""
    key, size = entry["key"], int(entry["payload_size"])
    header = _header(entry, export, objects)
    with _Payload(_place(objects, key)) as payload:
        if payload.size != size:
            raise Broken(f"its payload has {payload.size} bytes and not {size}")
        if payload.get(0, 16).hex() != entry["nonce"]:
            raise Broken("its payload is another one (the nonce differs)")
        if payload_root(payload.get, size).hex() != entry["ph"]:
            raise Broken("its payload was changed (the root over its chunks differs)")
        if not identity:
            return 0
        file_key = open_header(header, identity)
        _open(entry, file_key, payload, to)
    return 1


def _open(entry: Mapping[str, Any], file_key: FileKey, payload: "_Payload", to: Path | None) -> None:
    nonce = bytes.fromhex(entry["nonce"])
    if not hmac.compare_digest(file_key.commitment(nonce).hex(), entry["kc"]):
        raise Broken("its header holds another key than the one it was sealed with")
    opening = Opening(file_key, nonce, payload.size, payload.get)
    if opening.size != entry["size"]:
        raise Broken("its sizes do not fit")
    if to is None:
        for _ in opening.stream():
            pass
        return
    target = to / entry["name"]
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in opening.stream():
                file.write(piece)
    except BaseException:
        target.unlink()
        raise


def _header(entry: Mapping[str, Any], export: Path, objects: Path) -> bytes:
    """The header that the manifest names, from the export or from beside the payload; wherever one lies, it must be that one."""
    places = [export / HEADERS / (entry["key"] + HEADER_SUFFIX), _place(objects, entry["key"] + HEADER_SUFFIX)]
    found: list[bytes] = []
    for place in places:
        with suppress(FileNotFoundError):
            found.append(place.read_bytes())
    if not found:
        raise Broken("its header is gone, from the export and from the store")
    if any(hashlib.sha256(header).hexdigest() != entry["header"] for header in found):
        raise Broken("a header that lies with it is not its own")
    return found[0]


def _place(objects: Path, key: str) -> Path:
    """Where an object lies in a copy of a bucket, or else in a store of files."""
    flat = objects / key
    return flat if flat.exists() else objects / key[:2] / key[2:4] / key


class _Payload:
    """A payload that is read at places. `Broken` if it is gone or ends too early."""

    def __init__(self, path: Path) -> None:
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Broken("its payload is gone") from None
        self.size = os.fstat(self._handle).st_size

    def get(self, offset: int, length: int) -> bytes:
        data: bytes = os.pread(self._handle, length, offset)
        while len(data) < length:
            more = os.pread(self._handle, length - len(data), offset + len(data))
            if not more:
                raise Broken("its payload is cut")
            data += more
        return data

    def __enter__(self) -> "_Payload":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)
