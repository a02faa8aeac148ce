"""The log leaves here as a file, narrowed as its page is; and the checkpoint that proofs lead to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.export_log import CSV, JSONL, OCSF, Export, Kind, enter_log_export, gather_log, lines_of_log, take_checkpoint
from portal.cases.facts import BodyTarget
from portal.cases.log_filter import NAMES
from portal.cases.uow import Parts, UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.downloads import attached
from portal.web.lists import narrowed

bp = GuardedBlueprint("log_exports", __name__)


@dataclass(frozen=True, slots=True)
class Leaving:
    export: Export
    lines: Iterator[bytes]


@contextmanager
def _opened(parts: Parts, export: Export) -> Iterator[Leaving]:
    yield Leaving(export, lines_of_log(parts, export))


def _guard(kind: Kind) -> Guard:
    def gather(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> Export:
        return gather_log(uow, permit, body, kind=kind, chosen=narrowed(*NAMES))

    return Guard(
        action=Action.AUDIT_EXPORT,
        event=Event.LOG_EXPORTED,
        locate=facts.own_body,
        carry=Carry(gather, _opened),
        ends=Event.LOG_EXPORT_ENDED,
    )


@bp.get("/audit/export.csv", guard=_guard(CSV))
def csv(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> ResponseReturnValue:
    return _answer(uow, permit, body, leaving)


@bp.get("/audit/export.jsonl", guard=_guard(JSONL))
def jsonl(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> ResponseReturnValue:
    return _answer(uow, permit, body, leaving)


@bp.get("/audit/export.ocsf", guard=_guard(OCSF))
def ocsf(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> ResponseReturnValue:
    return _answer(uow, permit, body, leaving)


@bp.get("/audit/checkpoint", guard=Guard(action=Action.AUDIT_READ, event=Event.CHECKPOINT_TAKEN, locate=facts.own_body))
def checkpoint(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> ResponseReturnValue:
    return attached(Response(take_checkpoint(uow, permit, body), mimetype="text/plain"), "checkpoint")


def _answer(uow: UnitOfWork, permit: Permit, body: BodyTarget, leaving: Leaving) -> Response:
    enter_log_export(uow, permit, body, leaving.export)
    kind = leaving.export.kind
    return attached(Response(leaving.lines, mimetype=kind.mime), f"log {body.code} {uow.at:%Y-%m-%d %H%M}.{kind.suffix}")
