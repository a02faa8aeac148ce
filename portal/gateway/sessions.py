"""One session interface over the session row: Flask, Flask-Login and flash messages all stand on it. No other cookie exists."""

import logging
import secrets
from typing import Any
from uuid import UUID

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import CallbackDict

from portal.cases.sign_in import Opened, begin_session, csrf_token, find_session, needs_touch, store_session, touch
from portal.gateway.browsers import family
from portal.gateway.passage import Passage
from portal.kernel.errors import Tampered, Unavailable
from portal.kernel.events import Event
from portal.kernel.permit import Subject

log = logging.getLogger("portal.sessions")

#: `__Host-`: only over a secure channel, only for this host, only the path `/`. Browsers treat localhost as secure.
COOKIE = "__Host-portal"


class PortalSession(CallbackDict, SessionMixin):  # type: ignore[type-arg]
    """The data of a session row. `token` is what the browser holds; `issue` replaces it, `ended` takes it away."""

    def __init__(
        self, data: dict[str, Any] | None = None, *, row: UUID | None = None, token: str = "", subject: Subject | None = None
    ) -> None:
        def changed(_: object) -> None:
            self.modified = True

        super().__init__(data or {}, changed)
        self.row = row
        self.token = token
        self.subject = subject
        #: The row could not be read: nobody knows who this is.
        self.unread = False
        self.issued: str | None = None
        self.ended = False
        self.modified = False
        self.accessed = True


class RowSessions(SessionInterface):
    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        token = request.cookies.get(COOKIE, "")
        if not 20 <= len(token) <= 100:
            return PortalSession()
        try:
            with self._passage.parts.read() as uow:
                opened: Opened | None = find_session(uow, token)
                stale = opened is not None and opened.subject is not None and needs_touch(uow, opened.id)
        except DBAPIError as error:  # no request is answered from here: it is refused before it comes to a door
            log.error("the database failed: %s", type(error.orig).__name__)
            unread = PortalSession()
            unread.unread = True
            return unread
        except Tampered as error:  # somebody edited a session or a person: an alarm, and nobody is signed in
            self._passage.own_event(Event.ALARM_RAISED, {"alarm": error.code, "row": "session"})
            return PortalSession()
        if opened is None:
            return PortalSession()
        if stale:
            with self._passage.bookkeeping() as uow:
                touch(uow, opened.id)
        return PortalSession(opened.data, row=opened.id, token=token, subject=opened.subject)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, PortalSession)
        if session.ended:
            response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
            return
        token = session.issued
        if token is None and session.modified:
            with self._passage.bookkeeping() as uow:
                if session.row is not None:
                    store_session(uow, session.row, dict(session))
                elif session:
                    token = begin_session(uow, {**session, "browser": family(request.user_agent.string)})
        if token is not None:
            response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Lax")


class SignedIn(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: the subject of the session, and nothing more."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def get_id(self) -> str:
        return str(self.subject.id)


def add_sessions(app: Flask, passage: Passage) -> None:
    app.session_interface = RowSessions(passage)
    app.secret_key = secrets.token_bytes(32)  # Flask-Login checks a remember cookie with it: none is ever given, so none ever fits
    manager = LoginManager(app)
    manager.session_protection = None  # the row decides; a changing address is no reason to sign a mission out

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> SignedIn | None:
        subject = _session().subject
        return SignedIn(subject) if subject is not None and str(subject.id) == user_id else None

    @app.before_request
    def who() -> None:
        if _session().unread:
            raise Unavailable("the session cannot be read")
        token = _session().token
        g.subject = current_user.subject if current_user.is_authenticated else None
        g.csrf = csrf_token(token) if token else ""


def _session() -> PortalSession:
    session_object = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(session_object, PortalSession)
    return session_object


def issue(token: str) -> None:
    """Hand the browser the token of a session that was opened elsewhere (at sign-in)."""
    _session().issued = token


def end() -> None:
    """Take the browser's token away (at sign-out)."""
    _session().ended = True


def row_id() -> UUID | None:
    """The session row behind this browser, if there is one."""
    return _session().row
