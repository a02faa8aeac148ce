"""The passages of a version: found when it is deposited, sealed as one more object of it, and opened for its originator alone.

That none could be found is no reason not to take a file: boxes can be drawn.
"""

import logging
from dataclasses import dataclass, replace

from portal.cases.file_content import file_content
from portal.cases.labels import own_label
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.render.finder import find_passages
from portal.confidentiality.render.found import Found
from portal.confidentiality.render.refusal import FileRefused, RenderFailed
from portal.documents.models import Document, Version
from portal.kernel.errors import Stale, Tampered
from portal.kernel.permit import Permit
from portal.vault.objects import FileKey, SealedObject

log = logging.getLogger("portal.passages")

#: Whoever deposits waits for it (docs/passages.md); seconds.
PATIENCE = 120.0
#: What the finder may say, bytes: about 1,500 pages of text.
MOST = 8 << 20


@dataclass(frozen=True, slots=True)
class SealedPassages:
    """`outcome`: `found`, or why not, for the log; then there is no object."""

    outcome: str
    objects: tuple[tuple[SealedObject, FileKey], ...] = ()


def seal_passages(parts: Parts, sealed: SealedObject, key: FileKey, recipient: str) -> SealedPassages:
    """Find the passages of a file that was inspected, in the sandbox and without a transaction, and seal them."""
    sandbox = replace(parts.sandbox, seconds=min(PATIENCE, parts.sandbox.seconds), max_output=MOST)
    try:
        found = find_passages(sandbox, file_content(parts.vault, sealed, key))
    except FileRefused as refused:
        return SealedPassages(refused.reason.value)
    except RenderFailed as failed:
        log.warning("no passages of object %s: %s", sealed.id, failed.detail)
        return SealedPassages(failed.code)
    content = found.to_text().encode()
    return SealedPassages("found", (parts.vault.seal([content], len(content), recipient),))


def kept_passages(uow: UnitOfWork, permit: Permit, document: Document, version: Version) -> Found | None:
    """What was found in this version; None if nothing could be, or it is from before passages were kept.

    Raises `Stale` if the key is gone; the holder opens nothing for a permit of another body.
    """
    if version.passages_object_id is None:
        return None
    sealed = uow.objects.get(version.passages_object_id)
    wrap = uow.objects.wrap(sealed.id, document.originator, None)
    if wrap is None:
        raise Stale("the passages' key is gone")
    key = uow.holder.open(permit, wrap, own_label(document, sealed, version=version.number))
    try:
        return Found.from_text(uow.parts.vault.open(sealed, key).decode())
    except ValueError as error:
        raise Tampered(f"object {sealed.id} holds no passages") from error
