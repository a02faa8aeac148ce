"""Lists leave here as files, narrowed as their pages are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.export_list import DOCUMENTS, RECEIVED, Export, Kind, enter_export, gather_export, lines_of
from portal.cases.facts import BodyTarget
from portal.cases.uow import Parts, UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web import documents as register
from portal.web import reading
from portal.web.downloads import attached
from portal.web.lists import narrowed

bp = GuardedBlueprint("exports", __name__)


@dataclass(frozen=True, slots=True)
class Leaving:
    export: Export
    lines: Iterator[bytes]


@contextmanager
def _opened(parts: Parts, export: Export) -> Iterator[Leaving]:
    yield Leaving(export, lines_of(parts, export))


def _carry(kind: Kind, names: tuple[str, ...]) -> Carry:
    def gather(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> Export:
        return gather_export(uow, permit, body, kind=kind, chosen=narrowed(*names))

    return Carry(gather, _opened)


REGISTER = Guard(
    action=Action.DOCUMENT_LIST,
    event=Event.DOCUMENTS_EXPORTED,
    locate=facts.own_body,
    carry=_carry(DOCUMENTS, register.NARROWED_BY),
    ends=Event.DOCUMENTS_EXPORT_ENDED,
)


@bp.get("/documents/export", guard=REGISTER)
def documents(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> ResponseReturnValue:
    return _answer(uow, permit, body, leaving)


SHARES = Guard(
    action=Action.RECEIVED_LIST,
    event=Event.RECEIVED_EXPORTED,
    locate=facts.own_body,
    carry=_carry(RECEIVED, reading.NARROWED_BY),
    ends=Event.RECEIVED_EXPORT_ENDED,
)


@bp.get("/received/export", guard=SHARES)
def received(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> ResponseReturnValue:
    return _answer(uow, permit, body, leaving)


def _answer(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> Response:
    enter_export(uow, permit, body, leaving.export)
    name = f"{leaving.export.kind.name} {body.code} {uow.at:%Y-%m-%d}.csv"
    return attached(Response(leaving.lines, mimetype="text/csv"), name)
