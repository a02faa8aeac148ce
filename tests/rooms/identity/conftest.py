"""Two providers: the development one, a real process of its own, and a forger that lies on request."""

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from portal.identity.oidc import Claims, Flow, Provider
from portal.kernel.clock import SetClock, SystemClock
from portal.kernel.config import GroupEntry, ProviderEntry
from portal.kernel.vocabulary import Level, Role
from tests.rooms.identity.forger import CLIENT, Forger, serving

CHECKOUT = Path(__file__).resolve().parents[3]
CALLBACK = "http://localhost:8000/sign-in/callback"
ROLES = {
    "uploaders": (Role.UPLOADER, Level.CONFIDENTIAL),
    "confidentiality": (Role.CONFIDENTIALITY_OFFICER, Level.STRICTLY_CONFIDENTIAL),
    "releasing": (Role.RELEASING_OFFICER, Level.STRICTLY_CONFIDENTIAL),
    "reviewers": (Role.REVIEWER, Level.CONFIDENTIAL),
    "auditors": (Role.AUDITOR, Level.UNCLASSIFIED),
    "security": (Role.SECURITY_ADMINISTRATOR, Level.UNCLASSIFIED),
}
ENTRIES = tuple(
    GroupEntry(name=f"{body.lower()}-{word}", body=body, role=role, clearance=clearance)
    for body in ("CTED", "OCT")
    for word, (role, clearance) in ROLES.items()
)


def section(issuer: str, **changes: object) -> ProviderEntry:
    values = {
        "name": "un",
        "label": "United Nations",
        "bodies": ("CTED", "OCT"),
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret_file": Path("unused"),
        "group": ENTRIES,
        **changes,
    }
    return ProviderEntry(**values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class DevIdp:
    issuer: str
    secret: str
    secret_file: Path


@pytest.fixture(scope="session")
def devidp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevIdp]:
    folder = tmp_path_factory.mktemp("devidp")
    secret_file, ready = folder / "secret", folder / "ready"
    secret = secrets.token_urlsafe(32)
    secret_file.write_text(secret + "\n")
    command = [sys.executable, "-m", "tools.devidp", "--demo", "--port", "0", "--client-secret-file", str(secret_file)]
    with subprocess.Popen([*command, "--redirect-uri", CALLBACK, "--ready-file", str(ready)], cwd=CHECKOUT) as process:
        try:
            for _ in range(400):
                if process.poll() is not None or (ready.exists() and ready.read_text().endswith("\n")):
                    break
                time.sleep(0.05)
            assert process.poll() is None, "the development sign-in did not start"
            yield DevIdp(ready.read_text().strip(), secret, secret_file)
        finally:
            process.terminate()


@pytest.fixture
def sso(devidp: DevIdp) -> Provider:
    return Provider(section(devidp.issuer), devidp.secret, CALLBACK, SystemClock())


def click(url: str, login: str) -> dict[str, str]:
    """What the browser brings back after one click on a person."""
    answer = requests.post(url, data={"login": login}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(CALLBACK + "?")
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def forger(clock: SetClock) -> Iterator[Forger]:
    with serving(Forger(clock)) as running:
        yield running


@dataclass
class Attempt:
    """A portal in front of the forger, and a browser between them."""

    portal: Provider
    forger: Forger

    def begin(self) -> tuple[str, Flow]:
        url, flow = self.portal.begin()
        self.forger.nonce = flow.nonce
        return url, flow

    def answered(self, flow: Flow, **changes: str | None) -> Claims:
        """Come back with a good answer, changed so; None leaves a parameter out."""
        good: dict[str, str | None] = {"code": "a-code", "state": flow.state, "iss": self.forger.issuer}
        return self.portal.finish(flow, {key: value for key, value in (good | changes).items() if value is not None})

    def sign_in(self, **changes: str | None) -> Claims:
        _, flow = self.begin()
        return self.answered(flow, **changes)


@pytest.fixture
def portal_before(forger: Forger, clock: SetClock) -> Callable[..., Attempt]:
    """Make a portal in front of the forger, with changed settings."""

    def make(seconds: float = 2.0, **changes: object) -> Attempt:
        return Attempt(Provider(section(forger.issuer, **changes), "a-secret", CALLBACK, clock, seconds=seconds), forger)

    return make


@pytest.fixture
def attempt(portal_before: Callable[..., Attempt]) -> Attempt:
    return portal_before()
