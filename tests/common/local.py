"""Local accounts in tests: an authenticator, and whole ways in a call each."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
from werkzeug.test import TestResponse

from tests.common.house import PORTAL, Guest, House

PASSWORD = "kettle maple ninety drift"


@dataclass
class Local(Guest):
    """A person with a local account, and the device that has their secret. `login` is the name they sign in with."""

    login: str
    account: str = ""
    secret: str = ""
    password: str = PASSWORD
    recovery: list[str] = field(default_factory=list)
    address: str = "127.0.0.1"

    def code(self, steps: int = 0) -> str:
        """What the device shows, so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.house.clock.at + timedelta(seconds=30 * steps))

    def next_code(self) -> str:
        """A code that was not shown before: the house's clock goes on to the next step."""
        self.house.clock.advance(timedelta(seconds=30))
        return self.code()

    def other_browser(self) -> "Local":
        return Local(self.house, self.login, self.account, self.secret, self.password, self.recovery, self.address)

    def get(self, path: str, **options: object) -> TestResponse:
        return super().get(path, environ_overrides={"REMOTE_ADDR": self.address}, **options)

    def post(self, path: str, fields: dict[str, object] | None = None, **options: object) -> TestResponse:
        return super().post(path, fields, environ_overrides={"REMOTE_ADDR": self.address}, **options)

    def enrol(self, link: str, handed_over: str, **changes: str) -> TestResponse:
        path = urlsplit(link).path
        opened = self.client.get(path, base_url=PORTAL, follow_redirects=True)
        if opened.status_code != 200:
            return opened
        self.secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", opened.text))
        fields = {"handed_over": handed_over, "password": self.password, "again": self.password, "first_code": self.code()} | changes
        done = self.post(path, fields)
        if done.status_code == 200:
            self.recovery = re.findall(r'<li class="p-code">([^<]+)</li>', done.text)
        return done

    def give_password(self, password: str | None = None, login: str | None = None) -> TestResponse:
        self.client.get("/sign-in/local", base_url=PORTAL, follow_redirects=True)
        return self.post("/sign-in/local", {"login": login or self.login, "password": self.password if password is None else password})

    def give_code(self, code: str) -> TestResponse:
        return self.post("/sign-in/local/code", {"code": code})

    def sign_in(self) -> TestResponse:
        answer = self.give_password()
        if answer.status_code == 302:
            answer = self.give_code(self.next_code())
        return self.get("/") if answer.status_code == 302 else answer


def proposed(house: House, login: str = "ines", name: str = "Ines Quiroga", administrator: str = "greta") -> str:
    """An account without roles, proposed by the security administrator. Its id."""
    answer = house.guest(administrator).post("/accounts", {"name": name, "login": login})
    assert answer.status_code == 302, answer.text
    return str(UUID(house.sql("select id from person where issuer = 'local' order by created_at desc")[0][0]))


def grant(house: House, account: str, by: str = "carla", roles: tuple[str, ...] = ("uploader",), **changes: str) -> TestResponse:
    fields = {"roles": list(roles), "clearance": "1", "enrol": "yes"} | changes
    house.clock.advance(timedelta(seconds=1))
    return house.guest(by).post(f"/accounts/{account}/grants", fields)


def grant_of(house: House) -> str:
    """The proposal made last."""
    return str(UUID(house.sql("select id from role_grant where act = 'proposed' order by done_at desc")[0][0]))


def confirm(house: House, account: str, by: str = "dana") -> TestResponse:
    return house.guest(by).post(f"/accounts/{account}/grants/{grant_of(house)}/confirm")


def handed(answer: TestResponse) -> str:
    """The code or the link that this page shows."""
    assert answer.status_code == 200, answer.text
    found = re.search(r"p-handed[^>]*>([^<]+)<", answer.text)
    assert found, answer.text
    return found.group(1)


def invited(house: House, account: str, **options: object) -> tuple[str, str]:
    """A link and the code that goes with it."""
    code = handed(grant(house, account, **options))  # type: ignore[arg-type]
    return handed(confirm(house, account)), code


def enrolled(house: House, login: str = "ines", **options: object) -> Local:
    """A person who is enrolled, and signed out."""
    account = proposed(house, login)
    person = Local(house, login, account)
    done = person.enrol(*invited(house, account, **options))
    assert done.status_code == 200, done.text
    assert len(person.recovery) == 10
    return person
