"""A portal in this process to measure on, with persons who are signed in without a provider."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.test import Client, TestResponse

from portal.app import create_app
from portal.cases.offline import initialise
from portal.cases.sign_in import admit, begin_session, csrf_token, find_session
from portal.gateway.passage import Passage
from portal.gateway.sessions import COOKIE
from portal.identity.oidc import Claims
from portal.kernel.clock import SystemClock
from portal.kernel.config import load_config
from portal.kernel.ids import new_object_key
from portal.kernel.permit import Subject
from tools.tour.stage import BODIES, CONFIG, ROOT, groups

HOME, PROVIDER = "http://localhost:8000", "http://127.0.0.1:8001"


@dataclass(frozen=True, slots=True)
class Desk:
    """One person at a test client."""

    client: Client
    token: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=HOME)

    def post(self, path: str, fields: dict[str, str]) -> TestResponse:
        """Send a form; stops the benchmark if it is refused."""
        answer = self.client.post(path, base_url=HOME, data={"csrf": csrf_token(self.token), **fields})
        assert answer.status_code == 302, f"{path}: {answer.status_code} {answer.text[:400]}"
        return answer

    def upload(self, path: str, content: bytes) -> None:
        headers = {"X-CSRF-Token": csrf_token(self.token), "X-File-Name": "report.pdf", "Accept": "application/json"}
        answer = self.client.post(path, base_url=HOME, data=content, content_type="application/pdf", headers=headers)
        assert answer.status_code == 201, answer.text


class InHouse:
    """`folder` must not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app: Flask = create_app(load_config(installation(folder)), background=False)
        self.passage: Passage = self.app.extensions["passage"]

    def desk(self, name: str, *groups: str) -> Desk:
        """A person of these groups, signed in."""
        claims = Claims(
            issuer=PROVIDER,
            subject=name,
            name=name,
            groups=frozenset(groups),
            provider_session=None,
            authenticated_at=SystemClock().now(),
            acr="second-factor",  # so that nobody is asked to confirm
            id_token=secrets.token_hex(8),
        )
        with self.passage.bookkeeping() as uow:
            begun = find_session(uow, begin_session(uow, {}))
            assert begun is not None
            token = admit(uow, begun.id, "demo", claims)
        client = self.app.test_client()
        client.set_cookie(COOKIE, token, domain="localhost", secure=True)
        return Desk(client, token)

    def subject(self, desk: Desk) -> Subject:
        """Who sits there, as the gateway reads them from the cookie."""
        with self.passage.parts.read() as uow:
            opened = find_session(uow, desk.token)
        assert opened is not None
        assert opened.subject is not None
        return opened.subject

    def linked(self, key: str) -> str:
        """Another name in the store for this payload."""
        root, other = self.folder / "objects", new_object_key()
        target = root / other[:2] / other[2:4] / other
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(root / key[:2] / key[2:4] / key, target)
        return other

    def document(self, uploader: Desk, symbol: str, content: bytes) -> str:
        """The id of a new document with this file."""
        uploader.post("/visits", {"state": "XSM", "start": "2026-10-05", "end": "2026-10-09", "place": "Samora"})
        visit = re.findall(r'<option value="([0-9a-f-]{36})"', uploader.get("/documents/new").text)[0]
        fields = {"title": "A report", "symbol": symbol, "kind": "other", "level": "1", "visit": visit}
        document = uploader.post("/documents", fields).headers["Location"].rsplit("/", 1)[-1]
        uploader.upload(f"/documents/{document}/file", content)
        return document


def installation(folder: Path) -> Path:
    """The configuration of a new installation."""
    (folder / "keys").mkdir(parents=True)
    secret = folder / "keys" / "client-secret"
    secret.write_text(secrets.token_urlsafe(32))
    secret.chmod(0o600)
    text = CONFIG.format(portal=HOME, port=8000, provider=PROVIDER, policies=ROOT / "policies")
    file = folder / "config.toml"
    file.write_text(text + groups() + BODIES)
    initialise(load_config(file), memory_kib=64, passes=1, lanes=1)
    return file
