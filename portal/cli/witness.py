"""`portal witness …`: a small program of its own, for the body that does not run the portal (c2sp.org/tlog-witness)."""

import argparse
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from portal.cases.witnessing import Answer, Witness, create_witness, open_witness

#: Bytes of a request that are read; the witness refuses what is longer.
READ = (1 << 16) + 1


def add_witness(commands: Any) -> None:
    witness = commands.add_parser("witness", help="see the log of a portal that others run, and sign what goes on from it")
    witness = witness.add_subparsers(dest="witness", required=True)
    new = witness.add_parser("init", help="make a witness's folder and key; prints the key that verifies it")
    new.add_argument("folder", type=Path)
    new.add_argument("--name", required=True, help="its name for good, for example office.example/witness")
    serve = witness.add_parser("serve", help="answer to the logs whose verifier keys are in FOLDER/logs/*.vkey")
    serve.add_argument("folder", type=Path)
    serve.add_argument("--listen", default="127.0.0.1:8010", metavar="HOST:PORT", help="behind a proxy with TLS, for others")


def witness(arguments: argparse.Namespace) -> int:
    if arguments.witness == "init":
        print(create_witness(arguments.folder, arguments.name))
        return 0
    opened = open_witness(arguments.folder)
    print(f"{opened.key.verifier} witnesses {', '.join(sorted(opened.logs)) or 'no log yet'} at {arguments.listen}", flush=True)
    _Server(arguments.listen, answering(opened)).run()
    return 0


def answering(witness: Witness) -> Callable[..., Iterable[bytes]]:
    """The witness as a WSGI application."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told = _answer(witness, environ)
        content = told.text.encode()
        headers = [("Content-Type", told.kind), ("Content-Length", str(len(content))), ("Cache-Control", "no-store")]
        start(f"{told.status} {HTTPStatus(told.status).phrase}", headers)
        return [content]

    return answer


def _answer(witness: Witness, environ: dict[str, Any]) -> Answer:
    if environ["PATH_INFO"] != "/add-checkpoint":
        return Answer(404, "a witness has one address: /add-checkpoint\n")
    if environ["REQUEST_METHOD"] != "POST":
        return Answer(405, "post a checkpoint\n")
    return witness.add_checkpoint(environ["wsgi.input"].read(READ), int(time.time()))


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, listen: str, application: Callable[..., Iterable[bytes]]) -> None:
        self._listen, self._application = listen, application
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self._listen,
            "worker_class": "gthread",
            "threads": 4,
            "timeout": 30,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",
            "loglevel": "warning",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._application
