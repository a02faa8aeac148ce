"""`python -m tools.devidp --demo …`: the development sign-in, until it is stopped."""

import argparse
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from tools.devidp.app import create_app
from tools.devidp.persons import read_persons
from tools.devidp.server import Client

HOST = "127.0.0.1"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_SECRET = 32


class Quiet(WSGIRequestHandler):
    """No line for each request: their addresses hold codes and states."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. Returns 2, with a sentence on the error stream, if it must not or cannot start."""
    options = _parser().parse_args(arguments)
    if not options.demo and os.environ.get("PORTAL_DEMO") != "1":
        return _stop("this sign-in service lets anybody be anybody; start it with --demo, for demonstrations on this machine only")
    target = urlsplit(options.redirect_uri)
    if target.scheme not in {"http", "https"} or target.hostname not in LOOPBACK:
        return _stop("--redirect-uri must lead to this machine, for example http://localhost:8000/sign-in/demo/callback")
    try:
        secret = options.client_secret_file.read_text(encoding="utf-8").strip()
        if len(secret) < SHORTEST_SECRET:
            return _stop(f"{options.client_secret_file} must hold a secret of at least {SHORTEST_SECRET} characters")
        persons = read_persons(options.persons)
        listener = socket.create_server((HOST, options.port))
    except (OSError, ValueError) as error:
        return _stop(str(error))
    with listener:
        port = listener.getsockname()[1]
        issuer = f"http://{HOST}:{port}"
        app = create_app(issuer, _client(options, secret), persons)
        server = make_server(HOST, port, app, threaded=True, request_handler=Quiet, fd=listener.fileno())
        signal.signal(signal.SIGTERM, _interrupt)
        print(f"Development sign-in: {issuer} (invented persons, this machine only; stop with Ctrl-C)", flush=True)
        try:
            if options.ready_file:
                options.ready_file.write_text(issuer + "\n", encoding="utf-8")
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()
            if options.ready_file:
                options.ready_file.unlink(missing_ok=True)
    return 0


def _client(options: argparse.Namespace, secret: str) -> Client:
    """The portal. Whoever signed out comes back to its page for signing in, unless told otherwise."""
    target = urlsplit(options.redirect_uri)
    back = options.post_logout_uri or f"{target.scheme}://{target.netloc}/sign-in?out=1"
    return Client(options.client_id, secret, options.redirect_uri, back)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.devidp", description="Development sign-in for demonstrations. Never for real documents."
    )
    parser.add_argument("--demo", action="store_true", help="required (or PORTAL_DEMO=1): you know that anybody can be anybody")
    parser.add_argument("--port", type=int, default=8001, help=f"on {HOST}; 0 takes a free one (default: 8001)")
    parser.add_argument("--client-id", default="portal")
    parser.add_argument("--client-secret-file", type=Path, required=True)
    parser.add_argument("--redirect-uri", required=True, help="the portal's callback, on this machine")
    parser.add_argument("--post-logout-uri", help="where the portal takes back who signed out (default: its /sign-in?out=1)")
    parser.add_argument("--persons", type=Path, default=Path(__file__).with_name("persons.toml"))
    parser.add_argument("--ready-file", type=Path, help="written with the issuer's address once requests are answered")
    return parser


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(sentence: str) -> int:
    print(f"devidp: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
