"""Checking a published log apart from any portal: with a key, a folder or an address, and what the auditor kept of the time before."""

from collections.abc import Sequence
from pathlib import Path

from portal.audit.cosignature import WitnessVerifier
from portal.audit.durable import write_durably
from portal.audit.findings import Report as Report
from portal.audit.published import Demand, reader, verify_published
from portal.audit.signing import VerifierKey
from portal.kernel.clock import SystemClock
from portal.kernel.errors import Misconfigured


def check_published(
    place: str, key: str, *, since: str | None, witnesses: Sequence[str], quorum: int | None, max_age: float | None
) -> tuple[Report, str]:
    """What is found there, and the checkpoint to keep. Keys and checkpoints are the texts of their files. Raises `Misconfigured`."""
    demand = Demand(
        key=VerifierKey.parse(key.strip()),
        since=since,
        witnesses=[WitnessVerifier.parse(text) for text in witnesses],
        quorum=quorum,
        max_age=max_age,
    )
    if len({witness.name for witness in demand.witnesses}) != len(demand.witnesses):
        raise Misconfigured("the same witness is named twice: it counts once")
    return verify_published(reader(place), demand, at=SystemClock().now())


def keep_checkpoint(file: Path, note: str) -> None:
    """Keep it for the next time; whole or not at all."""
    write_durably(file, note.encode())
