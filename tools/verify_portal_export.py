#!/usr/bin/env python3
"""Check what an auditor of the Portal took along (docs/log-exports.md), with no Portal installed. `verify_portal_log.py` must lie beside.

    verify_portal_export.py FILE.jsonl --key log.vkey [--witness KEY ... --quorum N] [--max-age SECONDS]

Each event must give its leaf, and its proof lead to the root of the checkpoint in the file, which the log's key signed; and the file must
be whole. Witnesses are demanded as `verify_portal_log.py` says.

Exit 0: in order. 1: not in order, and what. 2: it could not be checked.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

# beside this file, wherever both were copied to
from verify_portal_log import COSIGNATURE, LOG, CannotCheck, Key, Note, NotInOrder, in_tree, leaf, read_head, witnessed  # type: ignore

#: Columns of an event, in the order of its digest, and those of bytes.
COLUMNS = "id at event outcome code actor actor_body actor_roles session who address action object_type object_id document share "
COLUMNS += "bodies rules policy_hash detail"
HEX = "id at actor session document share who address"


def leaf_of(line: dict[str, Any]) -> bytes:
    """The hash of the leaf that an event gives, with what was given to check it (docs/formats/log.md)."""
    event, digest = line["event"] | line["check"], hashlib.sha256(b"portal/event/v1\0")
    for name in COLUMNS.split() if "bodies" in event else ():
        text = f"{event[name]:016x}" if name == "at" else event[name] or ""
        text = json.dumps(event[name], sort_keys=True, separators=(",", ":")) if name == "detail" else text
        text = f",{','.join(text)}," if text and isinstance(text, list) else text or ""
        raw = bytes.fromhex(text.replace("-", "")) if name in HEX.split() else text.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    shared = digest.digest() if "bodies" in event else bytes.fromhex(event["shared"])
    committed = b"portal/leaf/v1\0" + bytes.fromhex(event["salt"]) + shared + bytes.fromhex(event["private"])
    return bytes(leaf(b"\x01" + bytes.fromhex(event["id"].replace("-", "")) + hashlib.sha256(committed).digest()))


def check_export(file: Path, key: Key) -> tuple[Note, str]:
    """The checkpoint in a file that was taken along, and what its events say."""
    try:
        first, *events, last = map(json.loads, file.read_text(encoding="utf-8").rstrip("\n").split("\n"))
        note = Note.parse(first["checkpoint"].encode())
        size, root = read_head(note, key)
        held = [line for line in events if not line["waits"]]
        wrong = [line["event"]["id"] for line in held if not in_tree(line["leaf"], size, root, leaf_of(line), line["proof"])]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotInOrder("this is no whole file that was taken along") from error
    if wrong or last.get("rows") != len(events):
        raise NotInOrder(f"the file is not whole, or these are not in the tree that was signed as they stand here: {wrong[:9]}")
    return note, f"{len(events)} events that were taken along, {len(held)} of them in the tree of {size} leaves"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("export", metavar="FILE", type=Path)
    parser.add_argument("--key", required=True, type=Path, help="file with the log's verifier key; not from where the export is")
    parser.add_argument("--witness", action="append", default=[], type=Path, help="file with a witness's verifier key")
    parser.add_argument("--quorum", type=int, help="how many witnesses must have signed")
    parser.add_argument("--max-age", type=float, help="seconds since the newest signature of a witness")
    chosen = parser.parse_args(arguments)
    try:
        key = Key.parse(chosen.key.read_text(encoding="utf-8"), LOG)
        witnesses = [Key.parse(file.read_text(encoding="utf-8"), COSIGNATURE) for file in chosen.witness]
        note, said = check_export(chosen.export, key)
        quorum = len(witnesses) if chosen.quorum is None else chosen.quorum
        signers = witnessed(note, witnesses, quorum, chosen.max_age, time.time())
    except NotInOrder as error:
        print(f"NOT in order: {error}")
        return 1
    except (CannotCheck, OSError) as error:
        print(f"could not be checked: {error}", file=sys.stderr)
        return 2
    print(f"In order: {said}" + (f", witnessed by {', '.join(signers)}" if signers else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
