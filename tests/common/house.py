"""A whole portal in a temporary directory, and invented persons who sign in through the real development provider."""

import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import requests
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from portal.app import create_app
from portal.cases.sign_in import csrf_token
from portal.cases.uow import Parts
from portal.gateway.passage import Passage
from portal.gateway.sessions import COOKIE
from portal.kernel.clock import SetClock
from portal.kernel.config import Config, load_config
from portal.worker.loop import Worker
from tests.common import databases
from tests.common.beginnings import BUCKET, beginning
from tests.common.s3server import S3Server
from tests.common.slips import SAMORIA
from tools.tour.sample import SAMORIA_TITLE

PORTAL = "http://localhost:8000"
SYMBOL = "CTED/2026/XSM/3"


class Compiled(BytecodeCache):
    """Templates as bytecode, compiled once in a process: every house is a new application, and compiling took half of a test's time."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self.known.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


class Addresses:
    """Addresses of doors, made into programs once in a process: for each new application that took most of its start."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
        self._make = Rule._compile_builder

    def install(self) -> None:
        def made(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
            if rule.defaults:
                return self._make(rule, append_unknown)
            key = (*rule._trace, append_unknown)
            if key not in self.known:
                self.known[key] = self._make(rule, append_unknown)
            return self.known[key]

        Rule._compile_builder = made  # type: ignore[method-assign]


Addresses().install()


@dataclass(frozen=True)
class Cast:
    """Who plays whom: the exchange runs in both directions, and every test of it with the bodies swapped."""

    body: str
    other: str
    uploader: str
    confidentiality: str
    releasing: str
    both: str  # uploader and releasing officer
    own_reviewer: str
    auditor: str
    reader: str
    other_auditor: str
    other_administrator: str
    cleared_reader: str  # up to Strictly Confidential

    @property
    def symbol(self) -> str:
        return f"{self.body}/2026/XSM/3"


DIRECTORATE = Cast("CTED", "OCT", "ada", "carla", "dana", "uma", "elena", "farid", "omar", "rana", "sven", "lena")
OFFICE = Cast("OCT", "CTED", "pedro", "nadia", "quentin", "wanda", "olga", "rana", "elena", "farid", "greta", "ines")


@dataclass
class House:
    """The application with its parts, and the people already signed in. `cast` says which body shares with which."""

    folder: Path
    config: Config
    clock: SetClock
    guests: dict[str, "Guest"] = field(default_factory=dict)
    cast: Cast = DIRECTORATE
    s3: S3Server | None = None  # where the objects are, if not in the folder
    template: Path | None = None  # the installation that this is a copy of, as long as nobody touched it
    _app: Flask | None = None

    def __post_init__(self) -> None:
        self.opened = self.clock.at

    @property
    def app(self) -> Flask:
        """The application. Whoever asks for it may do anything to the house: nobody can say any more that it is untouched."""
        self.template = None
        if self._app is None:
            self.start()
        assert self._app is not None
        return self._app

    def start(self) -> None:
        self._app = create_app(self.config, clock=self.clock, background=False)
        self._app.jinja_env.bytecode_cache = COMPILED

    def stop(self) -> None:
        """As if it had not been started; it starts again when somebody asks for it."""
        if self._app is not None:
            self._app.extensions["passage"].parts.database.close()
            self._app = None

    @app.setter
    def app(self, app: Flask) -> None:
        self.template, self._app = None, app

    @property
    def passage(self) -> Passage:
        return self.app.extensions["passage"]

    @property
    def parts(self) -> Parts:
        return self.passage.parts

    @property
    def worker(self) -> Worker:
        return self.app.extensions["worker"]

    def guest(self, login: str) -> "Guest":
        """This person, signed in; the same browser each time."""
        if login not in self.guests:
            self.keep_up()
            guest = Guest(self, login)
            answer = guest.arrive()
            assert answer.status_code == 302, answer.text[:500]
            self.guests[login] = guest
        return self.guests[login]

    def welcome_back(self, login: str, cookie: str) -> None:
        """This person comes with the cookie of a session that the database holds."""
        guest = self.guests[login] = Guest(self, login)
        guest.client.set_cookie(COOKIE, cookie, domain="localhost", secure=True, httponly=True, path="/")

    def keep_up(self) -> None:
        """The provider's clock goes on while the house's stands still: on a slow machine they would part by more than sign-in bears."""
        self.clock.at = max(self.clock.at, datetime.now(UTC) - timedelta(seconds=10))

    def stranger(self) -> "Guest":
        return Guest(self, "")

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Straight to the database, past every guard, role and trigger: what a thief or a careless administrator would do."""
        self.template = None
        return databases.tamper(self.config.database.url, statement, values)

    def events(self, *, outcome: str | None = None) -> list[tuple[str, str, str]]:
        """(event, outcome, code) of every event so far, in the order they were made."""
        rows = self.sql("select event, outcome, code from audit_event order by at, rowid")
        return [row for row in rows if outcome is None or row[1] == outcome]

    def objects(self) -> set[str]:
        """Everything in the store by name, half-written things included."""
        return set(self._in_store())

    def everything_at_rest(self) -> dict[str, bytes]:
        """Every byte that stays: database, write-ahead log, objects, log directory, keys."""
        files = {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        return files | self._in_store()

    def plant(self, name: str, content: bytes) -> None:
        """Put something into the store past the portal."""
        self.template = None
        if self.s3:
            self.s3.client().put_object(bucket_name=BUCKET, object_name=name, data=BytesIO(content), length=len(content))
        else:
            (self.folder / "objects" / name).write_bytes(content)

    def age_objects(self, by: timedelta) -> None:
        """Everything in the store becomes so much older."""
        if self.s3:
            self.parts.vault._store._now = lambda: time.time() + by.total_seconds()
        for path in (self.folder / "objects").rglob("*"):
            if path.is_file():
                stat = path.stat()
                os.utime(path, (stat.st_atime - by.total_seconds(), stat.st_mtime - by.total_seconds()))

    def _in_store(self) -> dict[str, bytes]:
        if self.s3:
            return {f"objects/{name}": content for name, content in self.s3.at_rest(BUCKET).items()}
        folder = self.folder / "objects"
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def close(self) -> None:
        self.stop()
        databases.discard(self.config.database.url)
        if self.s3:
            self.s3.empty(BUCKET)


@dataclass
class Guest:
    house: House
    login: str

    def __post_init__(self) -> None:
        self.client: Client = self.house.app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=PORTAL, **options)

    def post(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(path, base_url=PORTAL, data={"csrf": self.token(), **(fields or {})}, **options)

    def upload(self, document: str, content: bytes, name: str = "report.pdf", language: str = "en", **options: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.token(), "X-File-Name": quote(name), "Accept": "application/json", "Content-Language": language}
        path = f"/documents/{document}/file"
        return self.client.post(path, base_url=PORTAL, data=content, content_type="application/pdf", headers=headers, **options)

    def log(self) -> str:
        """The log as this auditor reads it, without the filter, which offers every act that there is to everyone."""
        return re.sub(r"<select.*?</select>", "", self.get("/audit").text, flags=re.S)

    def token(self) -> str:
        """The form token of this browser's session, as every page carries it (the browser journey reads it off a page)."""
        cookie = self.client.get_cookie(COOKIE, domain="localhost")
        return csrf_token(cookie.value) if cookie is not None else ""

    def arrive(self, provider: str = "demo", *, second_factor: bool = True) -> TestResponse:
        """With a second factor, so that nobody is asked to confirm: tests about that sign in without."""
        return self.come_back(self.get(f"/sign-in/{provider}/start"), second_factor="yes" if second_factor else "")

    def sign_in(self, provider: str = "demo", *, second_factor: bool = True) -> TestResponse:
        """As `arrive`, and on to the page that people come to."""
        answer = self.arrive(provider, second_factor=second_factor)
        return self.get("/") if answer.status_code == 302 else answer

    def come_back(self, sent: TestResponse, login: str = "", **said: str) -> TestResponse:
        """From the portal to the provider, and back as this person, or as somebody else."""
        browser = requests.Session()
        page = browser.get(sent.headers["Location"], timeout=20, allow_redirects=False)
        if page.status_code == 200:
            page = browser.post(page.url, data={"login": login or self.login, **said}, timeout=20, allow_redirects=False)
        back = urlsplit(page.headers["Location"])
        return self.get(f"{back.path}?{back.query}")

    def confirm(self, about: str = "") -> TestResponse:
        """Confirm that it is you. `about`: the name of what is to be continued, as it stands in the link of the page that asked."""
        self.house.keep_up()
        ahead = (self.house.clock.at - datetime.now(UTC)).total_seconds()
        if 0 < ahead < 30:  # a confirmation from before the question is none; of a house that is days ahead the provider knows nothing
            time.sleep(ahead)
        return self.come_back(self.get("/confirm/start", query_string={"about": about} if about else {}))

    # ---- acts in one call, for tests about something else
    def register(self, symbol: str = "", title: str = SAMORIA_TITLE, *, state: str = "XSM", level: int = 1) -> str:
        visit = self.post("/visits", {"state": state, "start": "2026-10-05", "end": "2026-10-09", "place": "Capital"})
        assert visit.status_code == 302, visit.text
        value = self.house.sql("select id from visit where state = ? order by registered_at desc", state)[0][0]
        fields = {
            "title": title,
            "symbol": symbol or self.house.cast.symbol,
            "kind": "mission_report",
            "level": str(level),
            "visit": str(UUID(value)),
        }
        answer = self.post("/documents", fields)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].rsplit("/", 1)[-1]

    def deposit(self, symbol: str = "", title: str = SAMORIA_TITLE, content: bytes = SAMORIA, **options: Any) -> str:
        document = self.register(symbol, title, **options)
        answer = self.upload(document, content)
        assert answer.status_code == 201, answer.text
        return document

    def withhold(self, document: str, pages: str = "", **changes: str) -> TestResponse:
        """Of the first version, as the document's page says it while there is no other."""
        fields = {
            "state": "XSM",
            "reference": "SM/NV/2026/41",
            "dated": "2026-11-02",
            "received": "note verbale",
            "scope": "pages" if pages else "document",
            "pages": pages,
            "version": "1",
        }
        return self.post(f"/documents/{document}/requests", fields | changes)

    def prepare(self, document: str, recipient: str = "") -> TestResponse:
        return self.post(f"/documents/{document}/renditions", {"recipient": recipient or self.house.cast.other})

    def propose(self, document: str, recipient: str = "", purpose: str = "Follow-up", **terms: str) -> TestResponse:
        recipient = recipient or self.house.cast.other
        fields = {"recipient": recipient, "purpose": purpose, **looked_at(self.house, document, recipient), **terms}
        return self.post(f"/documents/{document}/proposals", fields)

    def approve(self, proposal: str) -> TestResponse:
        return self.post(f"/approvals/{proposal}/approve")

    def recall(self, document: str, proposal: str, reason: str = "Sent by mistake") -> TestResponse:
        return self.post(f"/documents/{document}/proposals/{proposal}/recall", {"reason": reason})


