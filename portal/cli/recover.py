"""`portal recover …`: what is kept for a disaster, and what is done after one."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal.cases.export_recovery import export_recovery
from portal.cases.recovery_identity import combined, shares_of
from portal.cases.verify_recovery import verify_recovery
from portal.kernel.config import Config, load_config
from portal.kernel.errors import Misconfigured
from portal.kernel.services import Service, Task


def add_recover(commands: Any) -> None:
    recover = commands.add_parser("recover", help="for a disaster: export what opens the store without the portal, and check it")
    recover = recover.add_subparsers(dest="recover", required=True)
    export = recover.add_parser("export", help="write a folder for each body that, with its identity and age, opens the store")
    export.add_argument("folder", type=Path)
    verify = recover.add_parser("verify", help="hold an export against a copy of the store; needs no portal; exit 1 if anything is wrong")
    verify.add_argument("export", type=Path, help="one body's folder of an export")
    verify.add_argument("--objects", type=Path, required=True, metavar="FOLDER", help="a copy of the store or of the bucket")
    verify.add_argument("--key", required=True, metavar="VKEY", help="the key that verifies the log, as `portal init` printed it")
    verify.add_argument("--identity", type=Path, metavar="FILE", help="file (0600) with the recovery identity: opens every byte")
    verify.add_argument("--to", type=Path, metavar="FOLDER", help="write the documents there, in clear")
    recover.add_parser("combine", help="put a recovery identity together from its key shares, read from standard input")


def recover(arguments: argparse.Namespace, unserved: Callable[[Config], tuple[Any, Any]] | None) -> int:
    """Run one of them. Only `export` needs an installation."""
    if arguments.recover == "combine":
        print(combined(sys.stdin))
        return 0
    if arguments.recover == "verify":
        return _verify(arguments)
    assert unserved is not None
    passage, worker = unserved(load_config(arguments.config))
    try:
        acting = passage.acting(Service.OPERATOR, Task.RECOVERY_EXPORT)
        for body, exported in export_recovery(passage.parts, acting, arguments.folder).items():
            print(f"{body}: {exported.objects} objects, manifest {exported.digest[:16]}")
        print("Keep this folder away from the portal and its store. It holds no key.")
        worker.sequence()
    finally:
        passage.parts.database.close()
    return 0


def told_identity(body: str, identity: str, split: str) -> None:
    """Print a new recovery identity, or its key shares."""
    if not split:
        print(f"  {body}: {identity}")
        return
    for number, share in enumerate(shares_of(identity, split), start=1):
        print(f"\n# {body}, key share {number} of {split}\n{share}")


def _verify(arguments: argparse.Namespace) -> int:
    identity = _identity(arguments.identity) if arguments.identity else ""
    verified = verify_recovery(arguments.export, arguments.objects, arguments.key, identity=identity, to=arguments.to)
    for line in verified.found:
        print(f"NOT IN ORDER  {line}")
    opened = f", {verified.opened} opened" if identity else ", none opened: no identity was given"
    print(f"{'NOT in order' if verified.found else 'In order'}: {verified.objects} objects{opened}")
    if arguments.to:
        print("The recovery identity was used: make a new one when the portal is back (docs/recovery.md).")
    return 1 if verified.found else 0


def _identity(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"{path} can be read by others: chmod 600 it")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if len(found) != 1:
        raise Misconfigured(f"{path} must hold one recovery identity, a line that begins with AGE-SECRET-KEY-")
    return found[0]
