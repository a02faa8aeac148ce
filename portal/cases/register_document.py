"""Open an entry in the register of the person's own body. The file follows; until then the entry is a draft."""

import re
from collections.abc import Sequence
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.plain_text import demand_plain
from portal.cases.record_request import cover_later
from portal.cases.standing import seal_requests
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Caveat, DocumentKind, Level

_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._\-() ]{1,78}[A-Za-z0-9)]")


def register_document(
    uow: UnitOfWork,
    permit: Permit,
    body: BodyTarget,
    *,
    title: str,
    symbol: str,
    kind: str,
    level: str,
    visit: str,
    states: Sequence[str],
    draft: bool = False,
) -> Document:
    """A new document. Raises `Invalid` with every fault at once. What both bodies draft together is of no visit, and may be a draft."""
    permit.must_cover(Action.DOCUMENT_REGISTER, body)
    assert permit.subject is not None
    faults: dict[str, str] = {}
    if not 3 <= len(title) <= 300:
        faults["title"] = "Give a title of 3 to 300 characters."
    demand_plain(faults, title=title)
    if not _SYMBOL.fullmatch(symbol):
        faults["symbol"] = "Use letters, digits and / . - ( ), for example CTED/2026/XSM/3."
    elif uow.documents.symbol_taken(body.code, symbol):
        faults["symbol"] = "Your register already has a document with this symbol."
    if kind not in set(DocumentKind):
        faults["kind"] = "Choose one of the kinds in the list."
    if level not in {str(int(known)) for known in Level}:
        faults["level"] = "Choose Unclassified, Confidential or Strictly Confidential."
    elif int(level) > permit.subject.clearance:
        faults["level"] = "Your clearance does not reach this level. Ask an officer whose clearance does."
    joint = kind in set(DocumentKind) and DocumentKind(kind).jointly_drafted
    if draft and not joint:
        faults["draft"] = "Only what both bodies write together can be shared as a draft. Register this when it is final."
    found = uow.visits.get(UUID(visit)) if _is_id(visit) else None
    if (found is None or found.body != body.code) and not (joint and not visit):
        faults["visit"] = "Choose the visit the document comes from; register it first if it is not in the list."
    try:
        for code in states:
            uow.parts.member_states.named(code)
    except Invalid as error:
        faults["states"] = error.faults["state"]
    if faults:
        raise Invalid(faults)
    row = new_id()
    document = Document(
        id=row,
        symbol=symbol,
        originator=body.code,
        kind_word=kind,
        level_number=int(level),
        caveats_text=Caveat.ORIGINATOR_CONTROL.value,
        states_text=",".join(sorted({*states, *([found.state] if found is not None else [])})),
        visit_id=None if found is None else found.id,
        draft=draft,
        epoch=0,
        title=uow.seal(body.code, "document", "title", row, title),
        registered_by=permit.subject.id,
        registered_at=uow.at,
    )
    seal_requests(uow, document)
    uow.documents.add(document)
    cover_later(uow, permit, document)
    uow.notes.document = row
    uow.notes.detail |= {"level": int(level), "kind": kind, "draft": draft}
    return document


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
