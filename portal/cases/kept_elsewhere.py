"""What the same requests keep in the other versions: its wording must not stand unseen in the version that is prepared."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.cases.kept_passages import kept_passages
from portal.cases.places import kept_in
from portal.cases.standing import Register
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Withheld
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.render.repeats import kept_texts
from portal.documents.models import Document, Version
from portal.kernel.errors import Stale
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`texts` of the passages that are kept back there; `uncompared`: versions of which something is kept whose words cannot be had."""

    texts: tuple[str, ...] = ()
    uncompared: tuple[int, ...] = ()


def kept_elsewhere(
    uow: UnitOfWork, permit: Permit, document: Document, register: Register, requests: Sequence[Request], version: Version
) -> Elsewhere:
    """Of every other version in which a request has a place. Of another language's only what stands untranslated is ever found."""
    texts, uncompared = list[str](), list[int]()
    parts = [row for row in requests if row.scope is not Scope.DOCUMENT]
    for other in register.versions:
        if other.number == version.number:
            continue
        kept = [found for row in parts if (found := kept_in(uow, permit, register, row, other.number))]
        said = [_texts(uow, permit, document, other, each) for each in kept]
        texts += [text for each in said for text in each]
        uncompared += [] if all(said) else [other.number]
    return Elsewhere(tuple(dict.fromkeys(texts)), tuple(uncompared))


def _texts(uow: UnitOfWork, permit: Permit, document: Document, version: Version, kept: Withheld) -> tuple[str, ...]:
    """Nothing if no words are found where it is kept, none were ever found in this version, or their key is gone."""
    try:
        found = kept_passages(uow, permit, document, version)
    except Stale:
        return ()
    return () if found is None else kept_texts(found.passages, kept)
