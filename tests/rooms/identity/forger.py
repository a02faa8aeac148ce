"""A provider that does everything right until a test makes it do one thing wrong. A real HTTP server on loopback."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, Key

from portal.kernel.clock import Clock

CLIENT = "portal"
CONFIGURATION, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"

Edit = Callable[[dict[str, Any]], object]


def unchanged(_: dict[str, Any]) -> None:
    """Do nothing."""


def fresh_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": kid, "use": "sig", "alg": "ES256"})


class Forger:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.issuer = ""
        self.nonce = ""
        self.signing: Any = fresh_key("first")
        self.published: list[Any] = [self.signing]
        self.algorithm = "ES256"
        self.description: Edit = unchanged
        self.claims: Edit = unchanged
        self.header: Edit = unchanged
        self.answer: Edit = unchanged
        self.encode: Callable[[dict[str, Any], dict[str, Any]], str] = self._encode
        self.raw: dict[str, bytes] = {}  # answer this path with these bytes
        self.status: dict[str, int] = {}  # answer this path with this status
        self.pause: dict[str, float] = {}  # seconds before the first byte, and between two if the answer is raw
        self.asked: Counter[str] = Counter()
        self.forms: list[dict[str, list[str]]] = []
        self.token = ""

    def _encode(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        # ASCII, so that even half a surrogate pair can be said.
        return jws.serialize_compact(header, json.dumps(claims), self.signing, algorithms=[self.algorithm])

    def rotate(self, kid: str) -> None:
        self.signing = fresh_key(kid)
        self.published = [self.signing]

    def reply(self, path: str) -> dict[str, Any]:
        if path == CONFIGURATION:
            body: dict[str, Any] = {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + TOKEN,
                "jwks_uri": self.issuer + KEYS,
                "end_session_endpoint": self.issuer + "/end",
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
            self.description(body)
            return body
        if path == KEYS:
            return {"keys": [key.as_dict(private=False) if isinstance(key, Key) else key for key in self.published]}
        body = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token()}
        self.answer(body)
        return body

    def _id_token(self) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "person-1",
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": self.nonce,
            "sid": "session-1",
            "name": "Ada Lindqvist",
            "email": "ada@directorate.invalid",
            "groups": ["cted-uploaders"],
        }
        self.claims(claims)
        header = {"typ": "JWT", "alg": self.algorithm, "kid": getattr(self.signing, "kid", None)}
        self.header(header)
        self.token = self.encode(header, claims)
        return self.token


@contextmanager
def serving(forger: Forger) -> Iterator[Forger]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            forger.asked[path] += 1
            length = int(self.headers.get("Content-Length", 0))
            if length:
                forger.forms.append(parse_qs(self.rfile.read(length).decode()))
            status = forger.status.get(path, 200)
            pause = forger.pause.get(path, 0.0)
            time.sleep(pause)
            body = forger.raw[path] if path in forger.raw else json.dumps(forger.reply(path)).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", forger.issuer + "/elsewhere" + path)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                if path in forger.raw and pause:
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        time.sleep(pause)
                else:
                    self.wfile.write(body)
            except OSError:
                return  # the portal hung up, which is what some tests want

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forger.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield forger
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