@beginning
def shared(house: House, *, withheld: str = "3", content: bytes = SAMORIA, **terms: str) -> tuple[str, str]:
    """A document shared with the other body, one page withheld, under these terms. Returns (document, share)."""
    uploader = house.guest(house.cast.uploader)
    document = uploader.deposit(content=content)
    if withheld:
        assert house.guest(house.cast.confidentiality).withhold(document, withheld).status_code == 302
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document, **terms).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    return document, str(UUID(house.sql("select id from share")[0][0]))


def looked_at(house: House, document: str, recipient: str) -> dict[str, str]:
    """What the page's form says after a look at what was prepared last for this body; nothing if nothing was."""
    rows = house.sql("select document_id, id from rendition where audience = ? order by epoch desc, built_at desc, id", recipient)
    found = next((str(UUID(row)) for of, row in rows if UUID(of) == UUID(document)), None)
    return {} if found is None else {"rendition": found, "looked": found}


def proposal_of(house: House) -> str:
    """The proposal made last."""
    return str(UUID(house.sql("select id from proposal order by proposed_at desc, rowid desc")[0][0]))


def open_house(
    template: Path,
    folder: Path,
    cast: Cast = DIRECTORATE,
    s3: S3Server | None = None,
    *,
    store: str = "",
    change: Callable[[Path], object] | None = None,
) -> House:
    """`store`: lines of [store] instead of the template's; with `s3`, on its bucket for houses. `change` is given the folder first."""
    if s3:
        s3.empty(BUCKET)  # whatever a house left that could not be closed
    shutil.copytree(template, folder)
    databases.cloned(folder)
    if store:
        file = folder / "config.toml"
        file.write_text(re.sub(r"(?ms)^\[store\]\n.*?(?=^\[)", lambda _: f"[store]\n{store}\n", file.read_text()))
    if change:
        change(folder)
    clock = SetClock(datetime.now(UTC))
    config = load_config(folder / "config.toml")
    house = House(folder, config, clock, cast=cast, s3=s3, template=None if store or change else template)
    house.start()
    return house
