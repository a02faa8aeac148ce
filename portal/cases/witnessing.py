"""A witness for logs, apart from any portal: a folder with its key, the keys of the logs it knows, and what it saw of each.

It needs no configuration and no database, and is run by whoever does not run the portal (docs/witnesses.md).
"""

from pathlib import Path

from portal.audit.cosignature import create_witness_key, load_witness_key
from portal.audit.signing import VerifierKey
from portal.audit.witness import Answer as Answer
from portal.audit.witness import Witness as Witness
from portal.kernel.errors import Misconfigured

KEY, LOGS = "witness.key", "logs"


def create_witness(folder: Path, name: str) -> str:
    """A new witness; the key that verifies what it signs. Raises `Misconfigured` if there is one already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / LOGS).mkdir(exist_ok=True)
    return str(create_witness_key(folder / KEY, name).verifier)


def open_witness(folder: Path) -> Witness:
    """The witness of this folder. It knows the logs whose verifier keys are in `logs/*.vkey`. Raises `Misconfigured`."""
    keys = [VerifierKey.parse(file.read_text(encoding="utf-8").strip()) for file in sorted((folder / LOGS).glob("*.vkey"))]
    if len({key.name for key in keys}) != len(keys):
        raise Misconfigured(f"{folder / LOGS} holds two keys of one log: leave the one that is right")
    witness = Witness(folder, load_witness_key(folder / KEY), {key.name: key for key in keys})
    for origin in witness.logs:
        witness.seen(origin)  # a witness that forgot what it saw does not start
    return witness
