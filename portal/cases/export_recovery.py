"""What must be kept beside the bucket to open it after a disaster, written into a folder: one for each body, named by its code.

A manifest of every object (which document, how large, which key and bytes it commits to), signed with the log's key; the age headers; and
a script that needs `age` and nothing of ours (docs/recovery.md). No key, no title, no file name. Nothing is opened. It leaves an event.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.audit.signing import LogKey
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.documents.models import Document
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event
from portal.vault.store import HEADER_SUFFIX

FORMAT = "portal/recovery/v1"
#: Added to the log's name: what is signed here can never pass for a checkpoint.
SIGNER = "/recovery"
MANIFEST, NOTE, HEADERS, LIST = "manifest.json", "manifest.note", "headers", "objects.tsv"
_SCRIPT, _README = (Path(__file__).resolve().parents[2] / "tools" / "recovery" / name for name in ("recover.sh", "README.txt"))


@dataclass(frozen=True, slots=True)
class Exported:
    objects: int
    digest: str
    verifier: str


def export_recovery(parts: Parts, by_itself: Callable[[Callable[[UnitOfWork], object]], object], folder: Path) -> Mapping[str, Exported]:
    """Write the folder, which must not be there yet. Returns for each body what was written; raises `Misconfigured`."""
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be made ({error.strerror}): name a folder that is not there yet") from error
    key = parts.sequencer.key.named(SIGNER)
    done = {}
    for body in parts.config.bodies:
        with parts.read() as uow:
            entries = list(_entries(uow, body))
            when, size = uow.at.isoformat(timespec="seconds"), parts.sequencer.guard.read().size
        done[body] = _write(folder / body, key, {"format": FORMAT, "body": body, "made": when, "log_size": size}, entries)
        by_itself(lambda uow, body=body: _told(uow, body, done[body]))  # type: ignore[misc]
    return done


def note_text(body: str, digest: str) -> str:
    """What is signed: the manifest by its SHA-256, for it may be longer than a note."""
    return f"{FORMAT}\n{body}\n{digest}\n"


def _told(uow: UnitOfWork, body: str, exported: Exported) -> None:
    detail: dict[str, Any] = {"objects": exported.objects, "manifest": exported.digest}
    uow.also(Event.RECOVERY_EXPORTED, Notes(detail=detail, bodies={body}), originator=body)


def _entries(uow: UnitOfWork, body: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each object of the body's documents that was not shredded, with its header."""
    for document in uow.documents.of_body(body):
        for object_id, version, kind, what in _objects(uow, document):
            sealed = uow.objects.get(object_id)
            if sealed.header:
                yield (
                    {
                        "key": sealed.store_key,
                        "name": _name(document.symbol, version, what, sealed.store_key, kind),
                        "symbol": document.symbol,
                        "version": version,
                        "what": what,
                        "size": sealed.size,
                        "payload_size": sealed.payload_size,
                        "nonce": sealed.nonce.hex(),
                        "kc": sealed.kc.hex(),
                        "ph": sealed.ph.hex(),
                        "header": hashlib.sha256(sealed.header).hexdigest(),
                    },
                    sealed.header,
                )


def _objects(uow: UnitOfWork, document: Document) -> Iterator[tuple[UUID, int, str, str]]:
    for version in uow.documents.versions(document.id):
        yield version.object_id, version.number, version.kind, "original"
        if version.record_object_id is not None:
            yield version.record_object_id, version.number, "pdf", "record"
        if version.passages_object_id is not None:
            yield version.passages_object_id, version.number, "json", "passages"
    for row in uow.communications.of_document(document.id):
        if row.object_id is not None:
            yield row.object_id, 0, "bin", "evidence"
    for rendition in uow.renditions.of_document(document.id):
        yield rendition.pdf_object_id, rendition.version, "pdf", f"rendition-for-{rendition.audience}"
        yield rendition.pack_object_id, rendition.version, "pages", f"rendition-for-{rendition.audience}"


def _name(symbol: str, version: int, what: str, key: str, kind: str) -> str:
    """A file name that tells which document it is, and is no path."""
    return f"{re.sub(r'[^A-Za-z0-9.-]', '_', symbol).lstrip('.-')}-v{version}-{what}-{key[:8]}.{kind}"


def _write(folder: Path, key: LogKey, about: Mapping[str, Any], entries: list[tuple[dict[str, Any], bytes]]) -> Exported:
    headers = folder / HEADERS
    headers.mkdir(mode=0o700, parents=True)
    for entry, header in entries:
        (headers / (entry["key"] + HEADER_SUFFIX)).write_bytes(header)
    manifest = json.dumps({**about, "objects": [entry for entry, _ in entries]}, indent=1, sort_keys=True) + "\n"
    digest = hashlib.sha256(manifest.encode()).hexdigest()
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    (folder / NOTE).write_text(key.sign(note_text(about["body"], digest)), encoding="utf-8")
    lines = [f"{entry['key']}\t{entry['header']}\t{entry['payload_size']}\t{entry['name']}\n" for entry, _ in entries]
    (folder / LIST).write_text("".join(lines), encoding="utf-8")
    for source in (_SCRIPT, _README):
        (folder / source.name).write_bytes(source.read_bytes())
    return Exported(len(entries), digest, str(key.verifier))
