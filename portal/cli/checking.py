"""`portal audit verify`: of this installation, or of a log that was published, wherever that is and with no configuration at all."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal.cases.checking import Report, check_published, keep_checkpoint
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured


def add_verify(audit: Any) -> None:
    check = audit.add_parser("verify", help="check the whole log; exit 1 and say where if anything was changed")
    check.add_argument("--from-tiles", metavar="FOLDER-OR-URL", help="a published log, instead of this installation's; with --key")
    check.add_argument("--key", type=Path, help="file with the log's verifier key; from elsewhere than the log")
    check.add_argument("--since", type=Path, metavar="FILE", help="a checkpoint that you kept: the log must go on from it")
    check.add_argument("--remember", type=Path, metavar="FILE", help="where to keep this one, if all is in order")
    check.add_argument(
        "--witness", type=Path, action="append", default=[], metavar="FILE", help="a witness's verifier key; with --from-tiles"
    )
    check.add_argument("--quorum", type=int, help="how many witnesses must have signed; all, if it is not given")
    check.add_argument("--max-age", type=float, metavar="SECONDS", help="since the newest signature of a witness")


def check_log(arguments: argparse.Namespace, verify: Callable[..., Report]) -> int:
    """0 in order, 1 not. `verify` checks this installation. Raises `Misconfigured` if it could not be checked."""
    since = None if arguments.since is None else _text(arguments.since)
    if arguments.from_tiles is not None:
        if arguments.key is None:
            raise Misconfigured("name the file with the log's verifier key (--key): it must come from elsewhere than the log")
        witnesses = [_text(file) for file in arguments.witness]
        report, note = check_published(
            arguments.from_tiles,
            _text(arguments.key),
            since=since,
            witnesses=witnesses,
            quorum=arguments.quorum,
            max_age=arguments.max_age,
        )
    else:
        if arguments.key or arguments.witness or arguments.quorum is not None or arguments.max_age is not None:
            raise Misconfigured("--key, --witness, --quorum and --max-age are for a published log (--from-tiles)")
        config = load_config(arguments.config)
        note = _text(config.log.path / "checkpoint") if arguments.remember else ""  # before: what is signed meanwhile was not checked
        report = verify(config, since)
    if report.ok and arguments.remember:
        keep_checkpoint(arguments.remember, note)
    return _told(report)


def _told(report: Report) -> int:
    for finding in report.findings:
        print(f"NOT IN ORDER  {finding.text}")
    for note in report.notes:
        print(f"NOTE  {note}")
    verdict = "In order" if report.ok else "NOT in order"
    print(f"{verdict}: {report.size} leaves, {report.checkpoints} checkpoints, root {report.root.hex()[:16]}")
    return 0 if report.ok else 1


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{file} is no text: name the file with a key or a checkpoint") from error
