"""Build what one other body may see of a document: gather under a snapshot, build and prove without a transaction, enter under the lock.

The rendition engine is pure; here it meets the document, the requests in force and the vault. A rendition carries the epoch it was
gathered under: if the document moved meanwhile, it is not entered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal.cases.file_content import file_content
from portal.cases.kept_elsewhere import Elsewhere, kept_elsewhere
from portal.cases.labels import own_label
from portal.cases.left_behind import take_back
from portal.cases.original import open_record
from portal.cases.places import kept_together, must_be_placed, version_of
from portal.cases.standing import binding, must_not_be_behind, register_of
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.boxes import Withheld
from portal.confidentiality.models import Rendition, Scope
from portal.confidentiality.render.build import build
from portal.confidentiality.render.pack import texts_of
from portal.confidentiality.render.proof import LeakFound, prove
from portal.confidentiality.render.repeats import Repeats, still_said, together
from portal.confidentiality.rules import WhollyWithheld
from portal.confidentiality.statements import rendition_bytes
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Language
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Source:
    """What a rendition is built from, and for whom."""

    document: UUID
    sealed: SealedObject
    key: FileKey
    originator: str
    symbol: str
    audience: str
    version: int
    language: Language
    withheld: Withheld
    covers: tuple[UUID, ...]
    elsewhere: Elsewhere
    epoch: int


@dataclass(frozen=True, slots=True)
class Built:
    source: Source
    pages: int
    withheld: Withheld  # with the boxes as they have grown
    repeats: Repeats
    engine: str
    objects: tuple[tuple[SealedObject, FileKey], tuple[SealedObject, FileKey]]  # PDF, page pack


def gather_source(uow: UnitOfWork, permit: Permit, document: Document, *, audience: str, language: str = "") -> Source:
    """The newest version of this language; of all, if none is named.

    Raises `Invalid` for an unknown body or language, `WhollyWithheld` when the whole document stays, `Unplaced` if nobody has said yet
    where in this version something stands that is kept back.
    """
    permit.must_cover(Action.RENDITION_BUILD, document)
    if audience not in uow.others(document.originator):
        raise Invalid({"recipient": "Choose one of the bodies in the list."})
    must_not_be_behind(uow, document, audience)
    register = register_of(uow, document.id, document)
    requests = binding(register.in_force, audience)
    if any(request.scope is Scope.DOCUMENT for request in requests):
        raise WhollyWithheld(f"document {document.id} is withheld from {audience}")
    version = version_of(register, language)
    must_be_placed(uow, permit, register, audience, version.number)
    original = open_record(uow, permit, document, version.number)
    return Source(
        document.id,
        original.sealed,
        original.key,
        document.originator,
        document.symbol,
        audience,
        original.version.number,
        original.version.language,
        kept_together(uow, permit, register, requests, version.number),
        tuple(request.id for request in requests),
        kept_elsewhere(uow, permit, document, register, requests, original.version),
        document.epoch,
    )


@contextmanager
def build_rendition(parts: Parts, source: Source) -> Iterator[Built]:
    """Build, prove, seal. Raises `LeakFound` if the proof finds anything; nothing is left behind on any failure."""
    sealed: list[tuple[SealedObject, FileKey]] = []
    vault, recipient = parts.vault, parts.recovery[source.originator]
    opened = partial(file_content, vault, source.sealed, source.key)
    with parts.sandbox.held(source.document) as sandbox:
        built = build(sandbox, opened(), withheld=source.withheld, title=source.symbol, language=source.language.value)
        proof = prove(sandbox, opened(), built.pdf, built.pack, built.withheld, source.language.value)
    if not proof.ok:
        raise LeakFound(proof)
    again = still_said(source.elsewhere.texts, texts_of(built.pack))
    repeats = Repeats(together(proof.repeated, again), source.elsewhere.uncompared, running=proof.running)
    try:
        for content in (built.pdf, built.pack):
            sealed.append(vault.seal([content], len(content), recipient))
        yield Built(source, built.pages, built.withheld, repeats, proof.engine, (sealed[0], sealed[1]))
    except BaseException as error:
        take_back(vault, error, *(done for done, _ in sealed))
        raise


def enter_rendition(uow: UnitOfWork, permit: Permit, document: Document, built: Built) -> Rendition:
    """Enter the rendition, if the document did not move meanwhile (`Stale` otherwise)."""
    permit.must_cover(Action.RENDITION_BUILD, document)
    assert permit.subject is not None
    source = built.source
    document = uow.held_for(permit, document)
    if document.epoch != source.epoch:
        raise Stale(f"the document moved from epoch {source.epoch} to {document.epoch}")
    row = new_id()
    for sealed, key in built.objects:
        label = own_label(document, sealed, version=source.version, rendition_id=row)
        uow.objects.add(sealed, uow.holder.wrap_own(label, key), uow.at)
    rendition = Rendition(
        id=row,
        document_id=document.id,
        version=source.version,
        audience=source.audience,
        epoch=source.epoch,
        pages=built.pages,
        withheld=uow.seal(document.originator, "rendition", "withheld", row, built.withheld.to_text()),
        covers=",".join(str(request) for request in source.covers),
        pdf_object_id=built.objects[0][0].id,
        pack_object_id=built.objects[1][0].id,
        engine=built.engine,
        repeats=uow.seal(document.originator, "rendition", "repeats", row, built.repeats.to_text()),
        built_by=permit.subject.id,
        built_at=uow.at,
    )
    rendition.mac = uow.holder.mac(document.originator, "rendition", rendition_bytes(rendition))
    uow.renditions.add(rendition)
    uow.notes.detail |= {
        "rendition": str(row),
        "audience": source.audience,
        "language": source.language.value,
        "engine": built.engine.replace(" ", "_"),
        "proved": True,
        "repeats": len(built.repeats.pages),
        "pdf_ph": built.objects[0][0].ph.hex(),
        "pack_ph": built.objects[1][0].ph.hex(),
    }
    return rendition
