"""The sections of the configuration that are about the log, as `sections` has the others."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessEntry:
    """A witness that cosigns checkpoints: where it answers, and its verifier key, as `portal witness init` printed it."""

    url: str
    key: str


#: A quorum of every witness that is named.
ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogEntry:
    """Where what touches `body` is sent on to, as RFC 5424 over TLS. `name` names it for good: under another one all is sent anew.

    `cert_file` and `key_file` are what the portal shows to a receiver that asks who it is.
    """

    name: str
    body: str
    host: str
    ca_file: Path
    port: int = 6514
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """`quorum`: how many of the witnesses must have signed within `witness_hours`, or nothing is opened to anybody new; `ALL` of them.

    `reserve_mb`: room on the disks of the log and of a SQLite database that is left to what closes something (MiB).
    `erase_after_days`: how long after its closing the names of an account stay in the log, and addresses of strangers.
    """

    origin: str
    path: Path
    key: Path
    guard: Path
    witness: tuple[WitnessEntry, ...] = ()
    syslog: tuple[SyslogEntry, ...] = ()
    erase_after_days: int = 1825
    quorum: int = ALL
    witness_hours: int = 24
    reserve_mb: int = 64

    @property
    def demanded(self) -> int:
        """How many witnesses must have signed lately."""
        return len(self.witness) if self.quorum == ALL else self.quorum

    @property
    def witnessed(self) -> Path:
        """The last checkpoint that enough witnesses signed: beside the guard, as neither belongs to the database or the publication."""
        return self.guard.with_name(f"{self.guard.stem}.witnessed")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSection:
    """From which number on something stands out to auditors; 0: that is not looked for.

    Of one person in a day (UTC): `downloads_a_day`, and `documents_a_day`, different ones. `refusals` within `refusals_minutes`.
    `night_acts` from `night_from` to `night_until` (UTC, HH:MM). `failed_sign_ins` in a row.
    """

    downloads_a_day: int = 20
    documents_a_day: int = 30
    refusals: int = 8
    refusals_minutes: int = 10
    night_from: str = "20:00"
    night_until: str = "05:00"
    night_acts: int = 5
    failed_sign_ins: int = 5

    @property
    def night_minutes(self) -> tuple[int, int]:
        """The night in minutes of the day. `consistency` saw that these are times."""
        return minute_of_day(self.night_from), minute_of_day(self.night_until)


def minute_of_day(text: str) -> int:
    """ "20:15" → 1215. Raises `ValueError` for what is no time of day."""
    hour, _, minute = text.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdecimal()):
        raise ValueError(f"{text!r} is no time of day")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{text!r} is no time of day")
    return int(hour) * 60 + int(minute)
