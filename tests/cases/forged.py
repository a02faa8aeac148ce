"""A house with a second sign-in service: one that says whatever a test wants, of the same body, over real HTTP on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.identity.logout_token import LOGOUT
from portal.kernel.config import load_config
from tests.common.house import Guest, House
from tests.rooms.identity.forger import Edit, Forger, serving, unchanged

ENTRY = """
[[identity.provider]]
name = "forged"
label = "Sign in at the second service"
issuer = "{issuer}"
client_id = "portal"
client_secret_file = "keys/client-secret"
bodies = ["CTED"]
[[identity.provider.group]]
name = "cted-uploaders"
body = "CTED"
role = "uploader"
clearance = "strictly_confidential"
"""


@contextmanager
def with_forger(house: House) -> Iterator[tuple[House, Forger]]:
    """The same house, started anew with the second service."""
    with serving(Forger(house.clock)) as forger:
        file = house.folder / "config.toml"
        before, mark, after = file.read_text().partition("\n[[body]]")
        file.write_text(before + "\n" + ENTRY.format(issuer=forger.issuer) + mark + after)
        house.parts.database.close()
        house.config = load_config(file)
        house.app = create_app(house.config, clock=house.clock, background=False)
        house.guests.clear()
        yield house, forger


def start(guest: Guest, forger: Forger) -> str:
    """A sign-in begun in this browser; its state."""
    words = parse_qs(urlsplit(guest.get("/sign-in/forged/start").headers["Location"]).query)
    forger.nonce = words["nonce"][0]
    return words["state"][0]


def come_back(guest: Guest, forger: Forger, state: str) -> TestResponse:
    return guest.get("/sign-in/forged/callback", query_string={"code": "a-code", "state": state, "iss": forger.issuer})


def signed_in(house: House, forger: Forger, sub: str = "person-1", sid: str = "session-1", name: str = "Ada Lindqvist") -> Guest:
    """This person in a browser of their own, signed in by the second service."""
    forger.claims = lambda claims: claims.update(sub=sub, sid=sid, name=name)
    guest = Guest(house, sub)
    answer = come_back(guest, forger, start(guest, forger))
    assert answer.status_code == 302, answer.text
    return guest


def told(house: House, forger: Forger, edit: Edit = unchanged, *, at: str = "forged") -> TestResponse:
    """The service's word that somebody's session is over, brought to the portal by the service itself."""
    now = int(house.clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": forger.issuer,
        "aud": "portal",
        "iat": now,
        "exp": now + 120,
        "jti": "token-1",
        "sub": "person-1",
        "events": {LOGOUT: {}},
    }
    edit(claims)
    head = {"typ": "logout+jwt", "alg": "ES256", "kid": forger.signing.kid}
    token = jws.serialize_compact(head, json.dumps(claims), forger.signing, algorithms=["ES256"])
    return house.stranger().post(f"/back-channel-logout/{at}", {"logout_token": token})
