"""How failures look from outside: a page for people, `application/problem+json` (RFC 9457) for programs. Public texts only."""

import logging

from flask import Flask, Response, current_app, g, jsonify, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.cases.confirm import CannotConfirm, can_confirm
from portal.gateway.guard import passage_of, show_again
from portal.gateway.resume import keep
from portal.gateway.safety import SAFE
from portal.kernel.errors import Denied, Hidden, Incomplete, Invalid, PortalError, StepUpNeeded, TooLarge, Unauthenticated, Unavailable
from portal.policy.decide import GONE, SHREDDED

log = logging.getLogger("portal.problems")

HEADINGS = {
    401: "Sign in to continue",
    403: "Not allowed",
    404: "Nothing here",
    409: "Something changed",
    410: "This is over",
    412: "Something changed",
    413: "The file is too large",
    416: "Nothing here",
    421: "Not the portal's address",
    422: "Please look again",
    429: "Wait a little",
    503: "Not available at the moment",
}


def add_problems(app: Flask) -> None:
    @app.errorhandler(PortalError)
    def failed(error: PortalError) -> ResponseReturnValue:
        if isinstance(error, Invalid) and not isinstance(error, Incomplete | TooLarge) and not wants_json():
            guard = getattr(app.view_functions.get(request.endpoint or ""), "guard", None)
            if guard is not None and guard.again is not None:
                g.faults = error.faults
                try:
                    return show_again(guard.again, dict(request.view_args or {})), error.status  # type: ignore[return-value]
                except PortalError as failure:  # the page closed meanwhile; its passage recorded that
                    error = failure
        if _tells_of_shredding(error):
            try:
                where = {"document_id": (request.view_args or {})["document_id"]}
                return show_again("documents.show", where), error.status  # type: ignore[return-value]
            except PortalError as failure:
                error = failure
        if isinstance(error, StepUpNeeded) and not wants_json():
            return _ask_to_confirm(error)
        if error.status >= 500:
            log.error("%s: %s", error.code, error.detail)
        return problem(error)

    @app.errorhandler(HTTPException)
    def missed(error: HTTPException) -> ResponseReturnValue:
        hidden = Hidden(f"HTTP {error.code}")
        passage_of(app).missed(g.get("subject"), request.remote_addr or "", hidden)
        return problem(hidden)

    @app.errorhandler(InternalServerError)
    def unfinished(error: InternalServerError) -> ResponseReturnValue:
        """What broke behind the door, while the session was kept: the act stands in the log, the answer does not leave."""
        cause = error.original_exception
        log.error("an answer could not be finished: %s", type(cause).__name__)
        return problem(Unavailable() if isinstance(cause, DBAPIError) else PortalError())

    @app.errorhandler(Exception)
    def broke(error: Exception) -> ResponseReturnValue:
        log.exception("an unexpected failure at %s", request.endpoint)
        return problem(PortalError(type(error).__name__))


def _tells_of_shredding(error: PortalError) -> bool:
    """Is it a refusal of something shredded, to someone who may know? Then the document's own entry says when, and by whom."""
    told = isinstance(error, Denied) and not isinstance(error, Hidden) and SHREDDED in error.rules
    return told and "document_id" in (request.view_args or {}) and not wants_json()


def _ask_to_confirm(error: StepUpNeeded) -> ResponseReturnValue:
    """The page with one button; what was asked for is kept, to go on with it."""
    parts, provider = passage_of(current_app).parts, str(session.get("provider", ""))
    possible = can_confirm(parts, provider)
    about, form = keep() if possible else "", request.method not in SAFE
    page = render_template(
        "confirm.html",
        start_url=url_for("confirm.start", about=about) if possible else "",
        minutes=parts.config.identity.step_up_minutes,
        goes_on="form" if about and form else "page" if about else "",
        why_not=CannotConfirm.public,
    )
    return page, error.status


def wants_json() -> bool:
    if "Tus-Resumable" in request.headers or request.method in {"PATCH", "DELETE", "OPTIONS"}:
        return True  # no form of a page
    return request.mimetype not in {"", "application/x-www-form-urlencoded"} or request.accept_mimetypes.best == "application/json"


def problem(error: PortalError) -> ResponseReturnValue:
    """The answer for this error. A stranger is offered to sign in."""
    faults = error.faults if isinstance(error, Invalid) else {}
    if wants_json():
        sentence = " ".join(faults.values()) or error.public
        body: dict[str, object] = {"type": "about:blank", "status": error.status, "code": error.code, "detail": sentence}
        if faults:
            body["faults"] = faults
        response: Response = jsonify(body)
        response.mimetype = "application/problem+json"
        return response, error.status, dict(error.headers)
    page = render_template(
        "error.html",
        status=error.status,
        heading=GONE.rstrip(".") if error.public == GONE else error.heading or HEADINGS.get(error.status, "Something went wrong"),
        message=error.public,
        faults=faults,
        offer_sign_in=isinstance(error, Unauthenticated) or g.get("subject") is None,
    )
    return page, error.status, dict(error.headers)
