"""The last checkpoint that enough witnesses signed, kept as they signed it: that it is so can be checked by whoever reads the file.

The published checkpoint loses its witnesses' lines as soon as one of them is away; this file says since when.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.audit.checkpoint import read_checkpoint
from portal.audit.cosignature import WitnessVerifier
from portal.audit.durable import write_durably
from portal.audit.signing import BadNote, VerifierKey

#: How far a witness's clock may be ahead of ours.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """`quorum` (at least 1) of these witnesses must have signed a checkpoint of the log with this key."""

    path: Path
    key: VerifierKey
    verifiers: tuple[WitnessVerifier, ...]
    quorum: int

    def keep(self, note: str) -> None:
        """Replace what is kept, if enough witnesses signed this one."""
        if self._signed(note) is not None:
            write_durably(self.path, note.encode(), 0o600)

    def last(self) -> datetime | None:
        """When enough witnesses signed last, by their own clocks; None if they never did, or the file does not show it."""
        try:
            return self._signed(self.path.read_bytes().decode())
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def within(self, age: timedelta, at: datetime) -> bool:
        """Did enough of them sign in the time before `at`? A signature from the future counts for nothing."""
        last = self.last()
        return last is not None and -SKEW <= at - last <= age

    def _signed(self, note: str) -> datetime | None:
        """When the last of a quorum signed: of several times the quorum's newest."""
        try:
            text = read_checkpoint(note, self.key).text
        except BadNote:
            return None
        lines = note.partition("\n\n")[2].splitlines()
        signed = [[at for line in lines if (at := verifier.signed_at(text, line)) is not None] for verifier in self.verifiers]
        newest = sorted((max(times) for times in signed if times), reverse=True)
        return datetime.fromtimestamp(newest[self.quorum - 1], UTC) if len(newest) >= self.quorum else None
