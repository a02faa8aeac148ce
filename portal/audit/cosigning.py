"""Asking witnesses for their cosignatures, as the log's side of c2sp.org/tlog-witness.

A witness that does not answer delays nobody for long: it is asked again later, and the checkpoint goes out without it. What its absence
means is the reader's to say (a quorum, an age), not the log's.
"""

import base64
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import requests

from portal.audit.checkpoint import Checkpoint, Head
from portal.audit.consistency import proof, published_subtree
from portal.audit.cosignature import WitnessVerifier
from portal.audit.witness import LARGEST

log = logging.getLogger("portal.witnesses")

#: Seconds that a witness is waited for, and for which one that failed is not asked again.
PATIENCE, REST = 3.0, 30.0


@dataclass(slots=True)
class Asked:
    """One witness, and what is known of it: the size it saw last, if it told us, and when it may be asked again."""

    url: str
    verifier: WitnessVerifier
    size: int = 0
    not_before: float = float("-inf")


class Refused(Exception):
    """A witness answered, and did not sign; the text says what it said."""


@dataclass(slots=True)
class Witnesses:
    """All that this log asks. Without any nothing is asked."""

    asked: list[Asked]
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max(1, 2 * len(self.asked)), thread_name_prefix="witness")

    def cosign(self, log_dir: Path, checkpoint: Checkpoint, origin: str) -> str:
        """The checkpoint's note with the signature lines of those witnesses that signed it, in their order."""
        head = Head(origin, checkpoint.size, checkpoint.root)
        due = [each for each in self.asked if self.clock() >= each.not_before]
        asking = {self._pool.submit(_line, each, each.size, log_dir, head, checkpoint.note): each for each in due}
        wait(asking, self.patience)  # however slowly an answer drips
        lines = []
        for answer, asked in asking.items():
            try:
                lines.append(answer.result(0))
                asked.size = checkpoint.size
            except Exception as error:  # whatever a witness does, the log goes on
                answer.cancel()
                asked.not_before = self.clock() + REST
                why = "it did not answer in time" if isinstance(error, TimeoutError) else error
                log.error("the witness %s did not sign the checkpoint of size %d: %s", asked.verifier.name, checkpoint.size, why)
        return checkpoint.note + "".join(lines)


def _line(asked: Asked, known: int, log_dir: Path, head: Head, note: str) -> str:
    """Its signature line. Asked twice at most: a witness that saw another size says which, and is given the proof from there."""
    for _ in range(2):
        hashes = proof(known, head.size, published_subtree(log_dir, head.size))
        lines = [f"old {known}", *(base64.b64encode(each).decode() for each in hashes), "", note]
        status, said = _post(asked.url, "\n".join(lines).encode())
        if status == 200:
            if asked.verifier.signed_at(head.text, said.removesuffix("\n")) is None or not said.endswith("\n"):
                raise Refused("its answer is no signature of its key")
            return said
        if status != 409 or not said.strip().isdigit() or int(said) == known:
            break
        if int(said) > head.size:
            raise Refused(f"it has seen {int(said)} leaves already: this log is older than what it saw, or another")
        known = int(said)
    raise Refused(f"it answered {status}: {said.strip()[:200]!r}")


def _post(url: str, body: bytes) -> tuple[int, str]:
    address = f"{url.rstrip('/')}/add-checkpoint"
    with requests.post(address, data=body, timeout=PATIENCE, allow_redirects=False, stream=True) as answer:
        return answer.status_code, next(answer.iter_content(LARGEST), b"").decode()
