"""`python -m tools.servers`: PostgreSQL and an S3 server on this machine, and a configuration that names them, until Ctrl-C.

(`python -m tools.servers keep KIND` is what tests start; see keeper.)
"""

import argparse
import os
import secrets
import shutil
import signal
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

from tools.servers import postgresql, seaweedfs
from tools.servers.keeper import KINDS, keep, temporary
from tools.tour.stage import ROOT

OWNER, APPLICATION, BUCKET = "portal_owner", "portal", "portal"
CONFIG = """\
# Written by `make servers`, and gone when it ends. The addresses of a database and a store, for `make demo` and `make tour`.
[database]
url = "{url}"
owner_url = "{owner_url}"

[store]
kind = "s3"
endpoint = "{endpoint}"
bucket = "{bucket}"
access_key = "{access_key}"
secret_key_file = "store-secret"
secure = false
"""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="servers", description="PostgreSQL and an S3 server for trying, on this machine only.")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "servers", help="where the configuration is written")
    kinds = parser.add_subparsers(dest="mode")
    kinds.add_parser("keep", help="one server, until standard input ends").add_argument("kind", choices=KINDS)
    arguments = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        if arguments.mode == "keep":
            keep(arguments.kind)
        else:
            _serve(arguments.folder)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left.")
    return 0


def _serve(folder: Path) -> None:
    os.umask(0o077)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise SystemExit(f"{folder} is there: either the servers run already, or they were killed; then remove it and repeat") from None
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        socket = stack.enter_context(postgresql.serving(stack.enter_context(temporary()), stack.enter_context(temporary())))
        with closing(postgresql.connected(socket)) as connection:
            for statement in (
                f"CREATE ROLE {OWNER} LOGIN",
                f"CREATE ROLE {APPLICATION} LOGIN",
                f"CREATE DATABASE portal OWNER {OWNER}",
            ):
                connection.cursor().execute(statement)
        # What the portal needs in its bucket, and nothing beside it: to read, write, list and delete.
        allowed = tuple(f"{action}:{BUCKET}" for action in ("Read", "Write", "List"))
        keys = seaweedfs.Keys("portal", secrets.token_hex(20), allowed)
        served = stack.enter_context(seaweedfs.serving(stack.enter_context(temporary()), keys))
        served.administrator().make_bucket(bucket_name=BUCKET)
        (folder / "store-secret").write_text(keys.secret_key + "\n", encoding="utf-8")
        text = CONFIG.format(
            url=postgresql.address(socket, "portal", APPLICATION),
            owner_url=postgresql.address(socket, "portal", OWNER),
            endpoint=served.endpoint,
            bucket=BUCKET,
            access_key=keys.access_key,
        )
        (folder / "config.toml").write_text(text, encoding="utf-8")
        file = folder / "config.toml"
        print(f"PostgreSQL and an S3 server run on this machine, empty, until Ctrl-C. {file} names them. In another terminal:\n")
        print(f"    PORTAL_CONFIG={os.path.relpath(file)} make demo\n", flush=True)
        threading.Event().wait()


def _stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
