"""Uploads that go on after a break: tus 1.0, and a door that makes the document's file of what arrived (docs/uploads.md)."""

from typing import Any

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.deposit_upload import Assembled, Gathered, assemble_file, deposit_upload, gather_upload
from portal.cases.end_uploads import drop_refused, terminate_upload
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.cases.upload_file import (
    ALGORITHMS,
    Arrived,
    Arriving,
    Piece,
    Progress,
    ask_progress,
    create_upload,
    enter_piece,
    gather_piece,
    piece_cut,
    receive_piece,
)
from portal.cases.upload_target import UploadTarget, locate_upload
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Carry, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Language
from portal.web import arriving, tus
from portal.web.forms import typed

bp = GuardedBlueprint("uploads", __name__)
#: Seconds in which a piece must have come.
PIECE_SECONDS = 900.0
COLLECTION = "/documents/<uuid:document_id>/uploads"
ONE = f"{COLLECTION}/<uuid:upload_id>"


@bp.after_request
def speak_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = tus.VERSION
    if response.status_code == tus.OtherProtocol.status:
        response.headers["Tus-Version"] = tus.VERSION
    return response


OFFER = Guard(action=Action.VERSION_DEPOSIT, event=Event.UPLOAD_ASKED, locate=facts.document)


@bp.route(COLLECTION, methods=["OPTIONS"], guard=OFFER)
def offer(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    headers = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": ",".join(tus.EXTENSIONS),
        "Tus-Max-Size": str(uow.parts.config.uploads.max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return "", 204, headers


CREATE = Guard(action=Action.VERSION_DEPOSIT, event=Event.UPLOAD_CREATED, locate=facts.document)


@bp.post(COLLECTION, guard=CREATE)
def create(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    tus.demand_protocol(request.headers)
    said = tus.metadata(request.headers)
    progress = create_upload(
        uow,
        permit,
        document,
        size=tus.announced_size(request.headers),
        file_name=said.get("filename", ""),
        fingerprint=said.get("fingerprint", ""),
    )
    where = url_for("uploads.ask", document_id=document.id, upload_id=progress.id)
    return "", 201, {"Location": where, **_stands(progress)}


ASK = Guard(action=Action.VERSION_DEPOSIT, event=Event.UPLOAD_ASKED, locate=locate_upload)


@bp.route(ONE, methods=["HEAD"], guard=ASK)
def ask(uow: UnitOfWork, permit: Permit, target: UploadTarget) -> ResponseReturnValue:
    tus.demand_protocol(request.headers)
    progress = ask_progress(uow, permit, target)
    said = tus.metadata_header({"filename": progress.file_name, "fingerprint": progress.fingerprint})
    return "", 200, {"Upload-Length": str(progress.size), **({"Upload-Metadata": said} if said else {}), **_stands(progress)}


def _piece(uow: UnitOfWork, permit: Permit, target: UploadTarget) -> Arriving:
    tus.demand_protocol(request.headers)
    if request.mimetype != tus.CONTENT_TYPE:
        raise tus.OtherContent({"Content-Type": f"Send a piece with Content-Type: {tus.CONTENT_TYPE}."})
    size = arriving.announced()
    if size is None:
        raise tus.NoLength({"Content-Length": "Say with Content-Length how many bytes the piece has."})
    chunks = arriving.body(piece_cut, patience=uow.parts.config.server.patience_seconds, seconds=PIECE_SECONDS)
    piece = Piece(chunks, size, tus.offset(request.headers), tus.checksum(request.headers))
    return gather_piece(uow, permit, target, piece)


CONTINUE = Guard(action=Action.VERSION_DEPOSIT, event=Event.UPLOAD_CONTINUED, locate=locate_upload, carry=Carry(_piece, receive_piece))


@bp.route(ONE, methods=["PATCH"], guard=CONTINUE)
def proceed(uow: UnitOfWork, permit: Permit, target: UploadTarget, arrived: Arrived) -> ResponseReturnValue:
    return "", 204, _stands(enter_piece(uow, permit, target, arrived))


@bp.route(ONE, methods=["DELETE"], guard=Guard(action=Action.VERSION_DEPOSIT, event=Event.UPLOAD_ENDED, locate=locate_upload))
def terminate(uow: UnitOfWork, permit: Permit, target: UploadTarget) -> ResponseReturnValue:
    tus.demand_protocol(request.headers)
    terminate_upload(uow, permit, target)
    return "", 204


def _whole(uow: UnitOfWork, permit: Permit, target: UploadTarget) -> Gathered:
    return gather_upload(uow, permit, target, language=typed("language") or Language.ENGLISH)


FINISH = Guard(
    action=Action.VERSION_DEPOSIT,
    event=Event.VERSION_DEPOSITED,
    locate=locate_upload,
    carry=Carry(_whole, assemble_file),
    drops=drop_refused,
)


@bp.post(f"{ONE}/deposit", guard=FINISH)
def finish(uow: UnitOfWork, permit: Permit, target: UploadTarget, assembled: Assembled) -> ResponseReturnValue:
    fresh = deposit_upload(uow, permit, target, assembled)
    return jsonify({"location": url_for("documents.show", document_id=target.document.id)}), 201 if fresh else 200


def _stands(progress: Progress) -> dict[str, Any]:
    return {"Upload-Offset": str(progress.received), "Upload-Expires": tus.expires(progress.expires_at)}
