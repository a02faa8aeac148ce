"""Stored files leave here, whole or in one range: the original for its own body, the file of a share for its recipient.

The portal itself decrypts and sends them; no answer ever points into the store. What a browser gets is something to save: it shows
nothing of it within the portal, and keeps nothing of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, request
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.download_file import (
    Excerpt,
    Wanted,
    enter_evidence,
    enter_file,
    enter_original,
    gather_file,
    gather_original,
    stream_excerpt,
)
from portal.cases.keep_evidence import gather_evidence
from portal.cases.show_document import DocumentTarget
from portal.cases.show_shares import ShareTarget
from portal.cases.uow import Parts, UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.gateway.ranges import Part, part_of
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.web.forms import version_asked

bp = GuardedBlueprint("downloads", __name__)
#: Of a file that is opened in the browser all the same: no script, no form, no frame, no origin.
ALONE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
#: What RFC 8187 lets stand unencoded.
_ATTR = "!#$&+-.^_`|~"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A part of a file, opened: its end is authenticated, its bytes are read as they leave."""

    excerpt: Excerpt
    part: Part
    chunks: Iterator[bytes]


def _asked(wanted: Wanted) -> tuple[Wanted, Part]:
    return wanted, part_of(request.method, request.headers, wanted.size, wanted.tag)


@contextmanager
def _opened(parts: Parts, asked: tuple[Wanted, Part]) -> Iterator[Outgoing]:
    wanted, part = asked
    excerpt = Excerpt(wanted, part.offset, part.length)
    yield Outgoing(excerpt, part, stream_excerpt(parts, excerpt))


def _original(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> tuple[Wanted, Part]:
    return _asked(gather_original(uow, permit, document, number=version_asked()))


ORIGINAL = Guard(
    action=Action.VERSION_DOWNLOAD,
    event=Event.VERSION_DOWNLOADED,
    locate=facts.document,
    carry=Carry(_original, _opened),
    ends=Event.VERSION_DOWNLOAD_ENDED,
)


@bp.get("/documents/<uuid:document_id>/file", guard=ORIGINAL)
def original(uow: UnitOfWork, permit: Permit, document: DocumentTarget, outgoing: Outgoing) -> ResponseReturnValue:
    enter_original(uow, permit, document, outgoing.excerpt)
    return _answer(outgoing)


def _file(uow: UnitOfWork, permit: Permit, share: ShareTarget) -> tuple[Wanted, Part]:
    return _asked(gather_file(uow, permit, share))


FILE = Guard(
    action=Action.SHARE_FETCH,
    event=Event.SHARE_FETCHED,
    locate=facts.share,
    carry=Carry(_file, _opened),
    ends=Event.SHARE_FETCH_ENDED,
)


@bp.get("/received/<uuid:share_id>/file", guard=FILE)
def file(uow: UnitOfWork, permit: Permit, share: ShareTarget, outgoing: Outgoing) -> ResponseReturnValue:
    enter_file(uow, permit, share, outgoing.excerpt)
    return _answer(outgoing)


def _evidence(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> tuple[Wanted, Part]:
    return _asked(gather_evidence(uow, permit, document, (request.view_args or {})["evidence_id"]))


EVIDENCE = Guard(
    action=Action.EVIDENCE_READ,
    event=Event.EVIDENCE_READ,
    locate=facts.document,
    carry=Carry(_evidence, _opened),
    ends=Event.EVIDENCE_READ_ENDED,
)


@bp.get("/documents/<uuid:document_id>/evidence/<uuid:evidence_id>", guard=EVIDENCE)
def evidence(uow: UnitOfWork, permit: Permit, document: DocumentTarget, outgoing: Outgoing) -> ResponseReturnValue:
    enter_evidence(uow, permit, document, outgoing.excerpt)
    return _answer(outgoing)


def _answer(outgoing: Outgoing) -> Response:
    wanted = outgoing.excerpt.wanted
    answer = attached(Response(outgoing.chunks, status=outgoing.part.status, mimetype=wanted.mime), wanted.name)
    answer.headers.update(outgoing.part.headers)
    return answer


def attached(answer: Response, name: str) -> Response:
    """The answer as something to be saved under this name, by nobody between the portal and the person."""
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def disposition(name: str) -> str:
    """`Content-Disposition` (RFC 6266): the name in ASCII for old clients, and as it is (RFC 8187) where that differs."""
    plain = re.sub(r"[^A-Za-z0-9._ ()-]", "_", name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe=_ATTR)}"
    quoted = plain if re.fullmatch(r"[\w.-]+", plain) else f'"{plain}"'
    return f"attachment; filename={quoted}{extended}"
